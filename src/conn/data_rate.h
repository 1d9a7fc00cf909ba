/*
 * The minimum data rate: how long a peer may still take for a body.  The peer
 * is a client that sends the body of its request or reads that of a response,
 * or an upstream that takes the one or sends the other.  No more than `most`
 * may pass without any byte, and on average it must be at least `rate` bytes
 * per second.  Time in which there was nothing to do, because the other side
 * took no more or sent nothing, does not count.
 *
 * It is a bucket of time that is full at first, runs out while we wait for the
 * peer, and is filled by bytes, never beyond `most`.  It has a timer of its
 * own.
 *
 * An exchange embeds one for its client, an attempt one for its upstream.
 */
#ifndef CONN_DATA_RATE_H
#define CONN_DATA_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/timer.h"

struct data_rate {
	struct loop *loop;
	struct timer timer;
	int64_t most_ns;
	uint64_t rate;
	int64_t left_ns;	/* when it was last looked at */
	int64_t seen_ns;	/* when that was; 0: not running out */
};

/*
 * late() is called when it has run out, and may feed it or end it.  It is
 * empty, and not running out, before data_rate_begin().
 */
void	data_rate_init(struct data_rate *, struct loop *,
	    void (*late)(void *owner), void *owner);

/* Called before its memory is freed; harmless when repeated or for zeros. */
void	data_rate_end(struct data_rate *);

/* Full, and not running out.  rate 0: any number of bytes fills it. */
void	data_rate_begin(struct data_rate *, int64_t most_ms, uint64_t rate);

/*
 * From now on no byte gives back the time that has passed.  Where that is all
 * of it, and it runs out, late() is called again.
 */
void	data_rate_cap(struct data_rate *);

/* From now on it runs out, or stops doing so. */
void	data_rate_run(struct data_rate *, bool runs);

/* n bytes came or went. */
void	data_rate_feed(struct data_rate *, size_t n);

/* Milliseconds until it is over, at least 0. */
int64_t	data_rate_left(struct data_rate *);

#endif
