/*
 * Age identities, the secrets that open sealed files: X25519 and post-quantum
 * ones as age-keygen writes them, and passphrases; and making new ones.
 */
#ifndef SEAL_IDENTITY_H
#define SEAL_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/status.h"
#include "seal/header.h"
#include "seal/recipient.h"

struct identities;

struct identities *identities_new(void);

/* Wipes; NULL is fine. */
void		 identities_free(struct identities *);
size_t		 identities_count(const struct identities *);

/* Writes the recipient of the i-th identity as text, RECIPIENT_TEXT bytes. */
void		 identities_recipient(const struct identities *, size_t i,
		    char *);

/*
 * Adds the identities of a file: one per line, "#" comments and empty lines.
 * STATUS_BAD_IDENTITY where a line is something else or there is none at all,
 * STATUS_MISTYPED_IDENTITY where only the checksum is wrong, STATUS_NO_MLKEM
 * where it is a post-quantum one and the cryptographic library lacks ML-KEM,
 * STATUS_UTF16, or the status that foreign.h has for it.  On failure nothing is
 * added and *line counts from 1, 0 where there is none.
 */
enum status	 identities_parse(struct identities *, const uint8_t *,
		    size_t n, unsigned *line) MUST_CHECK;

/*
 * The source of passphrases: asked once for each file that was sealed with one
 * and that the one known so far does not open.  ask() gives a secret, which is
 * the set's then, or NULL.
 */
struct passphrase_source {
	struct secret *(*ask)(void *ctx);
	void *ctx;
};
void		 identities_ask_passphrase(struct identities *,
		    struct passphrase_source);

/* What was derived of passphrases is recalled, and noted; it is borrowed. */
struct passphrase_memo;
void		 identities_use_memo(struct identities *,
		    const struct passphrase_memo *);

/* Sets a passphrase that is known.  The secret is the set's now. */
void		 identities_set_passphrase(struct identities *,
		    struct secret *);

/*
 * The passphrase known so far: after a file was opened with one, that one.  It
 * is the set's; NULL: none.
 */
const struct secret *identities_passphrase(const struct identities *);

/*
 * A source of more identities, used only for a file that none of the set opens:
 * find() adds those it has to the set, and returns whether there were any.  It
 * is called until it returns false, for each such file.
 */
struct identity_source {
	bool (*find)(void *ctx);
	void *ctx;
};
void		 identities_find_more(struct identities *,
		    struct identity_source);

/* Adds the recipients of all identities: they open a file sealed to those. */
void		 identities_add_recipients(const struct identities *,
		    struct recipients *);

/*
 * A new identity.  *text, the caller's, is an identity file with the time and
 * the recipient in comments; recipient, RECIPIENT_TEXT bytes, is the one that
 * others seal to.  created is in seconds since 1970.  The second makes a
 * post-quantum one; STATUS_NO_MLKEM.
 */
enum status	 identity_generate(int64_t created, struct secret **text,
		    char *recipient) MUST_CHECK;
enum status	 identity_generate_hybrid(int64_t created,
		    struct secret **text, char *recipient) MUST_CHECK;

/*
 * The file key that a stanza of the header wraps for one of these; stanzas of
 * unknown kinds are skipped.  STATUS_NO_MATCH; STATUS_HEADER or
 * STATUS_WORK_FACTOR (a stanza of a known kind is invalid); where the file was
 * sealed with a passphrase, STATUS_NEEDS_PASSPHRASE or STATUS_PASSPHRASE.  The
 * header's code is not verified here.
 */
enum status	 identities_unwrap(const struct identities *,
		    const struct header *, struct secret **file_key)
		    MUST_CHECK;

#endif
