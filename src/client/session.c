/*
 * A session; see session.h.
 *
 * A session settles after everything that happened to it: the codec goes on,
 * exchanges that are over end, the link learns what is wanted, the deadline
 * is moved.  It is closed in one place.
 */
#include "client/session.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "client/exchange.h"
#include "client/forward.h"
#include "client/wait.h"
#include "conn/junction.h"
#include "net/orphan.h"

struct session {
	struct session_place place;
	const struct session_owner *owner;
	struct junction junction;
	struct timer watch;		/* for the client's close */
	struct exchange *exchanges;	/* in the order of their heads */
	struct exchange_client client;
	struct principal principal;
	struct wait wait;
	bool watching;			/* watch is set */
};

static struct env *
env_of(const struct session *f)
{
	return f->owner->env;
}

/* -- exchanges of a session -- */

static struct exchange *
running(const struct session *f)
{
	struct exchange *x = f->exchanges;

	while (x != NULL && exchange_is_over(x))
		x = x->next;
	return x;
}

/* Trailers: checked by the codec, and dropped. */
static void
stream_head(void *owner, const struct head *head, bool end)
{
	(void)head;
	(void)end;
	forward_request_body(owner, NULL, 0, true);
}

static void
stream_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	struct exchange *x = owner;
	struct session *f = x->client->owner;

	f->wait.progress = true;
	patience_feed(&x->patience, env_of(f)->conf->timeouts.body,
	    env_of(f)->conf->limits.body_rate, n,
	    loop_now(env_of(f)->loop));
	forward_request_body(x, p, n, end);
}

static void
stream_room(void *owner)
{
	forward_client_sent(owner);
}

static void
stream_sent(void *owner, size_t n)
{
	struct exchange *x = owner;
	struct session *f = x->client->owner;

	x->record.response_bytes += n;
	f->wait.progress = true;
	forward_client_sent(x);
}

static void
stream_closed(void *owner)
{
	exchange_end(owner);
}

static void
stream_reset(void *owner, enum codec_error why)
{
	struct exchange *x = owner;

	forward_client_reset(x, why, codec_complaint(x->client->codec));
}

static const struct stream_events stream_events = {
	.head = stream_head,
	.body = stream_body,
	.room = stream_room,
	.sent = stream_sent,
	.closed = stream_closed,
	.reset = stream_reset,
};

static struct exchange *
begin(struct session *f, stream_id stream, const struct head *head, bool end)
{
	struct exchange *x = exchange_new(&f->client, stream, head, end);
	struct exchange **last = &f->exchanges;

	codec_own(f->junction.codec, stream, &stream_events, x);
	patience_begin(&x->patience, env_of(f)->conf->timeouts.body);
	/* Its head came in pieces. */
	if (f->wait.head_ns != 0)
		exchange_began(x, f->wait.head_ns);
	f->wait.head_ns = 0;
	while (*last != NULL)
		last = &(*last)->next;
	*last = x;
	return x;
}

static void
client_ended(void *owner, struct exchange *x)
{
	struct session *f = owner;
	struct exchange **at = &f->exchanges;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
}

static void
client_wake(void *owner)
{
	struct session *f = owner;

	junction_wake(&f->junction);
}

static void
fault_all(struct session *f, enum fault fault)
{
	for (struct exchange *x = f->exchanges; x != NULL; x = x->next)
		exchange_fault(x, fault, NULL);
}

/* The exchange of a head that has begun and is not read on, or NULL. */
static struct exchange *
begin_refused(struct session *f)
{
	struct head read;
	stream_id stream = codec_refuse(f->junction.codec, &read);

	return stream != STREAM_NONE ? begin(f, stream, &read, true) : NULL;
}

static enum wait_for
what_is_waited_for(const struct session *f)
{
	const struct exchange *x;

	if (link_is_blocked(f->junction.link))
		return WAIT_SEND;
	x = running(f);
	if (x != NULL && !x->request_ended && x->request_credit != 0 &&
	    !x->awaits_continue)
		return WAIT_BODY;
	if (x != NULL || f->exchanges != NULL)
		return WAIT_NOTHING;
	return codec_held(f->junction.codec) != 0 ? WAIT_HEAD : WAIT_REQUEST;
}

