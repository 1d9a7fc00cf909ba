/*
 * The key encapsulation MLKEM768-X25519, also called X-Wing: ML-KEM-768 and
 * X25519 together, so that the shared secret holds as long as one of them
 * does.  draft-irtf-cfrg-concrete-hybrid-kems; HPKE knows it as 0x647a
 * (draft-ietf-hpke-pq).
 *
 * Nothing here may be called unless mlkem_offered().
 */
#ifndef SEAL_XWING_H
#define SEAL_XWING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "seal/crypto.h"
#include "seal/mlkem.h"

#define XWING_SEED		32	/* a private key */
#define XWING_KEY		(MLKEM_KEY + CRYPTO_POINT)
#define XWING_CIPHERTEXT	(MLKEM_CIPHERTEXT + CRYPTO_POINT)
#define XWING_SHARED		32

/* False: the library failed. */
bool		xwing_public(const uint8_t seed[XWING_SEED],
		    uint8_t key[XWING_KEY]) MUST_CHECK;

/* The bytes are a public key; the order of its point is not checked. */
bool		xwing_is_public(const uint8_t key[XWING_KEY]);

/* STATUS_BAD_RECIPIENT: the key's point is of small order. */
enum status	xwing_encapsulate(const uint8_t key[XWING_KEY],
		    uint8_t ciphertext[XWING_CIPHERTEXT],
		    uint8_t shared[XWING_SHARED]) MUST_CHECK;

/*
 * STATUS_HEADER: a point of small order.  A ciphertext for another key gives
 * another secret.
 */
enum status	xwing_decapsulate(const uint8_t seed[XWING_SEED],
		    const uint8_t ciphertext[XWING_CIPHERTEXT],
		    uint8_t shared[XWING_SHARED]) MUST_CHECK;

#endif
