/*
 * How long an upstream is waited for; see attempt_parts.h.
 *
 * Until the head of its response there is one time for everything,
 * timeouts.response: for getting a connection, a second attempt, a request's
 * body that the upstream takes no faster than body_rate or ten bytes per
 * second, and the upstream's own work.  Bytes of the request's body that it
 * takes give back their time, but never the time that passed before they could
 * be sent.  The response's body has a time of its own, timeouts.body with
 * body_rate, to which bytes still taken of the request's body give time back,
 * too.  If body_rate is 0, the body must only not stop: it may be a stream of
 * events, which can be silent for minutes.
 */
#include "upstream/attempt_parts.h"

/*
 * The bytes per second of a request's body that an upstream must take at least.
 * An upstream that takes less holds the request up: no request is both urgent
 * and that slow.
 */
#define TAKES_LEAST	10

void
attempt_await_head(struct attempt *a, int64_t ms)
{
	uint64_t rate = a->of.upstream->body_rate;

	data_rate_begin(&a->time, ms, rate > TAKES_LEAST ? rate :
	    TAKES_LEAST);
	data_rate_run(&a->time, true);
}

void
attempt_await_body(struct attempt *a)
{
	a->head_left_ms = data_rate_left(&a->time);
	data_rate_begin(&a->time, a->of.upstream->timeouts.body,
	    a->of.upstream->body_rate);
}

/*
 * Whether time runs.  An upstream that has all that the client has sent so far
 * waits for the client, too, unless the client waits for a 100 from it.  After
 * its head it is not waited for without credit: then the client takes no more,
 * and has a deadline of its own.
 */
static bool
upstream_is_awaited(const struct attempt *a)
{
	if (a->of.record->upstream_head_ns != 0 && a->credit == 0 &&
	    a->look.state != LOOK_COLLECTS)
		return false;
	return a->request_ended || a->awaits_continue ||
	    codec_output(connection_codec(a->connection)).n != 0;
}

void
attempt_watch(struct attempt *a)
{
	data_rate_run(&a->time, upstream_is_awaited(a));
}
