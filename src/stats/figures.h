/*
 * The figures that parent and workers share: one anonymous memory segment,
 * made by the parent before it forks, atomics only.  Counters have one slot
 * per worker so that workers do not share cache lines; what a key's expiry
 * was last seen to be is one value for all of them.
 */
#ifndef STATS_FIGURES_H
#define STATS_FIGURES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/fault.h"

struct figures;

struct figures_worker {
	_Atomic uint64_t requests;
	/* Of exchanges; OVERLOADED also counts clients turned away. */
	_Atomic uint64_t faults[FAULT_COUNT];
	_Atomic uint64_t log_lost;
	_Atomic uint64_t clients;	/* connected now, or lingering */
};

/* How many there are of what has a place of its own. */
struct figures_sizes {
	size_t workers;
	size_t keys, routes;		/* as in the configuration */
};

struct figures	*figures_new(const struct figures_sizes *);
void		 figures_free(struct figures *);

/* The slot of one worker; all counters of it are written by it alone. */
struct figures_worker	*figures_worker(struct figures *, size_t worker);

/* The parent counts workers it had to replace. */
_Atomic uint64_t	*figures_worker_restarts(struct figures *);

/* The access log ends within a line; see base/sink.h. */
_Atomic bool	*figures_log_torn(struct figures *);

/* Sums over all workers. */
uint64_t	 figures_requests(const struct figures *);
uint64_t	 figures_log_lost(const struct figures *);

/*
 * Notes the expiry (seconds since 1970) that a response told for a key.
 * True for exactly one caller among all workers when it is the first or
 * differs from the last one noted.
 */
bool		 figures_note_expiry(struct figures *, size_t key,
		    int64_t expires);

/* What was noted last; false where nothing was. */
bool		 figures_expiry(const struct figures *, size_t key,
		    int64_t *expires);

/*
 * The API accepted a key after it had expired by what it said itself; asked
 * with the same time, figures_outlived() is true from then on.
 */
void		 figures_note_outlived(struct figures *, size_t key,
		    int64_t expires);
bool		 figures_outlived(const struct figures *, size_t key,
		    int64_t expires);

/*
 * Responses of a route lead its clients astray, and that is to be told once:
 * true for exactly one caller among all workers.
 */
bool		 figures_note_astray(struct figures *, size_t route);

#endif
