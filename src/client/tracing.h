/*
 * The trace that a request belongs to: what its client said of it, for the
 * line, and what goes upstream.  A valid traceparent, and its tracestate, go on
 * as they came, so that the span in the line is the caller's: sallyport adds
 * none of its own between the two.
 */
#ifndef CLIENT_TRACING_H
#define CLIENT_TRACING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "http/head.h"
#include "stats/record.h"

/*
 * Records what the fields of a request say, and what is malformed there.
 * Returns the fields that must not go on, as bits.
 */
uint64_t	tracing_read(const struct fields *, struct record *);

/*
 * Changes the fields of a head that goes upstream, in the arena: barred are
 * left out, and with make it gets a traceparent of ours where it has none that
 * is valid.  The record tells it.  What is made has random ids and says
 * "sampled", which means that its caller recorded it, as our line does.  None
 * is made where Connection names traceparent, for it would not go on, nor
 * while the system has no random bytes, which it says at its very start only.
 */
void		tracing_apply(uint64_t barred, bool make, struct arena *,
		    struct record *, struct head *);

#endif
