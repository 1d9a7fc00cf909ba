/*
 * The primitives of the age format, by OpenSSL's EVP.  Each algorithm is
 * fetched once, at its first use; those handles are the only state of the
 * process kept here.  Unless said otherwise, false means that the library
 * failed; its error queue is left empty, so that TLS finds nothing in it later.
 */
#ifndef SEAL_CRYPTO_H
#define SEAL_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define CRYPTO_HASH	32	/* SHA-256 */
#define CRYPTO_KEY	32
#define CRYPTO_POINT	32	/* X25519, the scalar too */
#define CRYPTO_NONCE	12
#define CRYPTO_TAG	16

/* Bytes that are borrowed. */
struct span {
	const uint8_t *p;
	size_t n;
};

/* The bytes of a string literal. */
#define SPAN(literal) \
	((struct span){ .p = (const uint8_t *)"" literal, \
	    .n = sizeof(literal) - 1 })

bool	crypto_random(uint8_t *, size_t n) MUST_CHECK;

/* n at most 255 * 32 (RFC 5869). */
bool	crypto_hkdf(struct span ikm, struct span salt, struct span info,
	    uint8_t *out, size_t n) MUST_CHECK;
bool	crypto_hmac(struct span key, struct span data,
	    uint8_t out[CRYPTO_HASH]) MUST_CHECK;

/* SHA3-256, and n bytes of SHAKE256 (FIPS 202). */
bool	crypto_sha3(struct span data, uint8_t out[CRYPTO_HASH]) MUST_CHECK;
bool	crypto_shake(struct span data, uint8_t *out, size_t n) MUST_CHECK;

/* RFC 7914 with N = 2^log_n, r = 8, p = 1: takes 2^log_n KiB of memory. */
bool	crypto_scrypt(struct span passphrase, struct span salt,
	    unsigned log_n, uint8_t key[CRYPTO_KEY]) MUST_CHECK;

/*
 * RFC 7748.  False also where the shared secret is all zero, as for points
 * of small order: age wants that refused.
 */
bool	crypto_x25519(const uint8_t scalar[CRYPTO_POINT],
	    const uint8_t point[CRYPTO_POINT], uint8_t shared[CRYPTO_POINT])
	    MUST_CHECK;
bool	crypto_x25519_public(const uint8_t scalar[CRYPTO_POINT],
	    uint8_t point[CRYPTO_POINT]) MUST_CHECK;

/* ChaCha20-Poly1305 (RFC 8439) under one key. */
struct aead;

/* NULL: the library failed. */
struct aead *aead_new(const uint8_t key[CRYPTO_KEY]);

/* NULL is fine. */
void	aead_free(struct aead *);

/* Writes plain.n + CRYPTO_TAG bytes. */
bool	aead_seal(struct aead *, const uint8_t nonce[CRYPTO_NONCE],
	    struct span aad, struct span plain, uint8_t *out) MUST_CHECK;

/*
 * Writes sealed.n - CRYPTO_TAG bytes.  False where they are not authentic; out
 * is wiped then.
 */
bool	aead_open(struct aead *, const uint8_t nonce[CRYPTO_NONCE],
	    struct span aad, struct span sealed, uint8_t *out) MUST_CHECK;

#endif
