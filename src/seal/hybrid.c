/*
 * Post-quantum recipients; see hybrid.h.
 */
#include "seal/hybrid.h"

#include <string.h>

#include "base/base64.h"
#include "seal/file_key.h"
#include "seal/hpke.h"

#define TYPE	"mlkem768x25519"
#define INFO	SPAN("age-encryption.org/mlkem768x25519")

bool
hybrid_is(const struct stanza *s)
{
	return text_eq(s->args[0], TEXT(TYPE));
}

/* The second argument; room for BASE64_ROOM() of it. */
static bool
read_enc(const struct stanza *s,
    uint8_t enc[BASE64_ROOM(BASE64_LEN(XWING_CIPHERTEXT))])
{
	size_t n = BASE64_ROOM(BASE64_LEN(XWING_CIPHERTEXT));

	return base64_decode(s->args[1], enc, &n) && n == XWING_CIPHERTEXT;
}

enum status
hybrid_check(const struct stanza *s)
{
	uint8_t enc[BASE64_ROOM(BASE64_LEN(XWING_CIPHERTEXT))];

	if (s->n_args != 2 || s->n_body != WRAPPED_KEY || !read_enc(s, enc))
		return STATUS_HEADER;
	return STATUS_OK;
}

enum status
hybrid_unwrap(const struct stanza *s, const struct secret *seed,
    struct secret **file_key)
{
	uint8_t enc[BASE64_ROOM(BASE64_LEN(XWING_CIPHERTEXT))];
	uint8_t shared[XWING_SHARED];
	struct hpke h;
	enum status status;

	if (!read_enc(s, enc))
		return STATUS_HEADER;
	status = xwing_decapsulate(secret_read(seed), enc, shared);
	if (status == STATUS_OK && !hpke_schedule(shared, INFO, &h))
		status = STATUS_CRYPTO;
	if (status == STATUS_OK)
		status = file_key_unwrap(s->body, h.key, h.nonce, file_key);
	explicit_bzero(shared, sizeof(shared));
	explicit_bzero(&h, sizeof(h));
	return status;
}

static void
write_stanza(struct buf *header, const uint8_t enc[XWING_CIPHERTEXT],
    const uint8_t wrapped[WRAPPED_KEY])
{
	char text[BASE64_LEN(XWING_CIPHERTEXT)];
	const struct text args[] = {
		TEXT(TYPE),
		{ .p = text, .n = sizeof(text) },
	};

	base64_encode(enc, XWING_CIPHERTEXT, text);
	header_write_stanza(header, args, 2,
	    (struct span){ wrapped, WRAPPED_KEY });
}

enum status
hybrid_wrap(const struct secret *file_key, const uint8_t recipient[XWING_KEY],
    struct buf *header)
{
	uint8_t enc[XWING_CIPHERTEXT], shared[XWING_SHARED];
	uint8_t wrapped[WRAPPED_KEY];
	struct hpke h;
	enum status status;

	status = xwing_encapsulate(recipient, enc, shared);
	if (status == STATUS_OK && !hpke_schedule(shared, INFO, &h))
		status = STATUS_CRYPTO;
	if (status == STATUS_OK)
		status = file_key_wrap(file_key, h.key, h.nonce, wrapped);
	if (status == STATUS_OK)
		write_stanza(header, enc, wrapped);
	explicit_bzero(shared, sizeof(shared));
	explicit_bzero(&h, sizeof(h));
	return status;
}
