/*
 * A request and its response at an upstream; see attempt.h.
 *
 * It gets an idle connection or waits for one, has the head sent, passes the
 * bodies, and ends.  A request is sent again on a fresh connection if a reused
 * one closed before any byte of the response, the method is idempotent, and all
 * that was taken of its body is still kept; and if its owner says so, with
 * another head, on a connection of another pool.
 */
#include "upstream/attempt.h"

#include <assert.h>

#include "base/clock.h"
#include "upstream/attempt_parts.h"
#include "upstream/stream_fault.h"

static const struct stream_events stream_events;

static void
fail_now(void *owner)
{
	struct attempt *a = owner;

	attempt_end_badly(a, a->fault, a->detail);
}

static void
attempt_on_late(void *owner)
{
	struct attempt *a = owner;

	/* Without a connection the pool reports the fault, as it knows more. */
	if (a->connection == NULL)
		return;
	attempt_let_go(a);
	attempt_response_fails(a, FAULT_UPSTREAM_TIMEOUT,
	    a->of.record->upstream_head_ns == 0 ? "no response in time" :
	    "the response's body came too slowly");
}

/* -- the request -- */

/* Sends all that was taken of the body so far. */
static void
send_body_again(struct attempt *a)
{
	const struct replay *r = &a->replay;
	struct text all = buf_text(&r->bytes);

	if (all.n == 0 && !r->ended)
		return;
	a->awaits_continue = false;
	a->request_ended = r->ended;
	codec_send_body(connection_codec(a->connection), a->id,
	    (const uint8_t *)all.p, all.n, r->ended);
	replay_sent(&a->replay);
}

static void
send_request(struct attempt *a, struct connection *c)
{
	struct codec *codec = connection_codec(c);

	a->connection = c;
	a->id = codec_open(codec, &stream_events, a);
	if (a->id == STREAM_NONE) {
		attempt_fail(a, FAULT_UPSTREAM_PROTOCOL,
		    "the connection takes no request");
		return;
	}
	a->request_ended = head_has_no_body(a->of.request);
	if (!a->of.events->send(a->of.owner, codec, a->id, a->request_ended))
		return;
	a->of.record->attempts++;
	a->of.record->reused = connection_was_used(c);
	a->of.record->upstream_began_ns = loop_now(a->of.loop);
	data_rate_cap(&a->time);
	send_body_again(a);
	if (a->credit != 0)
		codec_credit(codec, a->id, a->credit);
	attempt_watch(a);
	connection_wake(c);
}

static void
attempt_on_ready(void *owner, struct connection *c)
{
	struct attempt *a = owner;

	send_request(a, c);
	if (attempt_room(a) != 0)
		a->of.events->room(a->of.owner);
}

static void
attempt_on_failed(void *owner, enum fault fault, const char *why)
{
	attempt_end_badly(owner, fault, why);
}

static void
attempt_on_room(void *owner)
{
	struct attempt *a = owner;

	a->of.events->room(a->of.owner);
}

static void
attempt_on_sent(void *owner, size_t n)
{
	struct attempt *a = owner;

	data_rate_feed(&a->time, n);
	attempt_watch(a);
	if (!a->request_ended)
		a->of.events->room(a->of.owner);
}

/* -- the retry -- */

static void get_connection(struct attempt *, bool fresh);

static bool
may_retry(const struct attempt *a, bool heard, enum codec_error why)
{
	if (a->retried || heard || !replay_is_whole(&a->replay))
		return false;
	if (why == CODEC_REFUSED)
		return true;
	return why == CODEC_TRUNCATED && a->of.record->reused &&
	    method_is_idempotent(a->of.request->method);
}

/* As far as is known now: the body may still outgrow the replay buffer. */
static bool
is_sent_once(const struct attempt *a)
{
	return !method_is_idempotent(a->of.request->method) ||
	    !replay_stays_whole(&a->replay, a->of.request);
}

static void
attempt_on_reset(void *owner, enum codec_error why)
{
	struct attempt *a = owner;
	struct connection *c = a->connection;
	bool heard = connection_has_heard(c);
	char detail[STREAM_FAULT_TEXT];
	enum fault fault = stream_fault(c, why, detail, sizeof(detail));

	/* From now on it waits for a connection. */
	data_rate_run(&a->time, true);
	a->connection = NULL;
	pool_drop(c, detail);
	if (may_retry(a, heard, why)) {
		a->retried = true;
		get_connection(a, true);
		return;
	}
	attempt_response_fails(a, fault, detail);
}

static const struct stream_events stream_events = {
	.head = attempt_on_head,
	.body = attempt_on_body,
	.room = attempt_on_room,
	.sent = attempt_on_sent,
	.reset = attempt_on_reset,
};

