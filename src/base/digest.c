/*
 * SHA-256, by OpenSSL; see digest.h.
 */
#include "base/digest.h"

#include <openssl/evp.h>

bool
digest_sha256(const void *p, size_t n, uint8_t *out)
{
	return EVP_Digest(p, n, out, NULL, EVP_sha256(), NULL) == 1;
}
