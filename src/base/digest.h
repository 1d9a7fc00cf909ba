/*
 * SHA-256 (FIPS 180-4), for all but TLS and the age format.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define DIGEST_SIZE	32

/*
 * The digest of n bytes, into DIGEST_SIZE bytes.  False without memory, or
 * where the configuration of OpenSSL has disabled SHA-256.
 */
bool	digest_sha256(const void *, size_t n, uint8_t *out) MUST_CHECK;

#endif
