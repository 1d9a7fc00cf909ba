/*
 * MLKEM768-X25519; see xwing.h.
 */
#include "seal/xwing.h"

#include <assert.h>
#include <string.h>

/* The private keys of both, out of one seed. */
struct expanded {
	uint8_t mlkem[MLKEM_SEED];
	uint8_t scalar[CRYPTO_POINT];
};

static_assert(sizeof(struct expanded) == MLKEM_SEED + CRYPTO_POINT,
    "one hash fills it");

/* The input of the hash that gives the shared secret, in this order. */
struct combined {
	uint8_t mlkem[MLKEM_SHARED];
	uint8_t x25519[CRYPTO_POINT];
	uint8_t share[CRYPTO_POINT];
	uint8_t point[CRYPTO_POINT];
	uint8_t label[6];
};

static_assert(sizeof(struct combined) == 4 * 32 + 6, "nothing in between");

static const uint8_t label[6] = { '\\', '.', '/', '/', '^', '\\' };

static bool
expand(const uint8_t seed[XWING_SEED], struct expanded *e)
{
	return crypto_shake((struct span){ seed, XWING_SEED }, (uint8_t *)e,
	    sizeof(*e));
}

/* The secrets of both are in c already. */
static enum status
combine(struct combined *c, const uint8_t share[CRYPTO_POINT],
    const uint8_t point[CRYPTO_POINT], uint8_t shared[XWING_SHARED])
{
	memcpy(c->share, share, CRYPTO_POINT);
	memcpy(c->point, point, CRYPTO_POINT);
	memcpy(c->label, label, sizeof(label));
	return crypto_sha3((struct span){ (const uint8_t *)c, sizeof(*c) },
	    shared) ? STATUS_OK : STATUS_CRYPTO;
}

bool
xwing_public(const uint8_t seed[XWING_SEED], uint8_t key[XWING_KEY])
{
	struct expanded e;
	bool ok;

	ok = expand(seed, &e) && mlkem_public(e.mlkem, key) &&
	    crypto_x25519_public(e.scalar, key + MLKEM_KEY);
	explicit_bzero(&e, sizeof(e));
	return ok;
}

bool
xwing_is_public(const uint8_t key[XWING_KEY])
{
	return mlkem_is_public(key);
}

enum status
xwing_encapsulate(const uint8_t key[XWING_KEY],
    uint8_t ciphertext[XWING_CIPHERTEXT], uint8_t shared[XWING_SHARED])
{
	const uint8_t *point = key + MLKEM_KEY;
	uint8_t *share = ciphertext + MLKEM_CIPHERTEXT;
	uint8_t scalar[CRYPTO_POINT];
	struct combined c;
	enum status status;

	if (!crypto_random(scalar, sizeof(scalar)) ||
	    !crypto_x25519_public(scalar, share))
		status = STATUS_CRYPTO;
	else if (!crypto_x25519(scalar, point, c.x25519))
		status = STATUS_BAD_RECIPIENT;
	else if (!mlkem_encapsulate(key, ciphertext, c.mlkem))
		status = STATUS_CRYPTO;
	else
		status = combine(&c, share, point, shared);
	explicit_bzero(scalar, sizeof(scalar));
	explicit_bzero(&c, sizeof(c));
	return status;
}

enum status
xwing_decapsulate(const uint8_t seed[XWING_SEED],
    const uint8_t ciphertext[XWING_CIPHERTEXT], uint8_t shared[XWING_SHARED])
{
	const uint8_t *share = ciphertext + MLKEM_CIPHERTEXT;
	uint8_t point[CRYPTO_POINT];
	struct expanded e;
	struct combined c;
	enum status status;

	if (!expand(seed, &e) || !crypto_x25519_public(e.scalar, point))
		status = STATUS_CRYPTO;
	else if (!crypto_x25519(e.scalar, share, c.x25519))
		status = STATUS_HEADER;
	else if (!mlkem_decapsulate(e.mlkem, ciphertext, c.mlkem))
		status = STATUS_CRYPTO;
	else
		status = combine(&c, share, point, shared);
	explicit_bzero(&e, sizeof(e));
	explicit_bzero(&c, sizeof(c));
	return status;
}
