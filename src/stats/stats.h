/*
 * What one generation counts, and what it knows of keys: a view of the memory
 * that all processes share (stats/memory.h).  The parent makes it before it
 * forks the workers of the generation.  Keys and routes are indices into the
 * generation's configuration.
 *
 * Counters have one slot per worker so that workers do not share cache lines;
 * stats/counting.h raises them.  What is known of a key is one value for all
 * workers.
 */
#ifndef STATS_STATS_H
#define STATS_STATS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "stats/counts.h"
#include "stats/memory.h"

struct stats;

/*
 * The view of a configuration, with slots for its workers.  Both are borrowed.
 * NULL with the reason: there are too many workers, keys or routes.
 */
struct stats	*stats_new(struct stats_memory *, const struct conf *,
		    char *why, size_t why_size);

/*
 * The same with a memory of its own, for a process that shares it only with its
 * children, if any.  It counts as worker 0.  Ends the process where there is no
 * memory.
 */
struct stats	*stats_new_alone(const struct conf *);
struct stats_memory *stats_own_memory(struct stats *);

/*
 * The view of one who only reads what is known of keys, with the numbers that
 * the parent gave them, which are copied.  It has no worker.
 */
struct stats	*stats_new_reader(struct stats_memory *,
		    const struct stats_numbers *);

/* No worker may be alive: gives back their slots.  NULL is fine. */
void		 stats_free(struct stats *);

/*
 * The slot of one worker of the generation; all counters of it are written by
 * it alone.  A slot has counted for other workers before.
 */
struct stats_worker	*stats_worker(const struct stats *, size_t worker);

/*
 * A worker ended: what it had, clients and memory for example, is gone, what it
 * counted stays.  Only the parent may call it, after it was waited for.
 */
void		 stats_worker_ended(struct stats *, size_t worker);

/*
 * When that worker last said, by stats_beat(), that its loop turns (monotonic,
 * ns); 0: not yet.
 */
int64_t		 stats_worker_turn(const struct stats *, size_t worker);

/* The clients of that worker, at all listeners. */
uint64_t	 stats_worker_clients(const struct stats *, size_t worker);

/* The numbers of what the configuration has, for stats/reader.h. */
const struct stats_numbers	*stats_numbers(const struct stats *);

/* The memory that it is a view of. */
struct stats_memory	*stats_shared(const struct stats *);

/* The parent counts workers it had to replace. */
_Atomic uint64_t	*stats_worker_restarts(struct stats *);

/* Sums over all processes since the start; see also stats/reader.h. */
uint64_t	 stats_requests(const struct stats *);
uint64_t	 stats_log_lost(const struct stats *);

/*
 * Notes the expiry (seconds since 1970) of a key that a response named.
 * STATS_NEWS to exactly one caller among all workers when it is the first or
 * differs from the last one noted.
 *
 * A few changes come at once, then one in ten minutes: where a service behind
 * the API names another end than the API does, each of their responses would be
 * news else.  Those are STATS_UNSTEADY, and not noted; but the word of a probe
 * always is.  Of that the caller is to tell when stats_tell_unsteady() says so,
 * once an hour and key.
 */
enum stats_noted {
	STATS_KNOWN,
	STATS_NEWS,
	STATS_UNSTEADY,
};
enum stats_noted stats_note_expiry(struct stats *, size_t key,
		    int64_t expires, bool probe);
bool		 stats_tell_unsteady(struct stats *, size_t key);

/* The expiry noted last, as stats_read_expiry() tells it. */
bool		 stats_expiry(const struct stats *, size_t key,
		    int64_t *expires);

/*
 * What a response said of the quota that all who use the key share, as last
 * told; limit and interval_s 0: it did not say.
 */
void		 stats_note_quota(struct stats *, size_t key,
		    uint32_t remaining, uint32_t limit, uint32_t interval_s);

/*
 * The last response that refused a request with that key: why, as a number
 * below 256 that upstream/refusal.h has, and when, in seconds since 1970.
 */
void		 stats_note_refusal(struct stats *, size_t key, unsigned why,
		    int64_t at);

/*
 * A response of a route leads its clients to what another route, or none,
 * serves; that is logged once: true for exactly one caller among all workers
 * since the last configuration with that route began.
 */
bool		 stats_note_astray(struct stats *, size_t route);

#endif
