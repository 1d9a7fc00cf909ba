/*
 * A request and its response at an upstream; see transfer.h.
 *
 * It gets an idle connection or waits for one, has the head sent, passes the
 * bodies, and ends.  A request is sent again on a fresh connection if a reused
 * one closed before any byte of the response, the method is idempotent, and all
 * that was taken of its body is still kept; and if its owner says so, with
 * another head, on a connection of another pool.
 */
#include "upstream/transfer.h"

#include <assert.h>

#include "base/clock.h"
#include "upstream/stream_fault.h"
#include "upstream/transfer_parts.h"

static const struct stream_events stream_events;

static void
fail_now(void *owner)
{
	struct transfer *t = owner;

	transfer_end_badly(t, t->fault, t->detail);
}

static void
on_late(void *owner)
{
	struct transfer *t = owner;

	/* Without a connection the pool reports the fault, as it knows more. */
	if (t->connection == NULL)
		return;
	transfer_let_go(t);
	transfer_response_fails(t, FAULT_UPSTREAM_TIMEOUT,
	    t->of.record->upstream_head_ns == 0 ? "no response in time" :
	    "the response's body came too slowly");
}

/* -- the request -- */

/* Sends all that was taken of the body so far. */
static void
send_body_again(struct transfer *t)
{
	const struct replay *r = &t->replay;
	struct text all = buf_text(&r->bytes);

	if (all.n == 0 && !r->ended)
		return;
	t->awaits_continue = false;
	t->request_ended = r->ended;
	codec_send_body(connection_codec(t->connection), t->id,
	    (const uint8_t *)all.p, all.n, r->ended);
	replay_sent(&t->replay);
}

static void
send_request(struct transfer *t, struct connection *c)
{
	struct codec *codec = connection_codec(c);

	t->connection = c;
	t->id = codec_open(codec, &stream_events, t);
	if (t->id == STREAM_NONE) {
		transfer_fail(t, FAULT_UPSTREAM_PROTOCOL,
		    "the connection takes no request");
		return;
	}
	t->request_ended = head_has_no_body(t->of.request);
	if (!t->of.events->send(t->of.owner, codec, t->id, t->request_ended))
		return;
	t->of.record->attempts++;
	t->of.record->reused = connection_was_used(c);
	t->of.record->upstream_began_ns = loop_now(t->of.loop);
	data_rate_cap(&t->time);
	send_body_again(t);
	if (t->credit != 0)
		codec_credit(codec, t->id, t->credit);
	transfer_watch(t);
	connection_wake(c);
}

static void
on_ready(void *owner, struct connection *c)
{
	struct transfer *t = owner;

	send_request(t, c);
	if (transfer_room(t) != 0)
		t->of.events->room(t->of.owner);
}

static void
on_failed(void *owner, enum fault fault, const char *why)
{
	transfer_end_badly(owner, fault, why);
}

static void
on_room(void *owner)
{
	struct transfer *t = owner;

	t->of.events->room(t->of.owner);
}

static void
on_sent(void *owner, size_t n)
{
	struct transfer *t = owner;

	data_rate_feed(&t->time, n);
	transfer_watch(t);
	if (!t->request_ended)
		t->of.events->room(t->of.owner);
}

/* -- the retry -- */

static void get_connection(struct transfer *, bool fresh);

static bool
may_retry(const struct transfer *t, bool heard, enum codec_error why)
{
	if (t->retried || heard || !replay_is_whole(&t->replay))
		return false;
	if (why == CODEC_REFUSED)
		return true;
	return why == CODEC_TRUNCATED && t->of.record->reused &&
	    method_is_idempotent(t->of.request->method);
}

/* As far as is known now: the body may still outgrow the replay buffer. */
static bool
is_sent_once(const struct transfer *t)
{
	return !method_is_idempotent(t->of.request->method) ||
	    !replay_stays_whole(&t->replay, t->of.request);
}

