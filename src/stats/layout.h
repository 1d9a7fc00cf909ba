/*
 * What lies in the memory of stats/memory.h, in this order, each part on pages
 * of its own:
 *
 *	struct stats_decided	written by the parent, read by all
 *	struct stats_known	written and read by all workers
 *	struct stats_slot	one per process that counts, written by it alone
 *
 * All of it is zero at first.  For stats/ only: others ask functions.
 */
#ifndef STATS_LAYOUT_H
#define STATS_LAYOUT_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "stats/counts.h"

#define CACHE_LINE	64

struct stats_decided {
	_Atomic uint64_t restarts;
	_Atomic uint32_t slots;		/* those that were ever taken are the
					   first ones */
};

/* An expiry is kept as this differs from it, so that 0 is: none. */
#define NO_EXPIRY	INT64_MIN

struct known_key {
	alignas(CACHE_LINE) _Atomic int64_t expires;	/* ^ NO_EXPIRY */
	_Atomic int64_t outlived;			/* ^ NO_EXPIRY */
};

struct stats_known {
	struct known_key keys[STATS_KEYS];
	_Atomic bool astray[STATS_ROUTES];
};

struct stats_slot {
	alignas(CACHE_LINE) struct stats_worker worker;
};

#endif
