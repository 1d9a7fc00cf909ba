/*
 * The age v1 format (c2sp.org/age): sealed bytes to plain ones.  Sees buffers
 * and secrets, not paths.
 */
#ifndef SEAL_SEAL_H
#define SEAL_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/status.h"
#include "base/text.h"

/* A set of age identities, the secrets that open sealed files. */
struct identities;

struct identities *identities_new(void);

/* Wipes; NULL is fine. */
void		 identities_free(struct identities *);
size_t		 identities_count(const struct identities *);

/*
 * Adds those of an identity file as age-keygen writes it: one per line, "#"
 * comments and empty lines.  STATUS_BAD_IDENTITY sets *line, from 1.
 */
enum status	 identities_parse(struct identities *, const uint8_t *,
		    size_t n, unsigned *line) MUST_CHECK;

/* The bytes begin like an age file, binary or armored. */
bool		 seal_is_sealed(const uint8_t *, size_t n);

/*
 * Opens a whole sealed file.  Nothing of the content is released before all
 * of it was authenticated.  On STATUS_OK *plain is the caller's.
 */
enum status	 seal_open(const struct identities *, const uint8_t *sealed,
		    size_t n, struct secret **plain) MUST_CHECK;

#endif
