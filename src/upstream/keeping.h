/*
 * Which kept connection is good enough for a request that can be sent only
 * once.  If the upstream closes it at that moment the client gets an error,
 * for nobody knows whether the request was heard; and no look at the
 * connection tells what is under way.
 *
 * Upstreams close connections that are unused for some time of theirs, which
 * few tell: 2 or 5 seconds are common, 60 or 75, and some close each after its
 * first response without saying so.  So such a request takes one only if it
 * was unused for less than a second, and the upstream has been seen to keep
 * another for twice as long; and for a minute none at all where it was seen
 * to close one within a second.  A new connection, whose TLS session is
 * resumed, costs two round trips.
 *
 * Called by pool, which has one for each upstream and key.  Times are of
 * loop_boot(), in nanoseconds.  Pure.
 */
#ifndef UPSTREAM_KEEPING_H
#define UPSTREAM_KEEPING_H

#include <stdbool.h>
#include <stdint.h>

/* Nothing was seen yet: all zero. */
struct keeping {
	int64_t longest_ns;	/* one was still there after so long */
	int64_t wary_until_ns;	/* since one was not */
};

enum keeping_advice {
	KEEPING_TAKE,
	KEEPING_LEAVE,		/* to see how long it is kept; make another */
	KEEPING_REPLACE,	/* by another: it will not do any more */
};

/* For a connection that was unused for idle_ns. */
enum keeping_advice	keeping_advise(const struct keeping *,
			    int64_t idle_ns, int64_t now_ns);

/* One that was unused for so long is still there. */
void			keeping_stayed(struct keeping *, int64_t idle_ns);

/* The upstream closed one without a word when it was unused for so long. */
void			keeping_closed(struct keeping *, int64_t idle_ns,
			    int64_t now_ns);

#endif
