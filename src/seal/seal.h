/*
 * The age v1 format (c2sp.org/age) for files that fit in memory: sealed bytes
 * to plain ones and back.  It sees buffers and secrets, not paths.  Identities,
 * which open files, are in identity.h; recipients, to which files are sealed,
 * in recipient.h; opener.h and sealer.h do the same for streams.
 */
#ifndef SEAL_SEAL_H
#define SEAL_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/secret.h"
#include "base/status.h"
#include "seal/identity.h"
#include "seal/opener.h"
#include "seal/recipient.h"

/* The bytes begin like an age file, binary or armored. */
bool		 seal_is_sealed(const uint8_t *, size_t n);

/*
 * Opens a whole sealed file.  Nothing of the content is released before all of
 * it was authenticated.  On STATUS_OK *plain is the caller's; a NUL, not
 * counted, follows it.  The fault, which may be NULL, gets the details of a
 * failure.
 */
enum status	 seal_open(const struct identities *, const uint8_t *sealed,
		    size_t n, struct secret **plain, struct seal_fault *)
		    MUST_CHECK;

/* Seals a whole file and appends it to the buffer. */
enum status	 seal_close(const struct recipients *, bool armored,
		    const uint8_t *plain, size_t n, struct buf *sealed)
		    MUST_CHECK;

/*
 * Adds the identities of a file that may itself be sealed; the identities that
 * open it are in another set, or the same.  Errors as of identities_parse() and
 * seal_open().
 */
enum status	 seal_read_identities(struct identities *,
		    const struct identities *by, const uint8_t *, size_t n,
		    struct seal_fault *) MUST_CHECK;

#endif
