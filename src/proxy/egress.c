/*
 * Requests with keys; see egress.h.
 *
 * A stream goes through: pick a key, get a connection (one that is idle, or
 * wait for one), send the head, pass the bodies, end.  The one retry is here:
 * a request is sent again on a fresh connection when a reused one closed
 * before any byte of the response, the method is idempotent and none of the
 * body was taken from the client yet.
 */
#include "proxy/egress.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/codec.h"
#include "proxy/connection.h"
#include "proxy/credential.h"
#include "proxy/keyring.h"
#include "proxy/needles.h"
#include "proxy/patience.h"
#include "proxy/pool.h"
#include "proxy/reflection.h"
#include "proxy/upstreams.h"

struct egress {
	const struct conf *conf;
	struct loop *loop;
	struct keyring keyring;
	struct needles *needles;	/* of each key that a route lists */
	struct upstreams *upstreams;
	struct fields fields;		/* of the head being built */
	struct blocks *streams;
	struct blocks *arena_blocks;
	size_t n_streams;
};

struct egress_stream {
	struct egress *egress;
	const struct conf_route *route;
	const struct conf_upstream *upstream;
	const struct head *request;
	const struct egress_events *events;
	void *owner;

	size_t key;
	struct pool *pool;
	struct connection *connection;	/* NULL: none yet, or no more */
	stream_id id;
	struct pool_waiter waiter;	/* .pool not NULL: waiting */
	struct deferred failing;	/* a fault told at the turn's end */
	enum fault fault;
	const char *detail;

	bool request_ended;
	bool body_taken;		/* some of the body went to a codec */
	struct buf held;		/* body that came between connections */
	bool held_end;
	bool retried;
	int64_t opened_ns;
	size_t credit;			/* given and not used yet */
	struct patience patience;	/* with the response's body */
	struct reflection reflection;	/* of the key in the body */
	struct egress_facts facts;
	struct arena arena;		/* of what facts refer to */
};

/* -- ends -- */

/* The stream's fault; nothing of the stream may be touched after it. */
static void
stream_fault(struct egress_stream *s, enum fault fault, const char *detail)
{
	if (s->connection != NULL) {
		codec_reset(connection_codec(s->connection), s->id);
		pool_release(s->connection);
		s->connection = NULL;
	}
	s->events->fault(s->owner, fault, detail);
}

static void
stream_fail_later(void *owner)
{
	struct egress_stream *s = owner;

	stream_fault(s, s->fault, s->detail);
}

/* For faults found within a call of egress_*(), where no event may come. */
static void
stream_fail(struct egress_stream *s, enum fault fault, const char *detail)
{
	s->fault = fault;
	s->detail = detail;
	deferred_queue(s->egress->loop, &s->failing);
}

/* The response is complete; a request that is not makes the link useless. */
static void
stream_complete(struct egress_stream *s)
{
	struct connection *c = s->connection;

	s->connection = NULL;
	connection_deadline(c, 0);
	if (!s->request_ended)
		codec_reset(connection_codec(c), s->id);
	pool_release(c);
}

/* -- what of the key others say -- */

static const struct needles *
needles_of(const struct egress_stream *s)
{
	return &s->egress->needles[s->key];
}

/* The client has the key itself, and shows it where lines would show it. */
static bool
key_in_request(const struct egress_stream *s)
{
	const struct fields *fields = &s->request->fields;
	const struct field *agent = fields_find(fields, FIELD_USER_AGENT);
	const struct field *id = fields_find(fields, FIELD_X_REQUEST_ID);

	return needles_found(needles_of(s), s->request->method) ||
	    needles_found(needles_of(s), s->request->target) ||
	    (agent != NULL && needles_found(needles_of(s), agent->value)) ||
	    (id != NULL && needles_found(needles_of(s), id->value));
}

/*
 * In a head of any kind.  There is no reason phrase to look at: clients get
 * the registered one.
 */
static bool
key_is_reflected(const struct egress_stream *s, const struct head *head)
{
	for (size_t i = 0; i < head->fields.n; i++) {
		if (needles_found(needles_of(s), head->fields.v[i].name) ||
		    needles_found(needles_of(s), head->fields.v[i].value))
			return true;
	}
	return false;
}

/* What the body ended with goes on in one of the trailers. */
static bool
key_goes_on(struct egress_stream *s, const struct head *trailers)
{
	for (size_t i = 0; i < trailers->fields.n; i++) {
		const struct field *f = &trailers->fields.v[i];

		if (reflection_goes_on(&s->reflection, f->name) ||
		    reflection_goes_on(&s->reflection, f->value))
			return true;
	}
	return false;
}

/* -- sending -- */

/*
 * The request is built from scratch: method, target, Host, the client's
 * end-to-end fields, and last of all the key.
 */
