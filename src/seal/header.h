/*
 * The textual header of an age file: the version line, stanzas that each wrap
 * the file key for a recipient, and an authentication code over all of it.  It
 * knows the form of stanzas, not the meaning of any kind.
 */
#ifndef SEAL_HEADER_H
#define SEAL_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/secret.h"
#include "base/status.h"
#include "base/text.h"
#include "seal/crypto.h"

#define HEADER_VERSION	"age-encryption.org/v1\n"

/* The longest header taken: thousands of recipients. */
#define HEADER_MAX	((size_t)1 << 20)

struct stanza {
	struct text *args;	/* the first is its type */
	size_t n_args;		/* at least 1 */
	uint8_t *body;
	size_t n_body;
};

struct header {
	struct stanza *stanzas;
	size_t n_stanzas;
	struct span signed_part;	/* the bytes that the code covers */
	uint8_t mac[CRYPTO_HASH];
};

/*
 * The bytes can be the beginning of an age file: STATUS_OK also for too few of
 * them.  STATUS_NOT_AGE; STATUS_VERSION for v2 and later, STATUS_HEADER where
 * there is no version at all.
 */
enum status	header_check_start(const uint8_t *, size_t n) MUST_CHECK;

/* The number of a version line, after STATUS_VERSION. */
unsigned	header_version(const uint8_t *, size_t n);

/* The line (with its newline) is the last one of a header. */
bool		header_is_last_line(const uint8_t *, size_t n);

/*
 * Parses a whole header, exactly n bytes, which must outlive it: the arguments
 * point into them.  STATUS_NOT_AGE, STATUS_VERSION, STATUS_HEADER.  Free it in
 * any case.
 */
enum status	header_parse(struct header *, const uint8_t *, size_t n)
		    MUST_CHECK;
void		header_free(struct header *);

/* STATUS_HEADER_MAC: the header was made with another file key, or altered. */
enum status	header_verify(const struct header *,
		    const struct secret *file_key) MUST_CHECK;

/*
 * Writing one: the version line, each stanza, and the end with the code.  The
 * buffer was empty before.
 */
void		header_write_start(struct buf *);
void		header_write_stanza(struct buf *, const struct text *args,
		    size_t n_args, struct span body);
enum status	header_write_end(struct buf *, const struct secret *file_key)
		    MUST_CHECK;

#endif
