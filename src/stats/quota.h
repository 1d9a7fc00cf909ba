/*
 * The limits of routes, which all workers keep together: how often a route may
 * be used, and by how many exchanges at a time; by all clients, and by each.
 * The buckets of tokens and what exchanges hold lie in the memory that all
 * workers share.  What a worker held that died is taken back by
 * stats_worker_ended().  And how the quota is kept that an upstream gives to a
 * key.
 */
#ifndef STATS_QUOTA_H
#define STATS_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "policy/foreign_use.h"
#include "policy/principal.h"
#include "policy/quota_gate.h"

struct stats;

/* What an exchange holds while it runs; all zero: nothing. */
struct quota_hold {
	bool of_route, of_client;
	uint32_t route, client;		/* places in the shared memory */
};

struct quota_refusal {
	const char *what;		/* the option of the route whose limit
					   is reached */
	unsigned retry_s;		/* when it is worth while to try again;
					   at least 1 */
};

/* An exchange that is about to begin. */
struct quota_case {
	const struct conf *conf;
	const struct conf_route *route;
	const struct principal *who;
	int64_t now;			/* clock_monotonic() */
};

/*
 * Takes what one more exchange needs, into a hold.  False: a limit is reached,
 * and nothing was taken.
 */
bool	quota_take(struct stats *, const struct quota_case *,
	    struct quota_hold *, struct quota_refusal *);

/* Gives back what the exchange held, when it ends. */
void	quota_give(struct stats *, struct quota_hold *);

/* -- the quota that an upstream gives a key -- */

/*
 * Shared by all workers.  The gate is that of the key's value: APIs count by
 * key, whatever we call them by.  Each request that takes a key passes its
 * gate, if its upstream has quota = "wait": with the key that it gets first,
 * with the next one when that was refused, and with another when its own was
 * switched off while it waited.
 */
struct quota_gate	*quota_gate_of(struct stats *, size_t key);
struct foreign_use	*quota_foreign_use_of(struct stats *, size_t key);

/*
 * One more request waits for that key; false: so many do in all workers that
 * none may.  It is told when it waits no longer.
 *
 * The requests of a route may all have come to one worker, and so have taken
 * all places, where the requests of another worker cannot make it give one up.
 * Therefore a worker that has less than its share, the same for all workers in
 * which some wait, may have more in any case.  Who has more than that is to
 * give up as many as there are too many: until then there are twice as many
 * at most.
 */
#define QUOTA_WAITERS	1000
bool	quota_may_wait(struct stats *, size_t key);
bool	quota_must_give_up(const struct stats *, size_t key);
void	quota_stop_waiting(struct stats *, size_t key);

#endif
