/*
 * X25519 recipients; see x25519.h.
 */
#include "seal/x25519.h"

#include <string.h>

#include "base/base64.h"
#include "seal/file_key.h"

bool
x25519_is(const struct stanza *s)
{
	return text_eq(s->args[0], TEXT("X25519"));
}

static bool
read_share(const struct stanza *s, uint8_t share[CRYPTO_POINT])
{
	uint8_t bytes[BASE64_ROOM(BASE64_LEN(CRYPTO_POINT))];
	size_t n = sizeof(bytes);

	if (!base64_decode(s->args[1], bytes, &n) || n != CRYPTO_POINT)
		return false;
	memcpy(share, bytes, CRYPTO_POINT);
	return true;
}

enum status
x25519_check(const struct stanza *s)
{
	uint8_t share[CRYPTO_POINT];

	if (s->n_args != 2 || s->n_body != WRAPPED_KEY || !read_share(s, share))
		return STATUS_HEADER;
	return STATUS_OK;
}

static bool
wrapping_key(const uint8_t shared[CRYPTO_POINT],
    const uint8_t share[CRYPTO_POINT], const uint8_t recipient[CRYPTO_POINT],
    uint8_t key[CRYPTO_KEY])
{
	uint8_t salt[2 * CRYPTO_POINT];

	memcpy(salt, share, CRYPTO_POINT);
	memcpy(salt + CRYPTO_POINT, recipient, CRYPTO_POINT);
	return crypto_hkdf((struct span){ shared, CRYPTO_POINT },
	    (struct span){ salt, sizeof(salt) },
	    SPAN("age-encryption.org/v1/X25519"), key, CRYPTO_KEY);
}

enum status
x25519_unwrap(const struct stanza *s, const struct secret *scalar,
    const uint8_t recipient[CRYPTO_POINT], struct secret **file_key)
{
	uint8_t share[CRYPTO_POINT], shared[CRYPTO_POINT], key[CRYPTO_KEY];
	enum status status;

	if (!read_share(s, share) ||
	    !crypto_x25519(secret_read(scalar), share, shared))
		return STATUS_HEADER;
	if (wrapping_key(shared, share, recipient, key))
		status = file_key_unwrap(s->body, key, NULL, file_key);
	else
		status = STATUS_CRYPTO;
	explicit_bzero(shared, sizeof(shared));
	explicit_bzero(key, sizeof(key));
	return status;
}

static void
write_stanza(struct buf *header, const uint8_t share[CRYPTO_POINT],
    const uint8_t wrapped[WRAPPED_KEY])
{
	char text[BASE64_LEN(CRYPTO_POINT)];
	const struct text args[] = {
		TEXT("X25519"),
		{ .p = text, .n = sizeof(text) },
	};

	base64_encode(share, CRYPTO_POINT, text);
	header_write_stanza(header, args, 2,
	    (struct span){ wrapped, WRAPPED_KEY });
}

/* The wrapping key of a new share. */
static enum status
new_share(const uint8_t recipient[CRYPTO_POINT], uint8_t share[CRYPTO_POINT],
    uint8_t key[CRYPTO_KEY])
{
	uint8_t scalar[CRYPTO_POINT], shared[CRYPTO_POINT];
	enum status status = STATUS_OK;

	if (!crypto_random(scalar, sizeof(scalar)) ||
	    !crypto_x25519_public(scalar, share))
		status = STATUS_CRYPTO;
	else if (!crypto_x25519(scalar, recipient, shared))
		status = STATUS_BAD_RECIPIENT;
	else if (!wrapping_key(shared, share, recipient, key))
		status = STATUS_CRYPTO;
	explicit_bzero(scalar, sizeof(scalar));
	explicit_bzero(shared, sizeof(shared));
	return status;
}

enum status
x25519_wrap(const struct secret *file_key,
    const uint8_t recipient[CRYPTO_POINT], struct buf *header)
{
	uint8_t share[CRYPTO_POINT], key[CRYPTO_KEY], wrapped[WRAPPED_KEY];
	enum status status;

	status = new_share(recipient, share, key);
	if (status == STATUS_OK)
		status = file_key_wrap(file_key, key, NULL, wrapped);
	if (status == STATUS_OK)
		write_stanza(header, share, wrapped);
	explicit_bzero(key, sizeof(key));
	return status;
}
