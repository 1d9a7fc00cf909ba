/*
 * Recipients; see recipient.h.
 */
#include "seal/recipient.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "seal/bech32.h"
#include "seal/foreign.h"
#include "seal/hybrid.h"
#include "seal/lines.h"
#include "seal/passphrase.h"
#include "seal/x25519.h"

#define PREFIX		TEXT("age")
#define HYBRID_PREFIX	TEXT("age1pq")

struct recipients {
	struct recipient *v;
	size_t n;
	struct secret *passphrase;	/* instead of public ones */
	unsigned log_n;
};

static_assert(RECIPIENT_TEXT > BECH32_LEN(6, XWING_KEY),
    "a recipient fits its text");

struct recipients *
recipients_new(void)
{
	return xcalloc(1, sizeof(struct recipients));
}

void
recipients_free(struct recipients *r)
{
	if (r == NULL)
		return;
	secret_free(r->passphrase);
	free(r->v);
	free(r);
}

size_t
recipients_count(const struct recipients *r)
{
	return r->passphrase != NULL ? 1 : r->n;
}

void
recipients_add_key(struct recipients *r, const struct recipient *key)
{
	assert(r->passphrase == NULL);
	r->v = xreallocarray(r->v, r->n + 1, sizeof(*r->v));
	r->v[r->n++] = *key;
}

static enum status
decode(struct text t, struct text prefix, uint8_t *key, size_t n)
{
	switch (bech32_decode(t, prefix, key, n)) {
	case BECH32_OK:
		/* "AGE1..." is valid Bech32, but no recipient. */
		return t.p[0] == 'a' ? STATUS_OK : STATUS_BAD_RECIPIENT;
	case BECH32_CHECKSUM:
		return STATUS_MISTYPED_RECIPIENT;
	case BECH32_PREFIX:
	case BECH32_FORM:
		break;
	}
	return foreign_recipient(t);
}

static enum status
decode_hybrid(struct text t, struct recipient *key)
{
	enum status status;

	if (!mlkem_offered())
		return STATUS_NO_MLKEM;
	key->kind = RECIPIENT_HYBRID;
	status = decode(t, HYBRID_PREFIX, key->key.hybrid, XWING_KEY);
	if (status == STATUS_OK && !xwing_is_public(key->key.hybrid))
		status = STATUS_BAD_RECIPIENT;
	return status;
}

/* Points of small order are refused when a file key is wrapped for them. */
enum status
recipients_add(struct recipients *r, struct text t)
{
	struct recipient key = { .kind = RECIPIENT_X25519 };
	enum status status;

	if (text_starts_with(t, TEXT("age1pq1")))
		status = decode_hybrid(t, &key);
	else
		status = decode(t, PREFIX, key.key.point, CRYPTO_POINT);
	if (status == STATUS_OK)
		recipients_add_key(r, &key);
	return status;
}

enum status
recipients_parse(struct recipients *r, const uint8_t *p, size_t n,
    unsigned *line_number)
{
	struct text text = { .p = (const char *)p, .n = n };
	struct lines lines = lines_of(text);
	struct text line;
	enum status status;
	size_t before = r->n;

	*line_number = 1;
	if (encoding_is_utf16(text))
		return STATUS_UTF16;
	while (lines_next(&lines, &line)) {
		if ((status = recipients_add(r, line)) != STATUS_OK) {
			r->n = before;
			*line_number = lines.number;
			return status;
		}
	}
	*line_number = 0;
	return r->n > before ? STATUS_OK : STATUS_BAD_RECIPIENT;
}

void
recipients_set_passphrase(struct recipients *r, struct secret *passphrase,
    unsigned log_n)
{
	assert(recipients_count(r) == 0);
	r->passphrase = passphrase;
	r->log_n = log_n;
}

void
recipient_format(const struct recipient *r, char *text)
{
	switch (r->kind) {
	case RECIPIENT_X25519:
		bech32_encode(PREFIX, r->key.point, CRYPTO_POINT, text);
		break;
	case RECIPIENT_HYBRID:
		bech32_encode(HYBRID_PREFIX, r->key.hybrid, XWING_KEY, text);
		break;
	}
}

void
recipients_text(const struct recipients *r, size_t i, char *text)
{
	assert(i < recipients_count(r));
	if (r->passphrase != NULL)
		*text = '\0';
	else
		recipient_format(&r->v[i], text);
}

static bool
are_mixed(const struct recipients *r)
{
	for (size_t i = 1; i < r->n; i++) {
		if (r->v[i].kind != r->v[0].kind)
			return true;
	}
	return false;
}

static enum status
wrap(const struct recipient *r, const struct secret *file_key,
    struct buf *header)
{
	enum status status = STATUS_OK;

	switch (r->kind) {
	case RECIPIENT_X25519:
		status = x25519_wrap(file_key, r->key.point, header);
		break;
	case RECIPIENT_HYBRID:
		status = hybrid_wrap(file_key, r->key.hybrid, header);
		break;
	}
	return status;
}

enum status
recipients_wrap(const struct recipients *r, const struct secret *file_key,
    struct buf *header)
{
	enum status status = STATUS_OK;

	assert(recipients_count(r) != 0);
	if (r->passphrase != NULL)
		return passphrase_wrap(file_key, r->passphrase, r->log_n,
		    header);
	if (are_mixed(r))
		return STATUS_MIXED_RECIPIENTS;
	for (size_t i = 0; i < r->n && status == STATUS_OK; i++)
		status = wrap(&r->v[i], file_key, header);
	return status;
}
