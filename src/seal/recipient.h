/*
 * Age recipients, to which a file is sealed.  Either any number of public ones
 * ("age1...", post-quantum ones "age1pq1...") or one passphrase.
 */
#ifndef SEAL_RECIPIENT_H
#define SEAL_RECIPIENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/secret.h"
#include "base/status.h"
#include "base/text.h"
#include "seal/crypto.h"
#include "seal/xwing.h"

/* Room for the text of a recipient, "age1...", with its NUL. */
#define RECIPIENT_TEXT	1968

enum recipient_kind {
	RECIPIENT_X25519,
	RECIPIENT_HYBRID,	/* ML-KEM-768 and X25519: post-quantum */
};

/* A public one. */
struct recipient {
	enum recipient_kind kind;
	union {
		uint8_t point[CRYPTO_POINT];
		uint8_t hybrid[XWING_KEY];
	} key;
};

struct recipients;

struct recipients *recipients_new(void);

/* NULL is fine. */
void		 recipients_free(struct recipients *);

/* The number of recipients, the passphrase included. */
size_t		 recipients_count(const struct recipients *);

/*
 * Adds "age1...".  STATUS_BAD_RECIPIENT, STATUS_MISTYPED_RECIPIENT (only the
 * checksum is wrong), STATUS_NO_MLKEM ("age1pq1..." where the cryptographic
 * library lacks ML-KEM).
 */
enum status	 recipients_add(struct recipients *, struct text) MUST_CHECK;

/* Adds one that is known by its key. */
void		 recipients_add_key(struct recipients *,
		    const struct recipient *);

/*
 * Adds the recipients of a file: one per line, "#" comments and empty lines.
 * On failure nothing is added and *line is the wrong line, from 1; 0: there is
 * no recipient in it (STATUS_BAD_RECIPIENT).
 */
enum status	 recipients_parse(struct recipients *, const uint8_t *,
		    size_t n, unsigned *line) MUST_CHECK;

/*
 * Seals to this passphrase, and to nobody else: call it on an empty set and
 * add nothing to it.  The secret is the set's now.  log_n is the work factor,
 * WORK_FACTOR_DEFAULT unless there is a reason.
 */
void		 recipients_set_passphrase(struct recipients *,
		    struct secret *, unsigned log_n);

/* The text of a public recipient, into RECIPIENT_TEXT bytes. */
void		 recipient_format(const struct recipient *, char *);

/*
 * The text of the i-th one, into RECIPIENT_TEXT bytes; "" for a passphrase.
 */
void		 recipients_text(const struct recipients *, size_t i, char *);

/*
 * Writes a stanza for each; the set is not empty.  STATUS_BAD_RECIPIENT: one
 * has a point of small order.  STATUS_MIXED_RECIPIENTS: some are post-quantum
 * and some are not, so breaking X25519 would still open the file.
 */
enum status	 recipients_wrap(const struct recipients *,
		    const struct secret *file_key, struct buf *header)
		    MUST_CHECK;

#endif