static void
send_head(struct egress_stream *s)
{
	struct egress *e = s->egress;
	const struct conf_key *key = &e->conf->keys[s->key];
	struct codec *codec = connection_codec(s->connection);
	struct head head = {
		.kind = HEAD_REQUEST,
		.version = 11,
		.method = s->request->method,
		.target = s->request->target,
		.authority = text_of(s->upstream->authority),
		.framing = s->request->framing,
		.length = s->request->length,
	};
	char *value = arena_alloc(&s->arena, credential_size(key));

	fields_clear(&e->fields);
	credential_request_fields(s->request, &e->fields);
	fields_add(&e->fields, FIELD_AUTHORIZATION,
	    TEXT("Authorization"), credential_value(key, value));
	head.fields = e->fields;
	codec_send_head(codec, s->id, &head, s->request_ended);
	fields_clear(&e->fields);
	explicit_bzero(value, credential_size(key));
	s->facts.key_in_request = key_in_request(s);
}

/*
 * The response's deadline counts from the beginning, with the time a
 * connection took: the client's own patience does.
 */
static int64_t
response_time_left(const struct egress_stream *s)
{
	int64_t passed = loop_now(s->egress->loop) - s->opened_ns;
	int64_t left = s->upstream->timeouts.response - passed / NS_PER_MS;

	return left > 1 ? left : 1;
}

/* What the client said of its body while there was no connection. */
static void
send_held(struct egress_stream *s)
{
	struct buf held = s->held;

	if (buf_len(&held) == 0 && !s->held_end)
		return;
	buf_init(&s->held, held.blocks);
	egress_body(s, buf_data(&held), buf_len(&held), s->held_end);
	buf_release(&held);
}

static void
send_request(struct egress_stream *s, struct connection *c, bool reused)
{
	struct codec *codec = connection_codec(c);

	s->connection = c;
	s->id = codec_open(codec);
	if (s->id == STREAM_NONE) {
		stream_fail(s, FAULT_UPSTREAM_PROTOCOL,
		    "the connection takes no request");
		return;
	}
	/* The handshake verified this host; the sealed file must name it. */
	if (!keyring_allows(&s->egress->keyring, s->key, s->upstream->host)) {
		stream_fail(s, FAULT_KEY_UNAVAILABLE,
		    "the key is not sealed for this host");
		return;
	}
	s->facts.attempts++;
	s->facts.reused = reused;
	s->facts.began_ns = loop_now(s->egress->loop);
	s->request_ended = s->request->framing == BODY_NONE ||
	    (s->request->framing == BODY_LENGTH && s->request->length == 0);
	send_head(s);
	send_held(s);
	connection_deadline(c, response_time_left(s));
	connection_wake(c);
}

static void
on_ready(void *owner, struct connection *c, bool reused)
{
	struct egress_stream *s = owner;

	send_request(s, c, reused);
	if (egress_room(s) != 0)
		s->events->room(s->owner);
}

static void
on_failed(void *owner, enum fault fault, const char *why)
{
	stream_fault(owner, fault, why);
}

/* -- the response -- */

static void
note_expiry(struct egress_stream *s, const struct head *head)
{
	struct keyring_expiry e = keyring_learn(&s->egress->keyring, s->key,
	    s->upstream->name, head);

	s->facts.expiry = e.result;
	s->facts.expires = e.seconds;
	s->facts.expires_raw = arena_text(&s->arena, needles_touch(
	    needles_of(s), e.raw) ? TEXT(EGRESS_WITHHELD) : e.raw);
}

/* Hands a head over with the fields that are the client's. */
static void
pass_head(struct egress_stream *s, const struct head *head, bool end)
{
	struct egress *e = s->egress;
	struct head out = *head;

	fields_clear(&e->fields);
	if (head->kind == HEAD_TRAILERS)
		credential_trailer_fields(head, &e->fields);
	else
		credential_response_fields(head, &e->fields);
	out.fields = e->fields;
	s->events->head(s->owner, &out, end);
}

static void
pass_body(struct egress_stream *s, struct text t, bool end)
{
	if (t.n != 0 || end)
		s->events->body(s->owner, (const uint8_t *)t.p, t.n, end);
}

/*
 * The upstream is waited for while there is credit.  Without it the client
 * takes no more, which is no fault of the upstream's; the client has a
 * deadline of its own.
 */
static void
await_body(struct egress_stream *s)
{
	int64_t now = loop_now(s->egress->loop), left;

	patience_run(&s->patience, s->credit != 0, now);
	left = patience_left(&s->patience, now);
	connection_deadline(s->connection, s->credit == 0 ? 0 :
	    left != 0 ? left : 1);
}

