/*
 * Cryptography by OpenSSL; see crypto.h.
 */
#include "seal/crypto.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "base/alloc.h"

struct aead {
	EVP_CIPHER_CTX *ctx;
};

static struct {
	EVP_CIPHER *chacha;
	EVP_KDF *hkdf;
	EVP_KDF *scrypt;
	EVP_MAC *hmac;
	EVP_MD *sha3, *shake;		/* fetched when first used */
} fetched;

static bool
fetch(void)
{
	if (fetched.chacha == NULL)
		fetched.chacha = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305",
		    NULL);
	if (fetched.hkdf == NULL)
		fetched.hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	if (fetched.scrypt == NULL)
		fetched.scrypt = EVP_KDF_fetch(NULL, "SCRYPT", NULL);
	if (fetched.hmac == NULL)
		fetched.hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	return fetched.chacha != NULL && fetched.hkdf != NULL &&
	    fetched.scrypt != NULL && fetched.hmac != NULL;
}

/* Returns the result, with the library's error queue emptied. */
static bool
done(bool ok)
{
	if (!ok)
		ERR_clear_error();
	return ok;
}

/*
 * OpenSSL's parameters are not const where they are only read, and a NULL in
 * one is a fault even where it stands for no bytes.
 */
static OSSL_PARAM
param_octets(const char *name, struct span s)
{
	static uint8_t nothing[1];

	return OSSL_PARAM_construct_octet_string(name,
	    s.n != 0 ? (void *)(uintptr_t)s.p : nothing, s.n);
}

static OSSL_PARAM
param_digest(const char *name)
{
	static char sha256[] = "SHA256";

	return OSSL_PARAM_construct_utf8_string(name, sha256, 0);
}

bool
crypto_random(uint8_t *out, size_t n)
{
	return done(n <= INT_MAX && RAND_priv_bytes(out, (int)n) == 1);
}

static bool
derive_key(EVP_KDF *kdf, const OSSL_PARAM *params, uint8_t *out, size_t n)
{
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	bool ok;

	ok = ctx != NULL && EVP_KDF_derive(ctx, out, n, params) == 1;
	EVP_KDF_CTX_free(ctx);
	return ok;
}

bool
crypto_hkdf(struct span ikm, struct span salt, struct span info, uint8_t *out,
    size_t n)
{
	OSSL_PARAM params[] = {
		param_digest(OSSL_KDF_PARAM_DIGEST),
		param_octets(OSSL_KDF_PARAM_KEY, ikm),
		param_octets(OSSL_KDF_PARAM_SALT, salt),
		param_octets(OSSL_KDF_PARAM_INFO, info),
		OSSL_PARAM_construct_end(),
	};

	return done(fetch() && derive_key(fetched.hkdf, params, out, n));
}

bool
crypto_scrypt(struct span passphrase, struct span salt, unsigned log_n,
    uint8_t key[CRYPTO_KEY])
{
	uint64_t n = UINT64_C(1) << log_n;
	/* OpenSSL takes 1024 * (N + 3) bytes, and by itself allows 32 MiB. */
	uint64_t memory = 1024 * (n + 16);
	uint32_t r = 8, p = 1;
	OSSL_PARAM params[] = {
		param_octets(OSSL_KDF_PARAM_PASSWORD, passphrase),
		param_octets(OSSL_KDF_PARAM_SALT, salt),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM,
		    &memory),
		OSSL_PARAM_construct_end(),
	};

	return done(fetch() && derive_key(fetched.scrypt, params, key,
	    CRYPTO_KEY));
}

