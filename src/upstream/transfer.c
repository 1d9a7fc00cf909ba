/*
 * A request and its response at an upstream; see transfer.h.
 *
 * It gets a connection (one that is idle, or waits for one), has the head
 * sent, passes the bodies, ends.  A request is sent again, on a fresh
 * connection, when a reused one closed before any byte of the response, the
 * method is idempotent and what was taken of its body is all still there; and
 * where its owner says so, with another head, to the connections of another
 * pool.
 */
#include "upstream/transfer.h"

#include <assert.h>

#include "base/clock.h"
#include "upstream/stream_fault.h"

static const struct stream_events stream_events;

/* -- ends -- */

/* Gives the connection back, useless where something runs on it. */
static void
let_go(struct transfer *t)
{
	struct connection *c = t->connection;

	if (c == NULL)
		return;
	t->connection = NULL;
	codec_reset(connection_codec(c), t->id, CODEC_CANCEL);
	pool_release(c);
}

/* Nothing of the transfer may be touched after it. */
static void
end_badly(struct transfer *t, enum fault fault, const char *detail)
{
	transfer_close(t);
	t->of.events->fault(t->of.owner, fault, detail);
}

static void
fail_now(void *owner)
{
	struct transfer *t = owner;

	end_badly(t, t->fault, t->detail);
}

/* The response is complete; a request that is not makes the link useless. */
static void
complete(struct transfer *t)
{
	struct connection *c = t->connection;

	t->connection = NULL;
	data_rate_run(&t->time, false);
	if (!t->request_ended)
		codec_reset(connection_codec(c), t->id, CODEC_CANCEL);
	pool_release(c);
}

/* -- time -- */

/*
 * Until the head of its response all is of one time, timeouts.response: that
 * which a connection takes, a second attempt, a request's body that it takes
 * no faster than body_rate or ten bytes per second, its own thinking.  Bytes
 * of the request's body that it took give back what they cost, but never what
 * passed before they could be sent.  The response's body has a time of its
 * own, timeouts.body and body_rate, to which bytes still taken of the
 * request's give back, too; where body_rate is 0, it only must not stop: what
 * comes may be a stream of events, which for long has nothing to say.
 */

/*
 * Bytes per second of a request's body that an upstream takes at least.  No
 * request is so urgent and so slow at once: an upstream that takes less holds
 * it up.
 */
#define TAKES_LEAST	10

static void
await_head(struct transfer *t, int64_t ms)
{
	uint64_t rate = t->of.upstream->body_rate;

	data_rate_begin(&t->time, ms, rate > TAKES_LEAST ? rate :
	    TAKES_LEAST);
	data_rate_run(&t->time, true);
}

static void
await_body(struct transfer *t)
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
	if (t->of.record->upstream_head_ns != 0 && t->credit == 0)
		return false;
	return t->request_ended || t->awaits_continue ||
	    codec_output(connection_codec(t->connection)).n != 0;
}

static void
watch(struct transfer *t)
{
	data_rate_run(&t->time, upstream_is_awaited(t));
}

static void
on_late(void *owner)
{
	struct transfer *t = owner;

	/* The pool knows better what is wrong where there is none. */
	if (t->connection == NULL)
		return;
	end_badly(t, FAULT_UPSTREAM_TIMEOUT,
	    t->of.record->upstream_head_ns == 0 ? "no response in time" :
	    "the response's body came too slowly");
}

/* -- the request -- */

static bool
has_no_body(const struct head *request)
{
	return request->framing == BODY_NONE ||
	    (request->framing == BODY_LENGTH && request->length == 0);
}

/* What was taken of the body so far. */
static void
send_body_again(struct transfer *t)
{
	const struct replay *r = &t->replay;

	if (buf_len(&r->bytes) == 0 && !r->ended)
		return;
	t->awaits_continue = false;
	t->request_ended = r->ended;
	codec_send_body(connection_codec(t->connection), t->id,
	    buf_data(&r->bytes), buf_len(&r->bytes), r->ended);
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
	t->request_ended = has_no_body(t->of.request);
	if (!t->of.events->send(t->of.owner, codec, t->id, t->request_ended))
		return;
	t->of.record->attempts++;
	t->of.record->reused = connection_was_used(c);
	t->of.record->upstream_began_ns = loop_now(t->of.loop);
	data_rate_cap(&t->time);
	send_body_again(t);
	watch(t);
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
	end_badly(owner, fault, why);
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
	watch(t);
	if (!t->request_ended)
		t->of.events->room(t->of.owner);
}

/* -- the response -- */

/*
 * Who answers before the request is there has not read it, and may well never
 * do: the connection will be closed, whatever the response says.
 */
static bool
overtook_request(const struct transfer *t)
{
	return !has_no_body(t->of.request) && (!t->request_ended ||
	    !connection_has_arrived(t->connection));
}

/* Once the owner has seen a response, it can have no other. */
static void
pass_head(struct transfer *t, const struct head *head, bool end)
{
	if (head->kind == HEAD_RESPONSE)
		replay_drop(&t->replay);
	if (t->of.events->head(t->of.owner, head, end) && end)
		complete(t);
}

static void
on_head(void *owner, const struct head *head, bool end)
{
	struct transfer *t = owner;

	if (connection_heard_early(t->connection)) {
		end_badly(t, FAULT_UPSTREAM_PROTOCOL, STREAM_FAULT_EARLY);
		return;
	}
	if (head->kind == HEAD_RESPONSE) {
		connection_note_response(t->connection, head);
		if (overtook_request(t))
			connection_spoil(t->connection);
		t->of.record->upstream_head_ns = loop_now(t->of.loop);
		await_body(t);
		watch(t);
	} else if (head->kind == HEAD_INTERIM && head->status == 100) {
		t->awaits_continue = false;
		watch(t);
	}
	pass_head(t, head, end);
}

static void
on_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	struct transfer *t = owner;

	t->credit -= n;
	data_rate_feed(&t->time, n);
	watch(t);
	if (t->of.events->body(t->of.owner, p, n, end) && end)
		complete(t);
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

/* As far as can be told before: its body may outgrow what is kept of it. */
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

	/* From now on a connection is waited for. */
	data_rate_run(&t->time, true);
	t->connection = NULL;
	pool_drop(c, detail);
	if (may_retry(t, heard, why)) {
		t->retried = true;
		get_connection(t, true);
		return;
	}
	end_badly(t, fault, detail);
}

static const struct stream_events stream_events = {
	.head = on_head,
	.body = on_body,
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
	await_head(t, of->upstream->timeouts.response);
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
	let_go(t);
	if (t->of.record->upstream_head_ns != 0)
		await_head(t, t->head_left_ms);
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
 * Without a connection there is no room, but room may have been offered on
 * one that is gone, and the end needs none.
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
	watch(t);
	connection_wake(t->connection);
}

void
transfer_credit(struct transfer *t, size_t n)
{
	if (t->connection == NULL)
		return;
	t->credit += n;
	codec_credit(connection_codec(t->connection), t->id, n);
	if (t->of.record->upstream_head_ns != 0)
		watch(t);
	connection_wake(t->connection);
}

void
transfer_close(struct transfer *t)
{
	deferred_cancel(&t->failing);
	pool_cancel(&t->waiter);
	data_rate_end(&t->time);
	let_go(t);
	replay_drop(&t->replay);
}