static void
on_head(void *owner, stream_id id, const struct head *head, bool end)
{
	struct egress_stream *s = owner;

	(void)id;
	if (key_is_reflected(s, head) ||
	    (head->kind == HEAD_TRAILERS && key_goes_on(s, head))) {
		stream_fault(s, FAULT_KEY_REFLECTED, "in a field");
		return;
	}
	if (head->kind == HEAD_RESPONSE) {
		s->facts.head_ns = loop_now(s->egress->loop);
		note_expiry(s, head);
		reflection_start(&s->reflection, needles_of(s),
		    loop_blocks(s->egress->loop));
		patience_begin(&s->patience, s->upstream->timeouts.body);
		await_body(s);
	}
	if (end)
		stream_complete(s);
	if (head->kind == HEAD_TRAILERS)
		pass_body(s, reflection_rest(&s->reflection), false);
	pass_head(s, head, end);
}

static void
on_body(void *owner, stream_id id, const uint8_t *p, size_t n, bool end)
{
	struct egress_stream *s = owner;
	struct text first, second, rest;

	(void)id;
	s->credit -= n;
	if (!reflection_pass(&s->reflection,
	    (struct text){ .p = (const char *)p, .n = n }, &first, &second)) {
		stream_fault(s, FAULT_KEY_REFLECTED, "in the body");
		return;
	}
	patience_feed(&s->patience, s->upstream->timeouts.body,
	    s->upstream->body_rate, n, loop_now(s->egress->loop));
	if (end)
		stream_complete(s);
	else
		await_body(s);
	rest = end ? reflection_rest(&s->reflection) : TEXT("");
	pass_body(s, first, false);
	pass_body(s, second, end && rest.n == 0);
	if (rest.n != 0)
		pass_body(s, rest, true);
}

static void
on_room(void *owner, stream_id id)
{
	struct egress_stream *s = owner;

	(void)id;
	s->events->room(s->owner);
}

static void get_connection(struct egress_stream *, bool fresh);

static bool
may_retry(const struct egress_stream *s, bool heard, enum codec_error why)
{
	if (s->retried || heard || s->body_taken)
		return false;
	if (why == CODEC_REFUSED)
		return true;
	return why == CODEC_TRUNCATED && s->facts.reused &&
	    method_is_idempotent(s->request->method);
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
	case CODEC_OK:
	case CODEC_BAD_MESSAGE:
	case CODEC_TARGET_TOO_LONG:
	case CODEC_UNEXPECTED:
		break;
	}
	return "the response is not strictly valid HTTP";
}

static void
on_reset(void *owner, stream_id id, enum codec_error why)
{
	struct egress_stream *s = owner;
	struct connection *c = s->connection;
	bool heard = connection_has_heard(c);
	const char *detail = codec_complaint(connection_codec(c));

	(void)id;
	s->connection = NULL;
	if (detail == NULL)
		detail = codec_error_text(why);
	pool_drop(c, detail);
	if (may_retry(s, heard, why)) {
		s->retried = true;
		get_connection(s, true);
		return;
	}
	s->events->fault(s->owner, FAULT_UPSTREAM_PROTOCOL, detail);
}

static void
on_drain(void *owner)
{
	(void)owner;
}

static void
on_sent(void *owner)
{
	struct egress_stream *s = owner;

	/* Progress of the request's body puts the response's deadline off. */
	if (s->body_taken && s->facts.head_ns == 0)
		connection_deadline(s->connection,
		    s->upstream->timeouts.response);
	if (!s->request_ended)
		s->events->room(s->owner);
}

static void
on_late(void *owner)
{
	struct egress_stream *s = owner;

	/* An upstream that has all the client has sent so far waits, too. */
	if (s->facts.head_ns == 0 && !s->request_ended &&
	    codec_output(connection_codec(s->connection)).n == 0) {
		connection_deadline(s->connection,
		    s->upstream->timeouts.response);
		return;
	}
	stream_fault(s, FAULT_UPSTREAM_TIMEOUT, s->facts.head_ns == 0 ?
	    "no response in time" : "the response's body came too slowly");
}

static const struct codec_events codec_events = {
	.head = on_head,
	.body = on_body,
	.room = on_room,
	.reset = on_reset,
	.drain = on_drain,
};

/* -- the beginning -- */

static void
get_connection(struct egress_stream *s, bool fresh)
{
	struct connection_user user = {
		.events = &codec_events,
		.owner = s,
		.sent = on_sent,
		.late = on_late,
	};
	struct connection *c = fresh ? NULL : pool_take(s->pool, &user);

	if (c != NULL) {
		send_request(s, c, true);
		return;
	}
	s->waiter = (struct pool_waiter){
		.user = user,
		.fresh = fresh,
		.ready = on_ready,
		.failed = on_failed,
	};
	if (!pool_wait(s->pool, &s->waiter)) {
		stream_fail(s, FAULT_OVERLOADED,
		    "too many requests wait for a connection");
	}
}

