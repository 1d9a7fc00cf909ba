/*
 * The key schedule of HPKE; see hpke.h.
 */
#include "seal/hpke.h"

#include <assert.h>
#include <string.h>

/* "HPKE", and the numbers of its algorithms. */
static const uint8_t suite[] = { 'H', 'P', 'K', 'E',
	0x64, 0x7a,	/* MLKEM768-X25519 */
	0x00, 0x01,	/* HKDF-SHA256 */
	0x00, 0x03,	/* ChaCha20-Poly1305 */
};

#define MODE_BASE	0x00
#define CONTEXT		(1 + 2 * CRYPTO_HASH)

/* The input of a hash: "HPKE-v1", the suite, a label and a value, and a bit. */
struct labeled {
	uint8_t bytes[2 + 7 + sizeof(suite) + 16 + CONTEXT + 1];
	size_t n;
};

static_assert(HPKE_INFO_MAX <= CONTEXT, "a value fits");

static void
put(struct labeled *l, struct span s)
{
	assert(s.n <= sizeof(l->bytes) - l->n);
	if (s.n != 0)
		memcpy(l->bytes + l->n, s.p, s.n);
	l->n += s.n;
}

static void
put_labeled(struct labeled *l, struct span label, struct span value)
{
	put(l, SPAN("HPKE-v1"));
	put(l, (struct span){ suite, sizeof(suite) });
	put(l, label);
	put(l, value);
}

/* LabeledExtract(), section 4; HKDF-Extract() is HMAC under the salt. */
static bool
extract(struct span salt, struct span label, struct span value,
    uint8_t out[CRYPTO_HASH])
{
	struct labeled l = { .n = 0 };

	put_labeled(&l, label, value);
	return crypto_hmac(salt, (struct span){ l.bytes, l.n }, out);
}

/*
 * LabeledExpand() to at most one hash: HKDF-Expand() is then a single HMAC
 * (RFC 5869 section 2.3).
 */
static bool
expand(const uint8_t secret[CRYPTO_HASH], struct span label,
    const uint8_t context[CONTEXT], uint8_t *out, size_t n)
{
	const uint8_t length[] = { 0, (uint8_t)n }, counter[] = { 1 };
	uint8_t block[CRYPTO_HASH];
	struct labeled l = { .n = 0 };
	bool ok;

	assert(n <= sizeof(block));
	put(&l, (struct span){ length, sizeof(length) });
	put_labeled(&l, label, (struct span){ context, CONTEXT });
	put(&l, (struct span){ counter, sizeof(counter) });
	ok = crypto_hmac((struct span){ secret, CRYPTO_HASH },
	    (struct span){ l.bytes, l.n }, block);
	memcpy(out, block, n);
	explicit_bzero(block, sizeof(block));
	return ok;
}

bool
hpke_schedule(const uint8_t shared[XWING_SHARED], struct span info,
    struct hpke *h)
{
	/* An absent salt is as many zeros as the hash has bytes. */
	static const uint8_t zero[CRYPTO_HASH];
	const struct span no_salt = { zero, sizeof(zero) }, none = { .n = 0 };
	uint8_t context[CONTEXT] = { MODE_BASE }, secret[CRYPTO_HASH];
	bool ok;

	assert(info.n <= HPKE_INFO_MAX);
	ok = extract(no_salt, SPAN("psk_id_hash"), none, context + 1) &&
	    extract(no_salt, SPAN("info_hash"), info,
	    context + 1 + CRYPTO_HASH) &&
	    extract((struct span){ shared, XWING_SHARED }, SPAN("secret"),
	    none, secret) &&
	    expand(secret, SPAN("key"), context, h->key, CRYPTO_KEY) &&
	    expand(secret, SPAN("base_nonce"), context, h->nonce,
	    CRYPTO_NONCE);
	explicit_bzero(secret, sizeof(secret));
	return ok;
}