/* -- for the owner -- */

static void
get_connection(struct attempt *a, bool fresh)
{
	bool once = is_sent_once(a);
	struct connection *c = NULL;

	if (!fresh)
		c = pool_take(a->pool, once);
	if (c != NULL) {
		send_request(a, c);
		return;
	}
	a->waiter = (struct pool_waiter){
		.owner = a,
		.once = once,
		.fresh = fresh,
		.until_ns = loop_now(a->of.loop) +
		    data_rate_left(&a->time) * NS_PER_MS,
		.ready = attempt_on_ready,
		.failed = attempt_on_failed,
	};
	if (!pool_wait(a->pool, &a->waiter)) {
		attempt_fail(a, FAULT_OVERLOADED, "all connections that "
		    "max_connections allows to the upstream are in use, and "
		    "too many requests wait for one");
	}
}

void
attempt_init(struct attempt *a, const struct attempt_of *of)
{
	*a = (struct attempt){
		.of = *of,
		.awaits_continue = head_expects_continue(of->request),
	};
	data_rate_init(&a->time, of->loop, attempt_on_late, a);
	attempt_await_head(a, of->upstream->timeouts.response);
	replay_init(&a->replay, loop_blocks(of->loop), of->replay);
	deferred_init(&a->failing, LOOP_SOON, fail_now, a);
}

void
attempt_start(struct attempt *a, struct pool *pool)
{
	a->pool = pool;
	/* There is no second retry, so that it gets none that may be closed. */
	get_connection(a, a->of.alone || a->retried);
}

bool
attempt_can_restart(const struct attempt *a)
{
	return a->pool != NULL && a->fault == FAULT_NONE &&
	    replay_is_whole(&a->replay);
}

void
attempt_rewind(struct attempt *a)
{
	assert(attempt_can_restart(a));
	pool_cancel(&a->waiter);
	attempt_stop_looking(a);
	/*
	 * The next waiter would get it at once, and might give it up, too, as
	 * would the one after it, all within this call.
	 */
	if (a->connection != NULL)
		connection_spoil(a->connection);
	attempt_let_go(a);
	if (a->of.record->upstream_head_ns != 0)
		attempt_await_head(a, a->head_left_ms);
	else
		data_rate_run(&a->time, true);
	a->of.record->upstream_head_ns = 0;
	a->pool = NULL;
}

void
attempt_fail(struct attempt *a, enum fault fault, const char *detail)
{
	a->fault = fault;
	a->detail = detail;
	deferred_queue(a->of.loop, &a->failing);
}

size_t
attempt_room(const struct attempt *a)
{
	if (a->connection == NULL || a->request_ended ||
	    a->fault != FAULT_NONE)
		return 0;
	return codec_room(connection_codec(a->connection), a->id);
}

/*
 * There is no room without a connection, but it may have been offered on one
 * that is gone, and end needs none; it may come before a pool was asked.
 */
void
attempt_body(struct attempt *a, const uint8_t *p, size_t n, bool end)
{
	if (a->request_ended)
		return;
	if (a->waiter.pool != NULL || a->pool == NULL) {
		replay_hold(&a->replay, p, n, end);
		return;
	}
	if (a->connection == NULL)
		return;
	replay_keep(&a->replay, p, n, end);
	a->awaits_continue = false;
	a->request_ended = end;
	codec_send_body(connection_codec(a->connection), a->id, p, n, end);
	attempt_watch(a);
	connection_wake(a->connection);
}

void
attempt_credit(struct attempt *a, size_t n)
{
	a->credit += n;
	if (a->look.state != LOOK_OFF)
		n = look_credit(&a->look, n);
	if (a->look.state == LOOK_PASSES)
		deferred_queue(a->of.loop, &a->passing);
	if (a->connection == NULL)
		return;
	if (n != 0)
		codec_credit(connection_codec(a->connection), a->id, n);
	if (a->of.record->upstream_head_ns != 0)
		attempt_watch(a);
	connection_wake(a->connection);
}

bool
attempt_is_waiting(const struct attempt *a)
{
	return a->waiter.pool != NULL;
}

bool
attempt_is_under_way(const struct attempt *a)
{
	return a->connection != NULL;
}

bool
attempt_is_looking(const struct attempt *a)
{
	return a->look.state == LOOK_COLLECTS;
}

void
attempt_abort(struct attempt *a, enum fault fault, const char *detail)
{
	if (a->connection != NULL)
		connection_spoil(a->connection);
	attempt_close(a);
	attempt_fail(a, fault, detail);
}
