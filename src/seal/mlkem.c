/*
 * ML-KEM-768 by OpenSSL; see mlkem.h.  Names are given as text, so that this
 * compiles with headers from before 3.5 and works with a later library.
 */
#include "seal/mlkem.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#define ALGORITHM	"ML-KEM-768"

/* Returns the result, with the library's error queue emptied. */
static bool
done(bool ok)
{
	if (!ok)
		ERR_clear_error();
	return ok;
}

bool
mlkem_offered(void)
{
	EVP_KEM *kem = EVP_KEM_fetch(NULL, ALGORITHM, NULL);

	EVP_KEM_free(kem);
	return done(kem != NULL);
}

/* The whole key; NULL: the library failed. */
static EVP_PKEY *
private_key(const uint8_t seed[MLKEM_SEED])
{
	static char name[] = "seed";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(name,
		    (void *)(uintptr_t)seed, MLKEM_SEED),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, ALGORITHM, NULL);
	EVP_PKEY *key = NULL;

	if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static EVP_PKEY *
public_key(const uint8_t key[MLKEM_KEY])
{
	return EVP_PKEY_new_raw_public_key_ex(NULL, ALGORITHM, NULL, key,
	    MLKEM_KEY);
}

bool
mlkem_public(const uint8_t seed[MLKEM_SEED], uint8_t key[MLKEM_KEY])
{
	EVP_PKEY *own = private_key(seed);
	size_t n = MLKEM_KEY;
	bool ok;

	ok = own != NULL && EVP_PKEY_get_raw_public_key(own, key, &n) == 1 &&
	    n == MLKEM_KEY;
	EVP_PKEY_free(own);
	return done(ok);
}

bool
mlkem_is_public(const uint8_t key[MLKEM_KEY])
{
	EVP_PKEY *parsed = public_key(key);

	EVP_PKEY_free(parsed);
	return done(parsed != NULL);
}

bool
mlkem_encapsulate(const uint8_t key[MLKEM_KEY],
    uint8_t ciphertext[MLKEM_CIPHERTEXT], uint8_t shared[MLKEM_SHARED])
{
	size_t n = MLKEM_CIPHERTEXT, n_shared = MLKEM_SHARED;
	EVP_PKEY *other = public_key(key);
	EVP_PKEY_CTX *ctx = NULL;
	bool ok;

	if (other != NULL)
		ctx = EVP_PKEY_CTX_new_from_pkey(NULL, other, NULL);
	ok = ctx != NULL && EVP_PKEY_encapsulate_init(ctx, NULL) == 1 &&
	    EVP_PKEY_encapsulate(ctx, ciphertext, &n, shared, &n_shared) ==
	    1 && n == MLKEM_CIPHERTEXT && n_shared == MLKEM_SHARED;
	if (!ok)
		explicit_bzero(shared, MLKEM_SHARED);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(other);
	return done(ok);
}

bool
mlkem_decapsulate(const uint8_t seed[MLKEM_SEED],
    const uint8_t ciphertext[MLKEM_CIPHERTEXT], uint8_t shared[MLKEM_SHARED])
{
	EVP_PKEY *own = private_key(seed);
	EVP_PKEY_CTX *ctx = NULL;
	size_t n = MLKEM_SHARED;
	bool ok;

	if (own != NULL)
		ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
	ok = ctx != NULL && EVP_PKEY_decapsulate_init(ctx, NULL) == 1 &&
	    EVP_PKEY_decapsulate(ctx, shared, &n, ciphertext,
	    MLKEM_CIPHERTEXT) == 1 && n == MLKEM_SHARED;
	if (!ok)
		explicit_bzero(shared, MLKEM_SHARED);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(own);
	return done(ok);
}
