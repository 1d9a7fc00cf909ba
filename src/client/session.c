/*
 * A session; see session.h.
 *
 * A session settles after everything that happened to it: the codec goes on,
 * the link learns what is wanted, and each exchange learns whether it waits for
 * the client.  It is closed in one place.
 */
#include "client/session_parts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"

/* In which a request that came too late is read, so that it gets an answer. */
#define LATE_MS			1000

/* -- exchanges of a session -- */

static struct exchange *
begin(struct session *s, stream_id stream, const struct head *head, bool end)
{
	struct exchange *x = exchange_new(&s->client, stream, head, end);
	struct exchange **last = &s->exchanges;

	exchange_listen(x);
	/* Its head came in pieces. */
	if (s->quiet == QUIET_HEAD)
		exchange_began(x, s->head_ns);
	s->quiet = QUIET_NOT;
	timer_clear(&s->conn.timer);
	while (*last != NULL)
		last = &(*last)->next;
	*last = x;
	return x;
}

static void
client_ended(void *owner, struct exchange *x)
{
	struct session *s = owner;
	struct exchange **at = &s->exchanges;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
}

static void
client_wake(void *owner)
{
	struct session *s = owner;

	conn_wake(&s->conn);
}

static void
fault_all(struct session *s, enum fault fault)
{
	for (struct exchange *x = s->exchanges; x != NULL; x = x->next)
		exchange_fault(x, fault, NULL);
}

static bool
is_running(const struct session *s)
{
	const struct exchange *x = s->exchanges;

	while (x != NULL && exchange_is_over(x))
		x = x->next;
	return x != NULL;
}

/*
 * Begins the exchange of a head that is not read to its end; NULL: none has
 * begun.
 */
static struct exchange *
begin_refused(struct session *s)
{
	struct head read;
	stream_id stream = codec_refuse(s->conn.codec, &read);

	return stream != STREAM_NONE ? begin(s, stream, &read, true) : NULL;
}

static enum quiet
how_quiet(const struct session *s)
{
	if (s->exchanges != NULL)
		return QUIET_NOT;
	return codec_held(s->conn.codec) != 0 ? QUIET_HEAD : QUIET_IDLE;
}

/*
 * A client that has sent a part of a head has begun a request, which gets its
 * line.
 */
static void
begin_what_came(struct session *s)
{
	if (how_quiet(s) == QUIET_HEAD)
		(void)begin_refused(s);
}

/* -- closing -- */

static void
session_on_freed(void *owner)
{
	struct session *s = owner;

	principal_release(&s->principal);
	free(s);
}

static void
session_close(struct session *s, enum link_end how, const char *reason)
{
	if (s->conn.closed)
		return;
	log_debug("client connection closed: %s", reason);
	while (s->exchanges != NULL) {
		exchange_fault(s->exchanges, FAULT_CLIENT_GONE, NULL);
		exchange_end(s->exchanges);
	}
	conn_close(&s->conn, how);
	s->owner->closed(s->owner->owner, s);
}

/* -- time -- */

/* No longer than the certificate of the client is good. */
static int64_t
within_certificate(const struct session *s, int64_t ms)
{
	int64_t left = principal_ms_left(&s->principal, clock_wall());

	if (left < LATE_MS)
		left = LATE_MS;
	return left < ms ? left : ms;
}

static void
await_request(struct session *s)
{
	const struct env *env = s->owner->terms.env;
	int64_t ms = env->conf->timeouts.idle;

	if (s->principal.certificate != NULL)
		ms = within_certificate(s, ms);
	if ((s->drains || env->phase != ENV_SERVING) &&
	    ms > SESSION_RETIRED_IDLE_MS)
		ms = SESSION_RETIRED_IDLE_MS;
	timer_set(&s->conn.timer, ms);
}