/* Who has sent some of a head has begun a request, and that has its line. */
static void
begin_what_came(struct session *f)
{
	if (what_is_waited_for(f) == WAIT_HEAD)
		(void)begin_refused(f);
}

/* -- closing -- */

static void
on_freed(void *owner)
{
	struct session *f = owner;

	timer_end(&f->watch);
	free(f->principal.groups);
	free(f);
}

static void
session_close(struct session *f, enum link_end how, const char *reason)
{
	if (f->junction.closed)
		return;
	log_debug("client connection closed: %s", reason);
	while (f->exchanges != NULL) {
		exchange_fault(f->exchanges, FAULT_CLIENT_GONE, NULL);
		exchange_end(f->exchanges);
	}
	junction_close(&f->junction, how);
	f->owner->closed(f->owner->owner, f);
}

/* -- settling -- */

static void
move_deadline(struct session *f)
{
	struct exchange *x = running(f);

	wait_move(&f->wait, env_of(f)->conf, &f->junction,
	    what_is_waited_for(f), x != NULL ? &x->patience : NULL);
}

/*
 * Who has just said its next request would lose to a reset what is under way
 * of the answer before.
 */
static enum link_end
end_of_idle(struct session *f)
{
	struct junction *j = &f->junction;

	return j->ended || link_is_quiet(j->link) ? LINK_END_NOW :
	    LINK_END_LINGER;
}

/*
 * Nothing runs and nothing can: true when the session was closed.  What an
 * earlier exchange still had to send cannot leave any more, either, once a
 * later one was cut so that only the link's end can show it.
 */
static bool
close_if_done(struct session *f)
{
	const struct junction *j = &f->junction;

	if (codec_state(j->codec) != CODEC_BROKEN &&
	    (f->exchanges != NULL || codec_output(j->codec).n != 0))
		return false;
	switch (codec_state(j->codec)) {
	case CODEC_BUSY:
		return false;
	case CODEC_IDLE:
		if (!j->ended && !env_of(f)->draining)
			return false;
		session_close(f, end_of_idle(f), "idle at its end");
		return true;
	case CODEC_DONE:
		session_close(f, j->ended ? LINK_END_NOW : LINK_END_LINGER,
		    "the last exchange is done");
		return true;
	case CODEC_BROKEN:
		break;
	}
	session_close(f, LINK_END_ABORT, "an exchange was cut off");
	return true;
}

/*
 * A client whose input has ended may wait for its response, or be gone; the
 * end looks the same, and is not even seen while what came before it is not
 * read: a further request, or more of a body than the upstream takes.  While
 * an exchange runs, look from time to time.
 */
#define WATCH_FIRST_MS	20
#define WATCH_MS	500

static bool
may_be_gone(const struct session *f)
{
	return f->exchanges != NULL && (f->junction.ended ||
	    !codec_wants_input(f->junction.codec));
}

static void
watch_client(void *owner)
{
	struct session *f = owner;

	f->watching = false;
	if (f->junction.closed || !may_be_gone(f))
		return;
	if (orphan_check(link_fd(f->junction.link))) {
		session_close(f, LINK_END_ABORT, "the client is gone");
		return;
	}
	f->watching = true;
	timer_set(&f->watch, WATCH_MS);
}

static void
watch_if_needed(struct session *f)
{
	if (f->watching || !may_be_gone(f))
		return;
	f->watching = true;
	/* Not reading passes by itself, and often. */
	timer_set(&f->watch, f->junction.ended ? WATCH_FIRST_MS : WATCH_MS);
}

/*
 * A client that does not read its responses gets no further request served, or
 * it would fill our memory with answers.
 */
static bool
may_go_on(const struct session *f)
{
	return running(f) != NULL || !link_is_blocked(f->junction.link);
}

/*
 * Of a client whose last response is under way nothing more is wanted, but
 * one that still sends may not read before all of it is sent.
 */
