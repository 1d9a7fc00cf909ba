/*
 * The figures that parent and workers share: one anonymous memory segment, made
 * by the parent before it forks, atomics only.  Counters have one slot per
 * worker so that workers do not share cache lines; the expiry last seen of a
 * key is one value for all of them.
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

/* The numbers of workers, keys and routes. */
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
 * Notes the expiry (seconds since 1970) of a key that a response named.  True
 * for exactly one caller among all workers when it is the first or differs from
 * the last one noted.
 */
bool		 figures_note_expiry(struct figures *, size_t key,
		    int64_t expires);

/* The expiry noted last; false where there is none. */
bool		 figures_expiry(const struct figures *, size_t key,
		    int64_t *expires);

/*
 * The API accepted a key after the expiry that the API itself had named; for
 * the same expiry, figures_outlived() is true from then on.
 */
void		 figures_note_outlived(struct figures *, size_t key,
		    int64_t expires);
bool		 figures_outlived(const struct figures *, size_t key,
		    int64_t expires);

/*
 * A response of a route leads its clients to what another route, or none,
 * serves; that is logged once: true for exactly one caller among all workers.
 */
bool		 figures_note_astray(struct figures *, size_t route);

#endif
