/*
 * ML-KEM-768 (FIPS 203), where the cryptographic library that this process runs
 * with has it: OpenSSL since 3.5.  Elsewhere mlkem_offered() is false and no
 * other function may be called.  Unless said otherwise, false from the others
 * means that the library failed.
 */
#ifndef SEAL_MLKEM_H
#define SEAL_MLKEM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

#define MLKEM_SEED		64	/* the source of a private key */
#define MLKEM_KEY		1184	/* a public key */
#define MLKEM_CIPHERTEXT	1088
#define MLKEM_SHARED		32

bool	mlkem_offered(void);

/* The public key of a seed, d || z. */
bool	mlkem_public(const uint8_t seed[MLKEM_SEED], uint8_t key[MLKEM_KEY])
	    MUST_CHECK;

/* The bytes are a public key: every coefficient is reduced. */
bool	mlkem_is_public(const uint8_t key[MLKEM_KEY]);

/* A new shared secret, and the ciphertext that gives it to the key's owner. */
bool	mlkem_encapsulate(const uint8_t key[MLKEM_KEY],
	    uint8_t ciphertext[MLKEM_CIPHERTEXT],
	    uint8_t shared[MLKEM_SHARED]) MUST_CHECK;

/*
 * The shared secret of a ciphertext.  One for another key, or an altered one,
 * is no failure: it gives another secret.
 */
bool	mlkem_decapsulate(const uint8_t seed[MLKEM_SEED],
	    const uint8_t ciphertext[MLKEM_CIPHERTEXT],
	    uint8_t shared[MLKEM_SHARED]) MUST_CHECK;

#endif
