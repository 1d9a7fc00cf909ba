/*
 * Places that exchanges hold, of which there are so many for all workers
 * together.  How many a worker holds is a number that it alone writes, so that
 * it is known what a worker held when it died.  For stats/ only.
 */
#ifndef STATS_PLACES_H
#define STATS_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/layout.h"
#include "stats/view.h"

/* What is counted, as a member of struct stats_held that is a number. */
#define PLACES_OF(array, i) \
	(offsetof(struct stats_held, array) + (i) * sizeof(uint32_t))

/* How many are held by all workers. */
uint64_t	places_held(const struct stats *, size_t what);

/*
 * Takes one of at most so many.  Of several workers that want the last one at
 * the same moment, at most one gets it.
 */
bool		places_take(struct stats *, size_t what, uint32_t most);
void		places_give(struct stats *, size_t what);

/* How many this worker holds. */
uint32_t	places_own(const struct stats *, size_t what);

/* The same part of so many for this worker and each that holds one. */
uint32_t	places_share(const struct stats *, size_t what, uint32_t most);

#endif
