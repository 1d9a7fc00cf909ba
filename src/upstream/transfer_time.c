/*
 * Who is waited for, and how long; see transfer_parts.h.
 *
 * Until the head of its response all is of one time, timeouts.response: that
 * which a connection takes, a second attempt, a request's body that it takes
 * no faster than body_rate or ten bytes per second, its own thinking.  Bytes
 * of the request's body that it took give back what they cost, but never what
 * passed before they could be sent.  The response's body has a time of its
 * own, timeouts.body and body_rate, to which bytes still taken of the
 * request's give back, too; where body_rate is 0, it only must not stop: what
 * comes may be a stream of events, which for long has nothing to say.
 */
#include "upstream/transfer_parts.h"

/*
 * Bytes per second of a request's body that an upstream takes at least.  No
 * request is so urgent and so slow at once: an upstream that takes less holds
 * it up.
 */
#define TAKES_LEAST	10

void
transfer_await_head(struct transfer *t, int64_t ms)
{
	uint64_t rate = t->of.upstream->body_rate;

	data_rate_begin(&t->time, ms, rate > TAKES_LEAST ? rate :
	    TAKES_LEAST);
	data_rate_run(&t->time, true);
}

void
transfer_await_body(struct transfer *t)
{
	t->head_left_ms = data_rate_left(&t->time);
	data_rate_begin(&t->time, t->of.upstream->timeouts.body,
	    t->of.upstream->body_rate);
}

/*
 * An upstream that has all the client has sent so far waits for the client,
 * too, unless the client waits for its word.  After its head, there is nothing
 * to wait for without credit: the client takes no more, and has a deadline of
 * its own.
 */
static bool
upstream_is_awaited(const struct transfer *t)
{
	if (t->of.record->upstream_head_ns != 0 && t->credit == 0 &&
	    t->look.state != LOOK_COLLECTS)
		return false;
	return t->request_ended || t->awaits_continue ||
	    codec_output(connection_codec(t->connection)).n != 0;
}

void
transfer_watch(struct transfer *t)
{
	data_rate_run(&t->time, upstream_is_awaited(t));
}
