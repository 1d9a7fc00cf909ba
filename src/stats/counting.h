/*
 * What a worker counts, in the slot that it has in the shared memory.  Routes,
 * keys, listeners and upstreams are indices into its configuration.
 */
#ifndef STATS_COUNTING_H
#define STATS_COUNTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/fault.h"
#include "policy/key_suspicion.h"
#include "stats/counts.h"
#include "stats/record.h"

struct stats;

/*
 * This process counts as that worker of the generation from now on.  Opens what
 * stats_beat() reads.
 */
void	stats_enter(struct stats *, size_t worker);

/*
 * In a worker that was forked: from now on it can write what it counts itself,
 * and what workers report, but not what others count; and it has no descriptor
 * of the memory any more.
 */
void	stats_isolate(struct stats *);

/*
 * A view with which that worker counts, where it is in one process with others;
 * it ends, by stats_leave(), before the view that it was made of.
 */
struct stats	*stats_of_worker(const struct stats *, size_t worker);
void		 stats_leave(struct stats *);

/* The beginning and the end of counting with a view; for stats/ only. */
void	stats_begin(struct stats *, size_t worker);
void	stats_end(struct stats *);

/* An exchange ended; route is CONF_NONE where none was chosen. */
void	stats_count_exchange(struct stats *, size_t route,
	    const struct record *);

/* A fault without an exchange. */
void	stats_count_fault(struct stats *, enum fault);

/* A client came by a listener, or is gone. */
void	stats_count_client(struct stats *, size_t listener, bool came);

/* To be counted with STATS_ADD(). */
struct stats_connections	*stats_connections(struct stats *,
				    size_t upstream);

/* A request is sent with that key; at is seconds since 1970. */
void	stats_count_use(struct stats *, size_t key, int64_t at);

/* From now on a request carries it, or no longer. */
void	stats_count_carried(struct stats *, size_t key, bool begins);

/* A response said that the key is invalid. */
void	stats_count_rejected(struct stats *, size_t key);

/* A probe of that key ended; the above do not count it. */
void	stats_count_probe(struct stats *, size_t key, enum key_answer);

/*
 * Notes that the loop turns, and what the process uses.  To be called once a
 * second by the loop; opens no file.
 */
void	stats_beat(struct stats *, int64_t now_ns);

#endif
