/*
 * The age v1 format (c2sp.org/age): sealed bytes to plain ones.  Sees buffers
 * and secrets, not paths.  Identities, what opens, are in identity.h.
 */
#ifndef SEAL_SEAL_H
#define SEAL_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/status.h"
#include "seal/identity.h"

/* The bytes begin like an age file, binary or armored. */
bool		 seal_is_sealed(const uint8_t *, size_t n);

/*
 * Opens a whole sealed file.  Nothing of the content is released before all
 * of it was authenticated.  On STATUS_OK *plain is the caller's.
 */
enum status	 seal_open(const struct identities *, const uint8_t *sealed,
		    size_t n, struct secret **plain) MUST_CHECK;

#endif
