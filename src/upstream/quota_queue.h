/*
 * Requests that wait because the quota of their key is spent: those of one
 * worker, for all of its keys.  They go on by turns of their routes, so that
 * one route with many of them makes no other wait longer.  Where no place is
 * left, the newest of the route that has most gives up its own to one of a
 * route that has fewer, so that one route with many of them takes none from the
 * others; that is seen in each worker alone, as are turns.  A request whose key
 * changes meanwhile asks for the next one, and keeps its time, and its place
 * before those of its route that came later.  Called by call.
 */
#ifndef UPSTREAM_QUOTA_QUEUE_H
#define UPSTREAM_QUOTA_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "net/loop.h"
#include "stats/stats.h"
#include "upstream/ratelimit.h"

/*
 * A request waits that long at most, and no longer than four fifths of the time
 * that its upstream has to answer: one that goes on at the last moment can
 * still be answered.
 */
#define QUOTA_WAIT_MS	20000

struct quota_queues;
struct quota_line;

struct quota_waiter {
	void *owner;
	size_t route, key;		/* of the configuration */
	/* It may go; or has waited in vain.  The owner may be freed. */
	void (*ready)(void *owner);
	void (*failed)(void *owner, unsigned retry_s);

	/* -- the queue's, all zero before the first time it asks -- */

	struct quota_line *line;	/* NULL: not waiting */
	uint64_t came;			/* the less, the earlier */
	int64_t until_ns;
	bool waited;			/* for this key or another */
	struct quota_waiter *next, *prev;
};

/* One per worker; all is borrowed. */
struct quota_queues	*quota_queues_new(const struct conf *, struct loop *,
			    struct stats *);

/* Nobody may be waiting.  NULL is fine. */
void			 quota_queues_free(struct quota_queues *);

/* May a request go now, does it wait, or is it one too many? */
enum quota_answer { QUOTA_GO, QUOTA_WAIT, QUOTA_REFUSED };

/* Only for upstreams with quota = "wait".  *retry_s is set when refused. */
enum quota_answer	 quota_queue_ask(struct quota_queues *,
			    struct quota_waiter *, unsigned *retry_s);

/* It waits no longer; fine if it does not. */
void			 quota_queue_leave(struct quota_queues *,
			    struct quota_waiter *);

/*
 * A response to a request of that key, sent at sent_ns (loop_now()), said what
 * is left.
 */
void			 quota_queue_tell(struct quota_queues *, size_t key,
			    const struct ratelimit *, int64_t sent_ns);

#endif
