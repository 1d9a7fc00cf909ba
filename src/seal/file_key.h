/*
 * The file key of an age file: 16 random bytes from which all its other keys
 * come, and how a stanza wraps it under the key that a recipient can derive.
 */
#ifndef SEAL_FILE_KEY_H
#define SEAL_FILE_KEY_H

#include <stdint.h>

#include "base/secret.h"
#include "base/status.h"
#include "seal/crypto.h"

#define FILE_KEY	16
#define WRAPPED_KEY	(FILE_KEY + CRYPTO_TAG)

/* NULL: the cryptographic library failed. */
struct secret	*file_key_new(void);

/*
 * A wrapping key is used only once: its nonce is given with it, or NULL for a
 * constant one of zeros.
 */
enum status	 file_key_wrap(const struct secret *file_key,
		    const uint8_t key[CRYPTO_KEY], const uint8_t *nonce,
		    uint8_t wrapped[WRAPPED_KEY]) MUST_CHECK;

/* STATUS_NO_MATCH: it was wrapped under another key. */
enum status	 file_key_unwrap(const uint8_t wrapped[WRAPPED_KEY],
		    const uint8_t key[CRYPTO_KEY], const uint8_t *nonce,
		    struct secret **file_key) MUST_CHECK;

#endif
