/*
 * What is known of keys and outlives the parent, by their numbers; for the
 * parent alone.
 */
#ifndef STATS_KEPT_H
#define STATS_KEPT_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/memory.h"

/* Times are seconds since 1970; 0 is none. */
struct stats_kept {
	int64_t expires;		/* as the API told */
	int64_t last_used;
	int64_t requests;		/* ever */
	int64_t probed;			/* last */
};

/*
 * The number of the value with this SHA-256.  False: it has none, as no
 * configuration had it, for those that nobody has would leave no place for
 * others.
 */
bool			 stats_number_of(struct stats_memory *,
			    const uint8_t *digest, uint32_t *number);

struct stats_kept	 stats_kept(const struct stats_memory *,
			    uint32_t number);

/* It is probed then. */
void			 stats_note_probed(struct stats_memory *,
			    uint32_t number, int64_t at);

/*
 * Its end is that, in seconds since 1970, whatever responses told before;
 * CONF_NO_TIME: none is known from them.
 */
void			 stats_correct_expiry(struct stats_memory *,
			    uint32_t number, int64_t expires);

/* As it was before the start.  No worker may know the value yet. */
void			 stats_restore(struct stats_memory *, uint32_t number,
			    const struct stats_kept *);

#endif
