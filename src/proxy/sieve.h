/*
 * Which few places of a text have to be looked at to find any of several
 * others in it: a table of their runs of four bytes, asked once in as many
 * bytes as the shortest of them cannot avoid.  Says "perhaps", and is wrong
 * at one place in hundreds; never wrong where it says "no".  Pure; borrows
 * its table.  Called by the search for a key.
 */
#ifndef PROXY_SIEVE_H
#define PROXY_SIEVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define SIEVE_RUN	4	/* the bytes of a run */

struct sieve {
	uint64_t *words;	/* with two bits for each run */
	size_t mask;		/* of a bit's number among all of them */
	size_t step;		/* so many bytes are passed over at once */
};

/* Bytes of a table for texts of so many bytes in all. */
size_t	sieve_room(size_t bytes);

/* room is as sieve_room() said, all zero, and lives as long as the sieve. */
void	sieve_init(struct sieve *, uint64_t *room, size_t bytes);

/* Shall be found; of SIEVE_RUN bytes at least. */
void	sieve_add(struct sieve *, struct text);

/*
 * The first place from "at" on where a run of one of them may begin; the
 * text's length where none is left.  Each of them that begins at "at" or
 * later, and is whole in the text, has its first such place at most step - 1
 * bytes behind its beginning, as long as one goes on from the place found by
 * step.
 */
size_t	sieve_next(const struct sieve *, struct text, size_t at);

#endif
