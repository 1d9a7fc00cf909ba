/*
 * Opens an age file, binary or armored, as its bytes come, chunk by chunk, with
 * the memory of a few chunks.  The bytes it writes were authenticated, but not
 * the rest of the file: a caller that acts on the content uses seal_open() or
 * waits for opener_end().
 */
#ifndef SEAL_OPENER_H
#define SEAL_OPENER_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "seal/identity.h"
#include "seal/payload.h"

struct opener;

/* The identities must outlive it. */
struct opener	*opener_new(const struct identities *);

/*
 * Called before the first push: the file must be armored, anything else is
 * STATUS_ARMOR.  Without it the first bytes tell.
 */
void		 opener_expect_armor(struct opener *);

/* Details of a failure, besides its status. */
struct seal_fault {
	unsigned line;		/* of damaged armor, or of an identity file,
				   from 1; 0: of none */
	unsigned version;	/* of STATUS_VERSION, the one that was found */
};
struct seal_fault opener_fault(const struct opener *);

/*
 * The status and the fault in words that complete "FILE:LINE: ".  The buffer
 * has SEAL_FAULT_TEXT bytes.
 */
#define SEAL_FAULT_TEXT	128
const char	*seal_fault_text(const struct seal_fault *, enum status,
		    char *);

/* Wipes; NULL is fine. */
void		 opener_free(struct opener *);

/*
 * Takes sealed bytes and writes plain ones.  After anything but STATUS_OK
 * every further call has that result.
 */
enum status	 opener_push(struct opener *, const uint8_t *, size_t n,
		    struct seal_writer) MUST_CHECK;

/* No more bytes.  Only STATUS_OK here says that the file was whole. */
enum status	 opener_end(struct opener *, struct seal_writer) MUST_CHECK;

#endif
