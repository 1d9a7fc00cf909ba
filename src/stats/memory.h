/*
 * The memory that all processes of a daemon share, from its start to its end:
 * what was counted, what is known of keys, and what the parent decided.  It is
 * larger than will ever be needed, but takes memory only where it is written.
 *
 * The parent makes it before it forks.  A worker inherits it and can write what
 * workers report; what the parent decides is mapped read-only there.  Its
 * descriptor is sealed: whoever has it can read, and can neither write nor map
 * it to be written.
 *
 * Keys and routes have numbers for the life of the process, so that what is
 * known of them outlives the generation that learnt it: a key by the digest of
 * its value, so that several names of one value share what is known of it; a
 * route by its name.  stats/stats.h has what a generation sees of it.
 */
#ifndef STATS_MEMORY_H
#define STATS_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "stats/counts.h"

struct stats_memory;
struct stats_decided;
struct stats_known;
struct stats_slot;

/* NULL with the reason in why. */
struct stats_memory	*stats_memory_new(size_t slots, char *why,
			    size_t why_size);

/* No view of it may be left.  NULL is fine. */
void			 stats_memory_free(struct stats_memory *);

/* Borrowed; to be read only, and close-on-exec. */
int			 stats_memory_fd(const struct stats_memory *);

/*
 * The slot of the parent's own counts, which is never given to a worker.  Only
 * its log_lost is used.
 */
struct stats_worker	*stats_memory_parent(struct stats_memory *);

/* -- for stats/ -- */

/* Takes n slots for workers.  False with the reason: too few are free. */
bool	stats_memory_take(struct stats_memory *, size_t n, size_t *slots,
	    char *why, size_t why_size);
void	stats_memory_give(struct stats_memory *, size_t n,
	    const size_t *slots);

/*
 * The numbers of the configuration's keys and routes, in its order.  False with
 * the reason; then no new ones were kept.
 */
bool	stats_memory_number(struct stats_memory *, const struct conf *,
	    uint32_t *keys, uint32_t *routes, char *why, size_t why_size);

/* The parts; decide is the parent's and not mapped elsewhere. */
struct stats_decided		*stats_memory_decide(struct stats_memory *);
const struct stats_decided	*stats_memory_decided(
				    const struct stats_memory *);
struct stats_known		*stats_memory_known(
				    const struct stats_memory *);
struct stats_slot		*stats_memory_slot(const struct stats_memory *,
				    size_t slot);

#endif
