/*
 * Which idle connection is good enough for a request that can be sent only
 * once.  If the upstream closes it at that moment the client gets an error, as
 * it is unknown whether the request was received; and no look at the connection
 * shows what is under way.
 *
 * Upstreams close connections that are unused for some time, which few
 * announce: 2, 5, 60 or 75 seconds are common, and some close each after its
 * first response without saying so.  So such a request takes one only if it was
 * unused for less than a second, and the upstream has been seen to keep another
 * for twice as long; and for a minute none at all where it was seen to close
 * one within a second.  A new connection, whose TLS session is resumed, costs
 * two round trips.
 *
 * Called by pool, which has one for each upstream and key.  Times are of
 * loop_boot(), in nanoseconds.  Pure.
 */
#ifndef UPSTREAM_KEEPING_H
#define UPSTREAM_KEEPING_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: nothing was seen yet. */
struct keeping {
	int64_t longest_ns;	/* one was still open after that time */
	int64_t wary_until_ns;	/* because one was not */
};

enum keeping_advice {
	KEEPING_TAKE,
	KEEPING_LEAVE,		/* it stays, to see how long; make another */
	KEEPING_REPLACE,	/* close it and make another */
};

/* Advice for a connection that was unused for idle_ns. */
enum keeping_advice	keeping_advise(const struct keeping *,
			    int64_t idle_ns, int64_t now_ns);

/* A connection that was unused for that time is still open. */
void			keeping_stayed(struct keeping *, int64_t idle_ns);

/* The upstream closed one without a word after it was unused for that time. */
void			keeping_closed(struct keeping *, int64_t idle_ns,
			    int64_t now_ns);

#endif
