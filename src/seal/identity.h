/*
 * Age identities, the secrets that open sealed files, as age-keygen writes
 * them; and making new ones.
 */
#ifndef SEAL_IDENTITY_H
#define SEAL_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/status.h"
#include "seal/header.h"

/* Room for the text of a recipient, "age1...", with its NUL. */
#define RECIPIENT_TEXT	64

struct identities;

struct identities *identities_new(void);

/* Wipes; NULL is fine. */
void		 identities_free(struct identities *);
size_t		 identities_count(const struct identities *);

/* The text of the i-th one's recipient, into RECIPIENT_TEXT bytes. */
void		 identities_recipient(const struct identities *, size_t i,
		    char *);

/*
 * Adds those of an identity file: one per line, "#" comments and empty lines.
 * STATUS_BAD_IDENTITY where a line is something else or there is none at all;
 * *line then counts from 1, 0 where there is none.  Nothing is added then.
 */
enum status	 identities_parse(struct identities *, const uint8_t *,
		    size_t n, unsigned *line) MUST_CHECK;

/*
 * A new X25519 identity.  *text, the caller's, is an identity file with the
 * time and the recipient in comments; recipient, RECIPIENT_TEXT bytes, is
 * what others seal to.  created is in seconds since 1970.
 */
enum status	 identity_generate(int64_t created, struct secret **text,
		    char *recipient) MUST_CHECK;

/*
 * The file key that a stanza of the header wraps for one of these.
 * STATUS_NO_MATCH, STATUS_HEADER (a stanza of a known kind is malformed).
 * The header's code is not verified here.
 */
enum status	 identities_unwrap(const struct identities *,
		    const struct header *, struct secret **file_key)
		    MUST_CHECK;

#endif
