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
#define STATS_ROUTES	16384

/*
 * Processes that count at a time: the parent and the workers of three
 * generations of at most 1,024 each.
 */
#define STATS_SLOTS	(1 + 3 * 1024)

struct stats_worker {
	_Atomic uint64_t requests;
	/* Of exchanges; OVERLOADED also counts clients turned away. */
	_Atomic uint64_t faults[FAULT_COUNT];
	_Atomic uint64_t log_lost;
	_Atomic uint64_t clients;	/* connected now, or lingering */
};

#endif