bool
crypto_hmac(struct span key, struct span data, uint8_t out[CRYPTO_HASH])
{
	OSSL_PARAM params[] = {
		param_digest(OSSL_MAC_PARAM_DIGEST),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *ctx;
	size_t n;
	bool ok;

	if (!fetch() || (ctx = EVP_MAC_CTX_new(fetched.hmac)) == NULL)
		return done(false);
	ok = EVP_MAC_init(ctx, key.p, key.n, params) == 1 &&
	    EVP_MAC_update(ctx, data.p, data.n) == 1 &&
	    EVP_MAC_final(ctx, out, &n, CRYPTO_HASH) == 1 && n == CRYPTO_HASH;
	EVP_MAC_CTX_free(ctx);
	return done(ok);
}

/* n is the length of the hash, unless it is extendable. */
static bool
hash(EVP_MD **md, const char *name, struct span data, uint8_t *out, size_t n)
{
	EVP_MD_CTX *ctx;
	bool ok;

	if (*md == NULL && (*md = EVP_MD_fetch(NULL, name, NULL)) == NULL)
		return done(false);
	ctx = EVP_MD_CTX_new();
	ok = ctx != NULL && EVP_DigestInit_ex2(ctx, *md, NULL) == 1 &&
	    EVP_DigestUpdate(ctx, data.p, data.n) == 1;
	if (ok && (EVP_MD_get_flags(*md) & EVP_MD_FLAG_XOF) != 0)
		ok = EVP_DigestFinalXOF(ctx, out, n) == 1;
	else if (ok)
		ok = EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return done(ok);
}

bool
crypto_sha3(struct span data, uint8_t out[CRYPTO_HASH])
{
	return hash(&fetched.sha3, "SHA3-256", data, out, CRYPTO_HASH);
}

bool
crypto_shake(struct span data, uint8_t *out, size_t n)
{
	return hash(&fetched.shake, "SHAKE256", data, out, n);
}

static EVP_PKEY *
scalar_key(const uint8_t scalar[CRYPTO_POINT])
{
	return EVP_PKEY_new_raw_private_key_ex(NULL, "X25519", NULL, scalar,
	    CRYPTO_POINT);
}

static bool
derive(EVP_PKEY *own, EVP_PKEY *other, uint8_t shared[CRYPTO_POINT])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
	size_t n = CRYPTO_POINT;
	bool ok;

	ok = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
	    EVP_PKEY_derive_set_peer(ctx, other) == 1 &&
	    EVP_PKEY_derive(ctx, shared, &n) == 1 && n == CRYPTO_POINT;
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

bool
crypto_x25519(const uint8_t scalar[CRYPTO_POINT],
    const uint8_t point[CRYPTO_POINT], uint8_t shared[CRYPTO_POINT])
{
	static const uint8_t zero[CRYPTO_POINT];
	EVP_PKEY *own = scalar_key(scalar);
	EVP_PKEY *other = EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL,
	    point, CRYPTO_POINT);
	bool ok;

	ok = own != NULL && other != NULL && derive(own, other, shared) &&
	    CRYPTO_memcmp(shared, zero, CRYPTO_POINT) != 0;
	if (!ok)
		explicit_bzero(shared, CRYPTO_POINT);
	EVP_PKEY_free(own);
	EVP_PKEY_free(other);
	return done(ok);
}

bool
crypto_x25519_public(const uint8_t scalar[CRYPTO_POINT],
    uint8_t point[CRYPTO_POINT])
{
	EVP_PKEY *own = scalar_key(scalar);
	size_t n = CRYPTO_POINT;
	bool ok;

	ok = own != NULL && EVP_PKEY_get_raw_public_key(own, point, &n) == 1 &&
	    n == CRYPTO_POINT;
	EVP_PKEY_free(own);
	return done(ok);
}

struct aead *
aead_new(const uint8_t key[CRYPTO_KEY])
{
	struct aead *a = xcalloc(1, sizeof(*a));

	if (fetch() && (a->ctx = EVP_CIPHER_CTX_new()) != NULL &&
	    EVP_CipherInit_ex2(a->ctx, fetched.chacha, key, NULL, 1, NULL) ==
	    1)
		return a;
	aead_free(a);
	done(false);
	return NULL;
}

void
aead_free(struct aead *a)
{
	if (a == NULL)
		return;
	EVP_CIPHER_CTX_free(a->ctx);
	free(a);
}

/* Everything before the tag. */
static bool
run(struct aead *a, int sealing, const uint8_t nonce[CRYPTO_NONCE],
    struct span aad, struct span in, uint8_t *out)
{
	int n;

	assert(aad.n <= INT_MAX && in.n <= INT_MAX);
	if (EVP_CipherInit_ex2(a->ctx, NULL, NULL, nonce, sealing, NULL) != 1)
		return false;
	if (aad.n != 0 &&
	    EVP_CipherUpdate(a->ctx, NULL, &n, aad.p, (int)aad.n) != 1)
		return false;
	return in.n == 0 ||
	    EVP_CipherUpdate(a->ctx, out, &n, in.p, (int)in.n) == 1;
}

bool
aead_seal(struct aead *a, const uint8_t nonce[CRYPTO_NONCE], struct span aad,
    struct span plain, uint8_t *out)
{
	int n;

	return done(run(a, 1, nonce, aad, plain, out) &&
	    EVP_CipherFinal_ex(a->ctx, out + plain.n, &n) == 1 &&
	    EVP_CIPHER_CTX_ctrl(a->ctx, EVP_CTRL_AEAD_GET_TAG, CRYPTO_TAG,
	    out + plain.n) == 1);
}

bool
aead_open(struct aead *a, const uint8_t nonce[CRYPTO_NONCE], struct span aad,
    struct span sealed, uint8_t *out)
{
	uint8_t tag[CRYPTO_TAG], none[CRYPTO_TAG];
	struct span in;
	bool ok;
	int n;

	if (sealed.n < CRYPTO_TAG)
		return false;
	in = (struct span){ .p = sealed.p, .n = sealed.n - CRYPTO_TAG };
	memcpy(tag, sealed.p + in.n, CRYPTO_TAG);
	ok = run(a, 0, nonce, aad, in, out) &&
	    EVP_CIPHER_CTX_ctrl(a->ctx, EVP_CTRL_AEAD_SET_TAG, CRYPTO_TAG,
	    tag) == 1 && EVP_CipherFinal_ex(a->ctx, none, &n) == 1;
	if (!ok && in.n != 0)
		explicit_bzero(out, in.n);
	return done(ok);
}
