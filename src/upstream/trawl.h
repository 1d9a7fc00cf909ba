/*
 * The one pass over a text that may have others in it, with its escapes read.
 * It looks at few places: as far apart as the shortest of those texts allows,
 * as the sieve knows all their runs.  Pure; borrows sieve and text.  Called by
 * the search for a key.
 *
 * None of those texts may have a character with which escapes begin.  So in the
 * middle of an escape one of them can begin or end only if it is written in the
 * escape's own letters; and at such a character that begins no escape, none of
 * them goes on.
 */
#ifndef UPSTREAM_TRAWL_H
#define UPSTREAM_TRAWL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "upstream/sieve.h"

struct trawl {
	const struct sieve *sieve;
	struct text text;
	size_t next;			/* the next place to look at */
};

/* A place where characters begin that the sieve knows. */
struct catch {
	size_t at;
	char run[SIEVE_RUN];		/* the characters */
};

void	trawl_start(struct trawl *, const struct sieve *, struct text);

/*
 * Finds the next catch.  Each of those texts that is complete in the text has
 * one of its own characters, with SIEVE_RUN - 1 more after it, at one of the
 * catches: all texts that begin before the last catch are done with.  If such a
 * character is an escape with several backslashes, the place is the first
 * backslash that belongs to it.
 */
bool	trawl_next(struct trawl *, struct catch *);

#endif