struct egress_stream *
egress_open(struct egress *e, const struct conf_route *route,
    const struct head *request, const struct egress_events *events,
    void *owner)
{
	struct egress_stream *s = blocks_take(e->streams);

	*s = (struct egress_stream){
		.egress = e,
		.route = route,
		.upstream = &e->conf->upstreams[route->upstream],
		.request = request,
		.events = events,
		.owner = owner,
		.opened_ns = loop_now(e->loop),
	};
	e->n_streams++;
	arena_init(&s->arena, e->arena_blocks);
	buf_init(&s->held, loop_blocks(e->loop));
	deferred_init(&s->failing, LOOP_SOON, stream_fail_later, s);
	s->key = keyring_pick(&e->keyring, route, clock_wall() / NS_PER_S);
	if (s->key == CONF_NONE) {
		stream_fail(s, FAULT_KEY_UNAVAILABLE,
		    "every key of the route has expired");
		return s;
	}
	s->facts.key = e->conf->keys[s->key].name;
	s->pool = upstreams_pool(e->upstreams, route->upstream, s->key);
	get_connection(s, false);
	return s;
}

size_t
egress_room(const struct egress_stream *s)
{
	if (s->connection == NULL || s->request_ended ||
	    s->fault != FAULT_NONE)
		return 0;
	return codec_room(connection_codec(s->connection), s->id);
}

/*
 * Without a connection there is no room, but room may have been offered on
 * one that is gone, and the end needs none.
 */
void
egress_body(struct egress_stream *s, const uint8_t *p, size_t n, bool end)
{
	if (s->request_ended)
		return;
	if (s->waiter.pool != NULL) {
		buf_append(&s->held, p, n);
		s->held_end = end;
		return;
	}
	if (s->connection == NULL)
		return;
	s->body_taken = true;
	s->request_ended = end;
	codec_send_body(connection_codec(s->connection), s->id, p, n, end);
	connection_wake(s->connection);
}

void
egress_credit(struct egress_stream *s, size_t n)
{
	if (s->connection == NULL)
		return;
	s->credit += n;
	codec_credit(connection_codec(s->connection), s->id, n);
	if (s->facts.head_ns != 0)
		await_body(s);
	connection_wake(s->connection);
}

const struct egress_facts *
egress_facts(const struct egress_stream *s)
{
	return &s->facts;
}

void
egress_close(struct egress_stream **stream)
{
	struct egress_stream *s = *stream;

	if (s == NULL)
		return;
	*stream = NULL;
	deferred_cancel(&s->failing);
	pool_cancel(&s->waiter);
	if (s->connection != NULL) {
		codec_reset(connection_codec(s->connection), s->id);
		pool_release(s->connection);
	}
	buf_release(&s->held);
	reflection_release(&s->reflection);
	arena_release(&s->arena);
	s->egress->n_streams--;
	blocks_give(s->egress->streams, s);
}

/* -- one per worker -- */

#define ARENA_BLOCK	4096
#define KEEP_BLOCKS	1024

static struct needles *
needles_new(const struct conf *conf)
{
	struct needles *v = xcalloc(conf->n_keys, sizeof(*v));

	for (size_t i = 0; i < conf->n_routes; i++) {
		const struct conf_route *route = &conf->routes[i];

		for (size_t j = 0; j < route->n_keys; j++) {
			size_t key = route->keys[j];

			if (v[key].memory == NULL)
				needles_init(&v[key], &conf->keys[key]);
		}
	}
	return v;
}

struct egress *
egress_new(const struct conf *conf, struct loop *loop,
    struct figures *figures, const struct codec_limits *limits, char *why,
    size_t why_size)
{
	struct egress *e = xcalloc(1, sizeof(*e));

	e->conf = conf;
	e->loop = loop;
	e->keyring = (struct keyring){ .conf = conf, .figures = figures };
	e->needles = needles_new(conf);
	e->streams = blocks_new(sizeof(struct egress_stream), KEEP_BLOCKS);
	e->arena_blocks = blocks_new(ARENA_BLOCK, KEEP_BLOCKS);
	e->upstreams = upstreams_new(conf, loop, limits, why, why_size);
	if (e->upstreams == NULL) {
		egress_free(e);
		return NULL;
	}
	return e;
}

void
egress_free(struct egress *e)
{
	if (e == NULL)
		return;
	assert(e->n_streams == 0);
	upstreams_free(e->upstreams);
	for (size_t i = 0; i < e->conf->n_keys; i++)
		needles_release(&e->needles[i]);
	free(e->needles);
	blocks_free(e->streams);
	blocks_free(e->arena_blocks);
	fields_release(&e->fields);
	free(e);
}
