/*
 * The pages of stats/memory.h: a sealed file in memory, and where it is mapped.
 * What the parent decides comes first.  It is mapped twice: to be written,
 * which no child inherits; and, once the file is sealed, so that it can be
 * read, which is what children have.
 */
#ifndef STATS_MAPPING_H
#define STATS_MAPPING_H

#include <stdbool.h>
#include <stddef.h>

struct stats_mapping {
	int fd;				/* -1: none, or another's */
	size_t decided, size;		/* bytes of what is decided, of all */
	void *decide;			/* to write what is decided */
	char *shared;			/* to read that, and to write the
					   rest */
};

/*
 * Makes them, all zero.  Both sizes are whole pages.  False with the reason in
 * errno; they are to be ended then, too.
 */
bool	stats_mapping_make(struct stats_mapping *, size_t decided,
	    size_t size);

/* Maps what another process made, to be read only.  False: it cannot be. */
bool	stats_mapping_attach(struct stats_mapping *, int fd);

/* Gives up what was made or attached, or as much of it as could be. */
void	stats_mapping_end(struct stats_mapping *);

/*
 * The bytes from there to there become memory of nobody.  Their addresses stay
 * taken, so that the end unmaps nothing else.
 */
void	stats_mapping_give_up(char *from, const char *to);

#endif
