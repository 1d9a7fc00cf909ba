/*
 * A request and its response at an upstream; see transfer.h.
 *
 * It gets a connection (one that is idle, or waits for one), has the head
 * sent, passes the bodies, ends.  A request is sent again, on a fresh
 * connection, when a reused one closed before any byte of the response, the
 * method is idempotent and none of the body was taken from the client yet.
 */
#include "upstream/transfer.h"

#include <stdio.h>

#include "base/clock.h"

/* Why a stream was reset, for the log. */
#define DETAIL	160

static const char before_request[] = "a response came before its request";

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
	t->events->fault(t->owner, fault, detail);
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
await_head(struct transfer *t)
{
	uint64_t rate = t->upstream->body_rate;

	data_rate_begin(&t->time, t->upstream->timeouts.response,
	    rate > TAKES_LEAST ? rate : TAKES_LEAST);
	data_rate_run(&t->time, true);
}

static void
await_body(struct transfer *t)
{
	data_rate_begin(&t->time, t->upstream->timeouts.body,
	    t->upstream->body_rate);
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
	if (t->record->upstream_head_ns != 0 && t->credit == 0)
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
	end_badly(t, FAULT_UPSTREAM_TIMEOUT, t->record->upstream_head_ns == 0 ?
	    "no response in time" : "the response's body came too slowly");
}

/* -- the request -- */

/* What the client said of its body while there was no connection. */
static void
send_held(struct transfer *t)
{
	struct buf held = t->held;

	if (buf_len(&held) == 0 && !t->held_end)
		return;
	buf_init(&t->held, held.blocks);
	transfer_body(t, buf_data(&held), buf_len(&held), t->held_end);
	buf_release(&held);
}

static bool
has_no_body(const struct head *request)
{
	return request->framing == BODY_NONE ||
	    (request->framing == BODY_LENGTH && request->length == 0);
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
	t->request_ended = has_no_body(t->request);
	if (!t->events->send(t->owner, codec, t->id, t->request_ended))
		return;
	t->record->attempts++;
	t->record->reused = connection_was_used(c);
	t->record->upstream_began_ns = loop_now(t->loop);
	data_rate_cap(&t->time);
	send_held(t);
	watch(t);
	connection_wake(c);
}

static void
on_ready(void *owner, struct connection *c)
{
	struct transfer *t = owner;

	send_request(t, c);
	if (transfer_room(t) != 0)
		t->events->room(t->owner);
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

	t->events->room(t->owner);
}

static void
on_sent(void *owner, size_t n)
{
	struct transfer *t = owner;

	data_rate_feed(&t->time, n);
	watch(t);
	if (!t->request_ended)
		t->events->room(t->owner);
}

/* -- the response -- */

/*
 * Who answers before the request is there has not read it, and may well never
 * do: the connection will be closed, whatever the response says.
 */
static bool
overtook_request(const struct transfer *t)
{
	return !has_no_body(t->request) && (!t->request_ended ||
	    !connection_has_arrived(t->connection));
}

static void
on_head(void *owner, const struct head *head, bool end)
{
	struct transfer *t = owner;

	if (connection_heard_early(t->connection)) {
		end_badly(t, FAULT_UPSTREAM_PROTOCOL, before_request);
		return;
	}
	if (head->kind == HEAD_RESPONSE) {
		connection_note_response(t->connection, head);
		if (overtook_request(t))
			connection_spoil(t->connection);
		t->record->upstream_head_ns = loop_now(t->loop);
		await_body(t);
		watch(t);
	} else if (head->kind == HEAD_INTERIM && head->status == 100) {
		t->awaits_continue = false;
		watch(t);
	}
	if (t->events->head(t->owner, head, end) && end)
		complete(t);
}

static void
on_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	struct transfer *t = owner;

	t->credit -= n;
	data_rate_feed(&t->time, n);
	watch(t);
	if (t->events->body(t->owner, p, n, end) && end)
		complete(t);
}

/* -- the retry -- */

static void get_connection(struct transfer *, bool fresh);

static bool
may_retry(const struct transfer *t, bool heard, enum codec_error why)
{
	if (t->retried || heard || t->body_taken)
		return false;
	if (why == CODEC_REFUSED)
		return true;
	return why == CODEC_TRUNCATED && t->record->reused &&
	    method_is_idempotent(t->request->method);
}

/* As good as: its body will have been taken. */
static bool
is_sent_once(const struct head *request)
{
	return !method_is_idempotent(request->method) ||
	    !has_no_body(request);
}

static const char *
codec_error_text(enum codec_error why)
{
	switch (why) {
	case CODEC_HEAD_TOO_LARGE:
		return "the response head is too large";
	case CODEC_TOO_MANY_INTERIM:
		return "too many interim responses";
	case CODEC_TRUNCATED:
		return "the connection ended before the response did";
	case CODEC_CANCELLED:
	case CODEC_REFUSED:
		return "the stream was reset";
	case CODEC_UNEXPECTED:
		return before_request;
	case CODEC_OK:
	case CODEC_BAD_MESSAGE:
	case CODEC_TARGET_TOO_LONG:
		break;
	}
	return "the response is not strictly valid HTTP";
}

/*
 * What ended the connection, and in words.  A server that wants a certificate
 * of us, or another one, says so after a handshake of TLS 1.3.
 */
static enum fault
reset_fault(struct connection *c, enum codec_error why, char *detail,
    size_t size)
{
	const char *complaint = codec_complaint(connection_codec(c));

	if (connection_tls_failure(c, detail, size))
		return FAULT_UPSTREAM_TLS;
	(void)snprintf(detail, size, "%s", complaint != NULL ? complaint :
	    codec_error_text(why));
	return FAULT_UPSTREAM_PROTOCOL;
}

static void
on_reset(void *owner, enum codec_error why)
{
	struct transfer *t = owner;
	struct connection *c = t->connection;
	bool heard = connection_has_heard(c);
	char detail[DETAIL];
	enum fault fault = reset_fault(c, why, detail, sizeof(detail));

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
	bool once = is_sent_once(t->request);
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
		.until_ns = loop_now(t->loop) +
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
transfer_init(struct transfer *t, struct loop *loop,
    const struct conf_upstream *upstream, const struct head *request,
    struct record *record, const struct transfer_events *events, void *owner)
{
	*t = (struct transfer){
		.loop = loop,
		.request = request,
		.events = events,
		.owner = owner,
		.upstream = upstream,
		.record = record,
		.awaits_continue = head_expects_continue(request),
	};
	data_rate_init(&t->time, loop, on_late, t);
	await_head(t);
	buf_init(&t->held, loop_blocks(loop));
	deferred_init(&t->failing, LOOP_SOON, fail_now, t);
}

void
transfer_start(struct transfer *t, struct pool *pool)
{
	t->pool = pool;
	get_connection(t, false);
}

void
transfer_fail(struct transfer *t, enum fault fault, const char *detail)
{
	t->fault = fault;
	t->detail = detail;
	deferred_queue(t->loop, &t->failing);
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
		buf_append(&t->held, p, n);
		t->held_end = end;
		return;
	}
	if (t->connection == NULL)
		return;
	t->body_taken = true;
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
	if (t->record->upstream_head_ns != 0)
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
	buf_release(&t->held);
}