static bool
is_read(const struct session *f)
{
	const struct codec *codec = f->junction.codec;

	if (f->junction.ended)
		return false;
	if (codec_state(codec) == CODEC_DONE)
		return true;
	return codec_wants_input(codec) && may_go_on(f);
}

static void
session_settle(void *owner)
{
	struct session *f = owner;
	struct junction *j = &f->junction;

	while (codec_has_events(j->codec))
		codec_input(j->codec, NULL, 0);
	if (close_if_done(f))
		return;
	junction_go_on(j, is_read(f));
	move_deadline(f);
	watch_if_needed(f);
}

static void
session_late(void *owner)
{
	struct session *f = owner;
	struct exchange *x;

	switch (wait_passed(&f->wait)) {
	case WAIT_NOTHING:
		break;
	case WAIT_REQUEST:
		session_close(f, end_of_idle(f), "idle for long");
		return;
	case WAIT_HEAD:
		x = begin_refused(f);
		if (x != NULL)
			exchange_fault(x, FAULT_REQUEST_TIMEOUT,
			    "the head took too long");
		break;
	case WAIT_BODY:
		/* Its response may have ended in this very turn. */
		x = running(f);
		if (x != NULL)
			exchange_fault(x, FAULT_REQUEST_TIMEOUT,
			    "the body came too slowly");
		break;
	case WAIT_SEND:
		if (wait_reading_left(&f->wait, env_of(f)->conf,
		    &f->junction) != 0)
			break;
		fault_all(f, FAULT_CLIENT_STALLED);
		session_close(f, LINK_END_ABORT, "the client does not read");
		return;
	}
	session_settle(f);
}

/* -- the codec's events -- */

static void
codec_on_request(void *owner, stream_id s, const struct head *head, bool end)
{
	forward_start(begin(owner, s, head, end));
}

/* A head that was refused, or cut, has its line, too. */
static void
codec_on_refused(void *owner, stream_id s, enum codec_error why,
    const struct head *read)
{
	struct session *f = owner;

	forward_client_reset(begin(f, s, read, true), why,
	    codec_complaint(f->junction.codec));
}

static const struct codec_events codec_events = {
	.request = codec_on_request,
	.refused = codec_on_refused,
};

/* -- the junction's events -- */

static void
on_input(void *owner)
{
	(void)owner;
}

static void
on_failed(void *owner)
{
	struct session *f = owner;

	begin_what_came(f);
	session_close(f, LINK_END_ABORT, "the client is gone");
}

static const struct junction_events junction_events = {
	.input = on_input,
	.settle = session_settle,
	.failed = on_failed,
	.late = session_late,
	.freed = on_freed,
};

/* -- for the sessions -- */

struct session *
session_new(const struct session_owner *owner, int fd,
    const struct principal *principal)
{
	struct session *f = xcalloc(1, sizeof(*f));
	struct env *env = owner->env;
	struct junction *j = &f->junction;

	f->owner = owner;
	f->place.session = f;
	f->principal = *principal;
	timer_init(&f->watch, env->loop, watch_client, f);
	junction_init(j, env->loop,
	    h1_codec_new(CODEC_SERVER, &env->codec, &codec_events, f),
	    link_new(env->loop, fd, &junction_link_events, j),
	    &junction_events, f);
	link_on_gone(j->link, owner->gone, owner->owner);
	f->client = (struct exchange_client){
		.env = env,
		.codec = j->codec,
		.listener = &env->conf->listeners[owner->listener],
		.principal = &f->principal,
		.owner = f,
		.wake = client_wake,
		.ended = client_ended,
	};
	wait_begin(&f->wait, env->conf);
	move_deadline(f);
	return f;
}

struct session_place *
session_place(struct session *f)
{
	return &f->place;
}

void
session_drain(struct session *f)
{
	codec_drain(f->junction.codec);
	session_settle(f);
}

void
session_cut(struct session *f)
{
	begin_what_came(f);
	fault_all(f, FAULT_WORKER_STOPPED);
	session_close(f, LINK_END_ABORT, "the worker stops");
}
