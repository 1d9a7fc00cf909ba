/*
 * The memory that all processes of a daemon share, from its start to its end:
 * what was counted, what is known of keys, and what the parent decided.  It is
 * larger than will ever be needed, but takes memory only where it is written.
 *
 * The parent makes it before it forks.  A worker inherits it and can write what
 * workers report; what the parent decides is mapped read-only there.  Its
 * descriptor is sealed: whoever has it can read, and can neither write nor map
 * it to be written.
 */
#ifndef STATS_MEMORY_H
#define STATS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/counts.h"
#include "stats/numbers.h"

struct stats_memory;
struct stats_decided;
struct stats_known;
struct stats_held;
struct stats_slot;

/* NULL with the reason in why. */
struct stats_memory	*stats_memory_new(size_t slots, char *why,
			    size_t why_size);

/*
 * The memory that another process made, by its descriptor, which stays the
 * caller's; to be read only, by stats/reader.h.  NULL with the reason: it is
 * none of this very program.
 */
struct stats_memory	*stats_memory_attach(int fd, char *why,
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

/* -- what the parent tells -- */

/* The first configuration serves; a reload did so, or was refused. */
void			 stats_memory_started(struct stats_memory *);
void			 stats_memory_reloaded(struct stats_memory *,
			    bool good);

/*
 * Notes what the parent uses, and the CPU time of all: its own, that of its
 * children that ended, and running_ns, which is that of those that run.  It
 * never falls, whatever becomes of them between two looks.  To be called
 * whenever the parent wakes up.
 */
void			 stats_memory_beat(struct stats_memory *,
			    uint64_t running_ns, int64_t now_ns);

/* -- for stats/ -- */

/* Takes n slots for workers.  False with the reason: too few are free. */
bool	stats_memory_take(struct stats_memory *, size_t n, size_t *slots,
	    char *why, size_t why_size);
void	stats_memory_give(struct stats_memory *, size_t n,
	    const size_t *slots);

/* In a child: gives up all slots but that one, and the descriptor. */
void	stats_memory_keep_only(struct stats_memory *,
	    const struct stats_slot *);

struct numbering		*stats_memory_numbering(struct stats_memory *);

/* Another number for each view, from 1 on. */
uint64_t			 stats_memory_next_view(struct stats_memory *);

/* The parts; decide is the parent's and not mapped elsewhere. */
struct stats_decided		*stats_memory_decide(struct stats_memory *);
const struct stats_decided	*stats_memory_decided(
				    const struct stats_memory *);
struct stats_known		*stats_memory_known(
				    const struct stats_memory *);
struct stats_held		*stats_memory_held(const struct stats_memory *,
				    size_t slot);
struct stats_slot		*stats_memory_slot(const struct stats_memory *,
				    size_t slot);

#endif
