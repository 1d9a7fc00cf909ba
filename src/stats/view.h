/*
 * A view of the shared memory, as stats/ sees it; see stats.h.
 */
#ifndef STATS_VIEW_H
#define STATS_VIEW_H

#include "stats/memory.h"
#include "stats/process.h"
#include "stats/series.h"

struct stats {
	struct stats_memory *memory;
	struct stats_memory *own;	/* to be freed with it, or NULL */
	const struct stats_decided *decided;
	struct stats_known *known;
	uint64_t serial;		/* greater than those of earlier views;
					   0: of one who only reads */
	size_t n_workers;
	size_t *slots;			/* of the workers */
	struct stats_numbers numbers;

	/* -- of the worker that this process is -- */

	struct stats_slot *self;	/* NULL: none */
	struct stats_held *held;
	struct process_probe process;
	struct series_index *series;
	struct route_count **routes;	/* of each of the configuration, and one
					   more for none; NULL: not yet seen */
};

#endif