static void
on_reset(void *owner, enum codec_error why)
{
	struct transfer *t = owner;
	struct connection *c = t->connection;
	bool heard = connection_has_heard(c);
	char detail[STREAM_FAULT_TEXT];
	enum fault fault = stream_fault(c, why, detail, sizeof(detail));

	/* From now on it waits for a connection. */
	data_rate_run(&t->time, true);
	t->connection = NULL;
	pool_drop(c, detail);
	if (may_retry(t, heard, why)) {
		t->retried = true;
		get_connection(t, true);
		return;
	}
	transfer_response_fails(t, fault, detail);
}

static const struct stream_events stream_events = {
	.head = transfer_on_head,
	.body = transfer_on_body,
	.room = on_room,
	.sent = on_sent,
	.reset = on_reset,
};

/* -- for the owner -- */

static void
get_connection(struct transfer *t, bool fresh)
{
	bool once = is_sent_once(t);
	struct connection *c = NULL;

	if (!fresh)
		c = pool_take(t->pool, once);
	if (c != NULL) {
		send_request(t, c);
		return;
	}
	t->waiter = (struct pool_waiter){
		.owner = t,
		.once = once,
		.fresh = fresh,
		.until_ns = loop_now(t->of.loop) +
		    data_rate_left(&t->time) * NS_PER_MS,
		.ready = on_ready,
		.failed = on_failed,
	};
	if (!pool_wait(t->pool, &t->waiter)) {
		transfer_fail(t, FAULT_OVERLOADED, "all connections that "
		    "max_connections allows to the upstream are in use, and "
		    "too many requests wait for one");
	}
}

void
transfer_init(struct transfer *t, const struct transfer_of *of)
{
	*t = (struct transfer){
		.of = *of,
		.awaits_continue = head_expects_continue(of->request),
	};
	data_rate_init(&t->time, of->loop, on_late, t);
	transfer_await_head(t, of->upstream->timeouts.response);
	replay_init(&t->replay, loop_blocks(of->loop), of->replay);
	deferred_init(&t->failing, LOOP_SOON, fail_now, t);
}

void
transfer_start(struct transfer *t, struct pool *pool)
{
	t->pool = pool;
	get_connection(t, false);
}

bool
transfer_can_restart(const struct transfer *t)
{
	return t->pool != NULL && t->fault == FAULT_NONE &&
	    replay_is_whole(&t->replay);
}

void
transfer_restart(struct transfer *t, struct pool *pool)
{
	assert(transfer_can_restart(t));
	pool_cancel(&t->waiter);
	transfer_stop_looking(t);
	transfer_let_go(t);
	if (t->of.record->upstream_head_ns != 0)
		transfer_await_head(t, t->head_left_ms);
	else
		data_rate_run(&t->time, true);
	t->of.record->upstream_head_ns = 0;
	t->retried = false;
	transfer_start(t, pool);
}

void
transfer_fail(struct transfer *t, enum fault fault, const char *detail)
{
	t->fault = fault;
	t->detail = detail;
	deferred_queue(t->of.loop, &t->failing);
}

size_t
transfer_room(const struct transfer *t)
{
	if (t->connection == NULL || t->request_ended ||
	    t->fault != FAULT_NONE)
		return 0;
	return codec_room(connection_codec(t->connection), t->id);
}

/*
 * There is no room without a connection, but it may have been offered on one
 * that is gone, and end needs none.
 */
void
transfer_body(struct transfer *t, const uint8_t *p, size_t n, bool end)
{
	if (t->request_ended)
		return;
	if (t->waiter.pool != NULL) {
		replay_hold(&t->replay, p, n, end);
		return;
	}
	if (t->connection == NULL)
		return;
	replay_keep(&t->replay, p, n, end);
	t->awaits_continue = false;
	t->request_ended = end;
	codec_send_body(connection_codec(t->connection), t->id, p, n, end);
	transfer_watch(t);
	connection_wake(t->connection);
}

void
transfer_credit(struct transfer *t, size_t n)
{
	t->credit += n;
	if (t->look.state != LOOK_OFF)
		n = look_credit(&t->look, n);
	if (t->look.state == LOOK_PASSES)
		deferred_queue(t->of.loop, &t->passing);
	if (t->connection == NULL)
		return;
	if (n != 0)
		codec_credit(connection_codec(t->connection), t->id, n);
	if (t->of.record->upstream_head_ns != 0)
		transfer_watch(t);
	connection_wake(t->connection);
}
