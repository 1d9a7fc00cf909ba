/*
 * File keys; see file_key.h.
 */
#include "seal/file_key.h"

#include <assert.h>

static const uint8_t zero_nonce[CRYPTO_NONCE];

struct secret *
file_key_new(void)
{
	struct secret *s = secret_new(FILE_KEY);

	if (crypto_random(secret_bytes(s), FILE_KEY))
		return s;
	secret_free(s);
	return NULL;
}

enum status
file_key_wrap(const struct secret *file_key, const uint8_t key[CRYPTO_KEY],
    const uint8_t *nonce, uint8_t wrapped[WRAPPED_KEY])
{
	struct span plain = { secret_read(file_key), FILE_KEY };
	struct span none = { .n = 0 };
	struct aead *aead = aead_new(key);
	bool ok;

	assert(secret_len(file_key) == FILE_KEY);
	ok = aead != NULL &&
	    aead_seal(aead, nonce != NULL ? nonce : zero_nonce, none, plain,
	    wrapped);
	aead_free(aead);
	return ok ? STATUS_OK : STATUS_CRYPTO;
}

enum status
file_key_unwrap(const uint8_t wrapped[WRAPPED_KEY],
    const uint8_t key[CRYPTO_KEY], const uint8_t *nonce,
    struct secret **file_key)
{
	struct secret *opened = secret_new(FILE_KEY);
	struct span body = { wrapped, WRAPPED_KEY }, none = { .n = 0 };
	struct aead *aead = aead_new(key);
	enum status status = STATUS_OK;

	if (aead == NULL)
		status = STATUS_CRYPTO;
	else if (!aead_open(aead, nonce != NULL ? nonce : zero_nonce, none,
	    body, secret_bytes(opened)))
		status = STATUS_NO_MATCH;
	aead_free(aead);
	if (status == STATUS_OK)
		*file_key = opened;
	else
		secret_free(opened);
	return status;
}
