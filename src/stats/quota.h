/*
 * The limits of routes, which all workers keep together: how often a route may
 * be used, and by how many exchanges at a time.  The buckets of tokens and what
 * exchanges hold lie in the memory that all workers share.  What a worker held
 * that died is taken back by stats_worker_ended().
 */
#ifndef STATS_QUOTA_H
#define STATS_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"

struct stats;

/* What an exchange holds while it runs; all zero: nothing. */
struct quota_hold {
	bool route;			/* a place of its route */
	uint32_t number;		/* of the route */
};

struct quota_refusal {
	const char *option;		/* of the route: its limit is
					   reached */
	unsigned retry_s;		/* when it is worth while to try again;
					   at least 1 */
};

/*
 * Takes what one more exchange of this route needs, into a hold that is all
 * zero.  False: a limit is reached, and nothing was taken.  now is by
 * clock_monotonic().
 */
bool	quota_take(struct stats *, const struct conf *,
	    const struct conf_route *, int64_t now, struct quota_hold *,
	    struct quota_refusal *);

/* Gives back what the exchange held, when it ends. */
void	quota_give(struct stats *, struct quota_hold *);

#endif
