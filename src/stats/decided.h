/*
 * What the parent decided about keys, for all workers of all generations and
 * for the admin process, which can read it only.  A decision holds for a key's
 * value: for each of its names, and in each configuration that has it.
 *
 * Reading is a load or two, as it is done for each request.
 */
#ifndef STATS_DECIDED_H
#define STATS_DECIDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/memory.h"
#include "stats/stats.h"

/* Keys are indices into the view's configuration. */

/* What holds for a key: a set of policy/key_state.h. */
unsigned	 stats_key_facts(const struct stats *, size_t key);

/* Of that set, why it is not used: KEY_OFF_...; 0: it may be. */
unsigned	 stats_key_off(const struct stats *, size_t key);

/* 0: it never was; the greater, the later it was promoted. */
uint32_t	 stats_key_promoted(const struct stats *, size_t key);

/* When, in seconds since 1970; 0: it never was, or that is not known. */
int64_t		 stats_key_promoted_at(const struct stats *, size_t key);

/* When it was rejected, by clock_boot(). */
int64_t		 stats_key_rejected_ns(const struct stats *, size_t key);

/* Since when it is off, for whatever reason, by clock_boot(). */
int64_t		 stats_key_off_ns(const struct stats *, size_t key);

/*
 * Until then, by clock_boot(), what a probe was told of its end counts, and no
 * other response's word; 0: it was not asked.
 */
int64_t		 stats_key_believed_ns(const struct stats *, size_t key);

/* Whether two keys are one value. */
bool		 stats_key_is_same(const struct stats *, size_t, size_t);

/* How often something was decided about any key. */
uint64_t	 stats_key_changes(const struct stats *);

/* -- for the parent, by the number in the life of the process -- */

struct stats_decision {
	unsigned facts;
	uint32_t promoted;
	int64_t rejected_ns, off_ns;
	/* Seconds since 1970; 0: none. */
	int64_t ended;		/* the end that was told to have passed */
	int64_t given_up;	/* the end by its sealed file that counts, as
				   no probe contradicted it */
	int64_t believed_ns;	/* see stats_key_believed_ns() */
	int64_t promoted_at;	/* seconds since 1970; 0: never, or it is not
				   known when */
};
struct stats_decision	stats_decision(const struct stats_memory *,
			    uint32_t key);
/* How often something was decided. */
uint64_t		stats_decisions(const struct stats_memory *);
void			stats_decide(struct stats_memory *, uint32_t key,
			    struct stats_decision);

#endif
