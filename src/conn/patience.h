/*
 * How long somebody may still take for a body, a client to send that of its
 * request or to read that of a response, or an upstream to send one: no longer
 * than `most` without any byte, and on average no fewer than `rate` bytes per
 * second.  Time in which there was nothing to do, because the other side took
 * no more or sent nothing, does not count.
 *
 * It is a bucket of time that is full at first, runs out while somebody is
 * waited for, and is filled by bytes, never beyond `most`.
 *
 * Called by session and wait for clients.  Pure.
 */
#ifndef CONN_PATIENCE_H
#define CONN_PATIENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct patience {
	int64_t left_ns;	/* when it was last looked at */
	int64_t seen_ns;	/* when that was; 0: not running out */
};

/* Full, and not running out. */
void	patience_begin(struct patience *, int64_t most_ms);

/* From now on it runs out, or no longer. */
void	patience_run(struct patience *, bool runs, int64_t now_ns);

/* n bytes came or went; rate 0: any number of them fills it. */
void	patience_feed(struct patience *, int64_t most_ms, uint64_t rate,
	    size_t n, int64_t now_ns);

/* Milliseconds until it is over, at least 0. */
int64_t	patience_left(struct patience *, int64_t now_ns);

#endif
