/*
 * The part of HPKE (RFC 9180) that the age format needs: in base mode, with
 * MLKEM768-X25519, HKDF-SHA256 and ChaCha20-Poly1305, the key and the nonce for
 * the one message of a context.
 */
#ifndef SEAL_HPKE_H
#define SEAL_HPKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "seal/crypto.h"
#include "seal/xwing.h"

/* The longest info taken. */
#define HPKE_INFO_MAX	64

struct hpke {
	uint8_t key[CRYPTO_KEY];
	uint8_t nonce[CRYPTO_NONCE];	/* of the first message */
};

/* Section 5.1.  False: the library failed. */
bool	hpke_schedule(const uint8_t shared[XWING_SHARED], struct span info,
	    struct hpke *) MUST_CHECK;

#endif