/* The time for a head is for all of it, however slowly it comes. */
static void
move_deadline(struct session *s)
{
	struct conn *conn = &s->conn;
	enum quiet quiet = how_quiet(s);

	if (quiet == s->quiet)
		return;
	s->quiet = quiet;
	switch (quiet) {
	case QUIET_NOT:
		break;
	case QUIET_IDLE:
		await_request(s);
		break;
	case QUIET_HEAD:
		s->head_ns = loop_now(conn->loop);
		timer_set(&conn->timer,
		    s->owner->terms.env->conf->timeouts.head);
		break;
	}
}

/*
 * Feeds the bytes that the client has read since the last look.  A blocked link
 * says nothing until much of its output was read, so they are not noticed
 * otherwise.
 */
static void
feed_reading(struct session *s)
{
	const struct conn *conn = &s->conn;
	uint64_t sent = link_sent(conn->link);
	uint64_t waiting = link_waiting(conn->link);
	uint64_t taken = sent > waiting ? sent - waiting : 0;

	if (taken <= s->taken)
		return;
	for (struct exchange *x = s->exchanges; x != NULL; x = x->next)
		data_rate_feed(&x->reading, (size_t)(taken - s->taken));
	s->taken = taken;
}

static void
move_exchanges(struct session *s)
{
	bool blocked = link_is_blocked(s->conn.link);

	if (blocked)
		feed_reading(s);
	for (struct exchange *x = s->exchanges; x != NULL; x = x->next)
		exchange_wait(x, blocked);
}

/* The output that a client does not read blocks that of all its exchanges. */
static void
client_unread(void *owner, struct exchange *x)
{
	struct session *s = owner;

	feed_reading(s);
	if (data_rate_left(&x->reading) != 0)
		return;
	fault_all(s, FAULT_CLIENT_STALLED);
	session_close(s, LINK_END_ABORT, "the client does not read");
}

static bool
client_has_read(void *owner)
{
	const struct conn *conn = &((struct session *)owner)->conn;

	return codec_output(conn->codec).n == 0 &&
	    link_waiting(conn->link) == 0;
}

/* -- settling -- */

/*
 * If the client has just sent its next request, a reset would destroy what it
 * has not read yet of the answer before.
 */
static enum link_end
end_of_idle(struct session *s)
{
	struct conn *conn = &s->conn;

	return conn->ended || link_is_quiet(conn->link) ? LINK_END_NOW :
	    LINK_END_LINGER;
}

/*
 * Closes the session where nothing runs and nothing can; true: it did.  Once an
 * exchange was cut off so that only the end of the link can show it, the output
 * of earlier ones cannot leave any more, either.
 */
static bool
close_if_done(struct session *s, enum codec_state state)
{
	const struct conn *conn = &s->conn;

	if (state != CODEC_BROKEN &&
	    (s->exchanges != NULL || codec_output(conn->codec).n != 0))
		return false;
	switch (state) {
	case CODEC_BUSY:
		return false;
	case CODEC_IDLE:
		if (!conn->ended && s->place.verified != session_outdated &&
		    s->owner->terms.env->phase != ENV_STOPPING)
			return false;
		session_close(s, end_of_idle(s), "idle at its end");
		return true;
	case CODEC_DONE:
		session_close(s, conn->ended ? LINK_END_NOW : LINK_END_LINGER,
		    "the last exchange is done");
		return true;
	case CODEC_BROKEN:
		break;
	}
	session_close(s, LINK_END_ABORT, "an exchange was cut off");
	return true;
}

/*
 * Whether input is read.  After the last response it is read only to be
 * dropped: a client that still sends may not read before all of it is sent.  A
 * client that does not read its responses gets no further request served, or
 * answers would fill our memory.
 */
static bool
is_read(const struct session *s, enum codec_state state)
{
	if (s->conn.ended)
		return false;
	if (state == CODEC_DONE)
		return true;
	return codec_wants_input(s->conn.codec) &&
	    (!link_is_blocked(s->conn.link) || is_running(s));
}

static void
session_on_settle(void *owner)
{
	struct session *s = owner;
	struct conn *conn = &s->conn;
	enum codec_state state;

	while (codec_has_events(conn->codec))
		codec_input(conn->codec, NULL, 0);
	state = codec_state(conn->codec);
	if (close_if_done(s, state))
		return;
	conn_go_on(conn, is_read(s, state));
	move_deadline(s);
	move_exchanges(s);
}

