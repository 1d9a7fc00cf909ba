/*
 * X25519 recipients; see x25519.h.
 */
#include "seal/x25519.h"

#include <string.h>

#include "seal/base64.h"

#define WRAPPED	((size_t)FILE_KEY + CRYPTO_TAG)

/* A wrapping key serves once, so its nonce may be constant. */
static const uint8_t zero_nonce[CRYPTO_NONCE];

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

	if (s->n_args != 2 || s->n_body != WRAPPED || !read_share(s, share))
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

static enum status
open_body(const struct stanza *s, const uint8_t key[CRYPTO_KEY],
    struct secret **file_key)
{
	struct secret *opened = secret_new(FILE_KEY);
	struct span body = { s->body, s->n_body }, none = { .n = 0 };
	struct aead *aead = aead_new(key);
	enum status status = STATUS_OK;

	if (aead == NULL)
		status = STATUS_CRYPTO;
	else if (!aead_open(aead, zero_nonce, none, body,
	    secret_bytes(opened)))
		status = STATUS_NO_MATCH;
	aead_free(aead);
	if (status != STATUS_OK) {
		secret_free(opened);
		return status;
	}
	*file_key = opened;
	return STATUS_OK;
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
		status = open_body(s, key, file_key);
	else
		status = STATUS_CRYPTO;
	explicit_bzero(shared, sizeof(shared));
	explicit_bzero(key, sizeof(key));
	return status;
}
