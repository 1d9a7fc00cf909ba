/*
 * What one process counts, and how many different things can be counted.
 */
#ifndef STATS_COUNTS_H
#define STATS_COUNTS_H

#include <stdatomic.h>
#include <stdint.h>

#include "policy/fault.h"

/* How many different ones there can be in the life of a process. */
#define STATS_KEYS	16384
#define STATS_LISTENERS	1024
#define STATS_ROUTES	16384
#define STATS_UPSTREAMS	4096

/*
 * Processes that count at a time: the parent and the workers of three
 * generations of at most 1,024 each.
 */
#define STATS_SLOTS	(1 + 3 * 1024)

/*
 * Adds to a number that this process alone writes, which needs no lock; others
 * may read it meanwhile.  by may be negative.
 */
#define STATS_ADD(number, by) \
	atomic_store_explicit((number), atomic_load_explicit((number), \
	    memory_order_relaxed) + (uint64_t)(by), memory_order_relaxed)

struct stats_worker {
	/* Of exchanges; OVERLOADED also counts clients turned away. */
	_Atomic uint64_t faults[FAULT_COUNT];
	_Atomic uint64_t log_lost;
};

/* The connections to an upstream now. */
struct stats_connections {
	_Atomic uint64_t idle, busy;
};

#endif
