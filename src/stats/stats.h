/*
 * The statistics that parent and workers share: one anonymous memory segment,
 * made by the parent before it forks, atomics only.  Counters have one slot per
 * worker so that workers do not share cache lines; the expiry last seen of a
 * key is one value for all of them.
 */
#ifndef STATS_STATS_H
#define STATS_STATS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/fault.h"

struct stats;

struct stats_worker {
	_Atomic uint64_t requests;
	/* Of exchanges; OVERLOADED also counts clients turned away. */
	_Atomic uint64_t faults[FAULT_COUNT];
	_Atomic uint64_t log_lost;
	_Atomic uint64_t clients;	/* connected now, or lingering */
};

/* The numbers of workers, keys and routes. */
struct stats_sizes {
	size_t workers;
	size_t keys, routes;		/* as in the configuration */
};

struct stats	*stats_new(const struct stats_sizes *);
void		 stats_free(struct stats *);

/* The slot of one worker; all counters of it are written by it alone. */
struct stats_worker	*stats_worker(struct stats *, size_t worker);

/* The parent counts workers it had to replace. */
_Atomic uint64_t	*stats_worker_restarts(struct stats *);

/* The access log ends within a line; see base/sink.h. */
_Atomic bool	*stats_log_torn(struct stats *);

/* Sums over all workers. */
uint64_t	 stats_requests(const struct stats *);
uint64_t	 stats_log_lost(const struct stats *);

/*
 * Notes the expiry (seconds since 1970) of a key that a response named.  True
 * for exactly one caller among all workers when it is the first or differs from
 * the last one noted.
 */
bool		 stats_note_expiry(struct stats *, size_t key,
		    int64_t expires);

/* The expiry noted last; false where there is none. */
bool		 stats_expiry(const struct stats *, size_t key,
		    int64_t *expires);

/*
 * The API accepted a key after the expiry that the API itself had named; for
 * the same expiry, stats_outlived() is true from then on.
 */
void		 stats_note_outlived(struct stats *, size_t key,
		    int64_t expires);
bool		 stats_outlived(const struct stats *, size_t key,
		    int64_t expires);

/*
 * A response of a route leads its clients to what another route, or none,
 * serves; that is logged once: true for exactly one caller among all workers.
 */
bool		 stats_note_astray(struct stats *, size_t route);

#endif