/* A request that has just come is read in the next turn, and served. */
static void
idle_for_long(struct session *s)
{
	if (link_is_quiet(s->conn.link))
		session_close(s, LINK_END_NOW, "idle for long");
	else
		await_request(s);
}

static void
session_on_late(void *owner)
{
	struct session *s = owner;
	struct exchange *x;

	if (s->quiet == QUIET_IDLE) {
		idle_for_long(s);
		return;
	}
	x = begin_refused(s);
	if (x != NULL)
		exchange_fault(x, FAULT_REQUEST_TIMEOUT,
		    "the head took too long");
	session_on_settle(s);
}

/* -- the codec's events -- */

static void
codec_on_request(void *owner, stream_id stream, const struct head *head,
    bool end)
{
	struct session *s = owner;
	const struct handler *handler = s->owner->terms.handler;
	const char *why = s->by_tls ? session_tls_fault(s) : NULL;
	struct exchange *x = begin(s, stream, head, end);

	if (why == NULL)
		handler->begin(handler->owner, x);
	else
		exchange_fault(x, FAULT_CLIENT_REFUSED, why);
}

/* A head that was refused or cut off gets its line, too. */
static void
codec_on_refused(void *owner, stream_id stream, enum codec_error why,
    const struct head *read)
{
	exchange_client_failed(begin(owner, stream, read, true), why);
}

static const struct codec_events codec_events = {
	.request = codec_on_request,
	.refused = codec_on_refused,
};

/* -- the conn's events -- */

static void
session_on_failed(void *owner)
{
	struct session *s = owner;

	begin_what_came(s);
	session_close(s, LINK_END_ABORT, "the client is gone");
}

static const struct conn_events conn_events = {
	.settle = session_on_settle,
	.failed = session_on_failed,
	.late = session_on_late,
	.freed = session_on_freed,
};

/* -- for the sessions -- */

struct exchange_terms
session_terms(struct env *env, const struct handler *handler,
    const struct conf_listener *listener)
{
	return (struct exchange_terms){
		.env = env,
		.handler = handler,
		.listener = listener,
		.wake = client_wake,
		.unread = client_unread,
		.has_read = client_has_read,
		.ended = client_ended,
	};
}

struct session *
session_new(const struct session_owner *owner, const struct arrived *client)
{
	struct session *s = xcalloc(1, sizeof(*s));
	struct env *env = owner->terms.env;
	struct conn *conn = &s->conn;

	s->owner = owner;
	s->principal = client->principal;
	s->by_tls = s->principal.certificate != NULL ||
	    owner->terms.listener->tls.certificate.p != NULL;
	conn_init(conn, env->loop,
	    h1_codec_new(CODEC_SERVER, &env->codec, &codec_events, s),
	    client->ssl == NULL ?
	    link_new(env->loop, client->fd, &conn_link_events, conn) :
	    link_new_tls(env->loop, client->ssl, client->fd,
	    &conn_link_events, conn),
	    &conn_events, s);
	link_on_gone(conn->link, owner->gone, owner->owner);
	s->client = (struct exchange_client){
		.terms = &owner->terms,
		.codec = conn->codec,
		.principal = &s->principal,
		.owner = s,
	};
	move_deadline(s);
	return s;
}

void
session_drain(struct session *s)
{
	s->drains = true;
	codec_drain(s->conn.codec);
	if (s->quiet == QUIET_IDLE)
		await_request(s);
	session_on_settle(s);
}

void
session_cut(struct session *s)
{
	begin_what_came(s);
	fault_all(s, FAULT_WORKER_STOPPED);
	session_close(s, LINK_END_ABORT, "the worker stops");
}

void
session_displace(struct session *s)
{
	begin_what_came(s);
	fault_all(s, FAULT_OVERLOADED);
	session_close(s, LINK_END_ABORT, "others want its place");
}
