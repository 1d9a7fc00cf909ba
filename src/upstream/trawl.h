/*
 * The one pass over a text in which others, its escapes read, may stand.
 * Looks at few of its places: as far apart as the shortest of those texts
 * allows, for the sieve knows all their runs.  Pure; borrows sieve and text.
 * Called by the search for a key.
 *
 * None of those texts may hold a character with which escapes begin.  Where
 * one does begin there, nothing can begin or end in its middle but what is
 * written in the escape's own letters, and where none does, none of those
 * texts goes on.
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
	size_t next;			/* the place to look at then */
};

/* A place where characters begin that the sieve knows. */
struct catch {
	size_t at;
	char run[SIEVE_RUN];		/* the characters */
};

void	trawl_start(struct trawl *, const struct sieve *, struct text);

/*
 * The next one.  Each of the texts that is whole in the text has one of its
 * own characters at one of them, with SIEVE_RUN - 1 more behind that: all
 * that begin before what trawl_next() returned last are done with.  Where
 * such a character is an escape of several backslashes, the place is the
 * first of those that belong to it.
 */
bool	trawl_next(struct trawl *, struct catch *);

#endif
