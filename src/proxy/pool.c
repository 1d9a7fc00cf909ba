/*
 * Upstream connections of one key; see pool.h.
 *
 * A connection is idle (in the pool's list, watched: bytes or an end on it
 * close it) or in use.  Those who find none idle wait; each wait starts a
 * dial while there is room under max_connections, so dials never outnumber
 * waiters at the time they start.  Who is served is not tied to who dialled.
 */
#include "proxy/pool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/dial.h"
#include "net/link.h"
#include "net/timer.h"

/* So many may wait however few connections there may be. */
#define QUEUE_LEAST	256

struct connection {
	struct pool *pool;
	struct connection *next, **prev;	/* of its list in the pool */
	struct link *link;
	struct codec *codec;
	struct timer *timer;
	struct deferred settle;
	struct deferred reap;
	struct connection_user user;		/* .events NULL: idle */
	bool used;				/* carried an exchange before */
	bool heard;				/* input came for this user */
	bool dead;				/* waits to be reaped */
	bool ended;				/* the link's input has ended */
};

struct dialling {
	struct pool *pool;
	struct dial *dial;
	struct dialling *next, **prev;
};

struct pool {
	struct pool_conf conf;
	struct dial_conf dial;
	struct connection *idle;		/* the latest used first */
	struct connection *busy;
	struct dialling *dials;
	struct pool_waiter *waiters, **last_waiter;
	size_t n_idle, n_busy, n_dials, n_waiters;
	struct timer *patience;			/* of the longest waiter */
};

/* Intrusive lists: prev points at whatever points here. */
#define LIST_PUSH(head, item) do {					\
	(item)->next = (head);						\
	(item)->prev = &(head);						\
	if ((head) != NULL)						\
		(head)->prev = &(item)->next;				\
	(head) = (item);						\
} while (0)

#define LIST_REMOVE(item) do {						\
	*(item)->prev = (item)->next;					\
	if ((item)->next != NULL)					\
		(item)->next->prev = (item)->prev;			\
	(item)->next = NULL;						\
	(item)->prev = NULL;						\
} while (0)

static void pool_dial(struct pool *);

/* -- connections -- */

static void
connection_reap(void *owner)
{
	struct connection *c = owner;

	timer_free(c->timer);
	codec_free(c->codec);
	free(c);
}

static void
connection_leave_list(struct connection *c)
{
	if (c->user.events == NULL)
		c->pool->n_idle--;
	else
		c->pool->n_busy--;
	LIST_REMOVE(c);
}

void
pool_drop(struct connection *c, const char *reason)
{
	struct pool *p = c->pool;
	bool whole;

	if (c->dead)
		return;
	log_debug("upstream %s: connection closed: %s", p->conf.upstream->name,
	    reason);
	whole = codec_state(c->codec) == CODEC_IDLE && !c->ended;
	connection_leave_list(c);
	c->dead = true;
	c->user = (struct connection_user){ .events = NULL };
	deferred_cancel(&c->settle);
	timer_clear(c->timer);
	link_close(&c->link, whole ? LINK_END_NOW : LINK_END_ABORT);
	deferred_queue(p->conf.loop, &c->reap);
	if (p->waiters != NULL)
		pool_dial(p);
}

/*
 * Lets the codec go on, and tells the link what the codec wants.  A user may
 * release or drop the connection from within an event.
 */
static void
connection_settle(void *owner)
{
	struct connection *c = owner;

	while (!c->dead && codec_has_events(c->codec))
		codec_input(c->codec, NULL, 0);
	if (c->dead)
		return;
	link_want_input(c->link, c->user.events == NULL ||
	    codec_wants_input(c->codec));
	if (codec_output(c->codec).n != 0)
		link_wake(c->link);
}

static void
link_input(void *owner, const uint8_t *bytes, size_t n)
{
	struct connection *c = owner;

	if (c->user.events == NULL) {
		pool_drop(c, "bytes on an idle connection");
		return;
	}
	c->heard = true;
	codec_input(c->codec, bytes, n);
	if (!c->dead)
		connection_settle(c);
}

static void
link_eof(void *owner, bool clean)
{
	struct connection *c = owner;

	c->ended = true;
	if (c->user.events != NULL)
		codec_input_eof(c->codec, clean);
	if (c->dead)
		return;
	if (c->user.events == NULL) {
		pool_drop(c, "the upstream closed it");
		return;
	}
	connection_settle(c);
}

static void
link_failed(void *owner, enum link_error why)
{
	struct connection *c = owner;

	(void)why;
	c->ended = true;
	if (c->user.events != NULL)
		codec_input_eof(c->codec, false);
	if (!c->dead)
		pool_drop(c, "the link failed");
}

static struct text
link_output(void *owner)
{
	struct connection *c = owner;

	return codec_output(c->codec);
}

static void
link_output_done(void *owner, size_t n)
{
	struct connection *c = owner;

	codec_output_done(c->codec, n);
	if (c->user.sent != NULL)
		c->user.sent(c->user.owner);
	if (!c->dead && codec_has_events(c->codec))
		deferred_queue(c->pool->conf.loop, &c->settle);
}

static const struct link_events link_events = {
	.input = link_input,
	.eof = link_eof,
	.error = link_failed,
	.output = link_output,
	.output_done = link_output_done,
};

/* The codec's events go to whoever uses the connection just then. */

static void
codec_on_head(void *owner, stream_id s, const struct head *head, bool end)
{
	struct connection *c = owner;

	if (c->user.events != NULL)
		c->user.events->head(c->user.owner, s, head, end);
}

static void
codec_on_body(void *owner, stream_id s, const uint8_t *p, size_t n, bool end)
{
	struct connection *c = owner;

	if (c->user.events != NULL)
		c->user.events->body(c->user.owner, s, p, n, end);
}

static void
codec_on_room(void *owner, stream_id s)
{
	struct connection *c = owner;

	if (c->user.events != NULL)
		c->user.events->room(c->user.owner, s);
}

static void
codec_on_reset(void *owner, stream_id s, enum codec_error why)
{
	struct connection *c = owner;

	if (c->user.events != NULL)
		c->user.events->reset(c->user.owner, s, why);
}

static void
codec_on_drain(void *owner)
{
	struct connection *c = owner;

	if (c->user.events != NULL)
		c->user.events->drain(c->user.owner);
}

static const struct codec_events codec_events = {
	.head = codec_on_head,
	.body = codec_on_body,
	.room = codec_on_room,
	.reset = codec_on_reset,
	.drain = codec_on_drain,
};

static void
connection_late(void *owner)
{
	struct connection *c = owner;

	if (c->dead)
		return;
	if (c->user.events == NULL)
		pool_drop(c, "idle for long");
	else
		c->user.late(c->user.owner);
}

static struct connection *
connection_new(struct pool *p, SSL *ssl, int fd)
{
	struct connection *c = xcalloc(1, sizeof(*c));

	c->pool = p;
	c->codec = h1_codec_new(CODEC_CLIENT, p->conf.codec, &codec_events, c);
	c->timer = timer_new(p->conf.loop, connection_late, c);
	deferred_init(&c->settle, LOOP_SOON, connection_settle, c);
	deferred_init(&c->reap, LOOP_LATE, connection_reap, c);
	c->link = link_new_tls(p->conf.loop, ssl, fd, &link_events, c);
	link_want_input(c->link, true);
	LIST_PUSH(p->idle, c);
	p->n_idle++;
	return c;
}

static void
connection_occupy(struct connection *c, const struct connection_user *user)
{
	struct pool *p = c->pool;

	assert(c->user.events == NULL && !c->dead);
	connection_leave_list(c);
	c->user = *user;
	c->heard = false;
	LIST_PUSH(p->busy, c);
	p->n_busy++;
	timer_clear(c->timer);
}

static void
connection_idle(struct connection *c)
{
	struct pool *p = c->pool;

	connection_leave_list(c);
	c->user = (struct connection_user){ .events = NULL };
	c->used = true;
	LIST_PUSH(p->idle, c);
	p->n_idle++;
	timer_set(c->timer, p->conf.upstream->timeouts.idle);
	link_want_input(c->link, true);
}

struct codec *
connection_codec(struct connection *c)
{
	return c->codec;
}

bool
connection_has_heard(const struct connection *c)
{
	return c->heard;
}

void
connection_wake(struct connection *c)
{
	deferred_queue(c->pool->conf.loop, &c->settle);
}

void
connection_deadline(struct connection *c, int64_t ms)
{
	if (ms == 0)
		timer_clear(c->timer);
	else
		timer_set(c->timer, ms);
}

/* -- waiting -- */

static void
waiter_remove(struct pool_waiter *w)
{
	struct pool *p = w->pool;

	assert(p != NULL);
	*w->prev = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
	else
		p->last_waiter = w->prev;
	w->pool = NULL;
	p->n_waiters--;
}

static void
serve(struct connection *c, struct pool_waiter *w)
{
	waiter_remove(w);
	connection_occupy(c, &w->user);
	w->ready(w->user.owner, c, c->used);
}

/* The first waiter that this connection will do for. */
static struct pool_waiter *
next_waiter(const struct pool *p, bool used)
{
	struct pool_waiter *w = p->waiters;

	while (w != NULL && w->fresh && used)
		w = w->next;
	return w;
}

static void
dialling_free(struct dialling *d)
{
	LIST_REMOVE(d);
	d->pool->n_dials--;
	free(d);
}

static enum fault
dial_fault(enum dial_result r)
{
	switch (r) {
	case DIAL_TLS:
		return FAULT_UPSTREAM_TLS;
	case DIAL_TIMEOUT:
		return FAULT_UPSTREAM_TIMEOUT;
	case DIAL_OK:
	case DIAL_UNREACHABLE:
		break;
	}
	return FAULT_UPSTREAM_UNREACHABLE;
}

static void
dial_finished(void *owner, enum dial_result r, SSL *ssl, int fd,
    const char *why)
{
	struct dialling *d = owner;
	struct pool *p = d->pool;
	struct pool_waiter *w;
	struct connection *c;

	dialling_free(d);
	if (r != DIAL_OK) {
		log_warn("upstream %s: %s", p->conf.upstream->name, why);
		w = p->waiters;
		if (w != NULL) {
			waiter_remove(w);
			w->failed(w->user.owner, dial_fault(r), why);
		}
		pool_dial(p);
		return;
	}
	c = connection_new(p, ssl, fd);
	w = next_waiter(p, false);
	if (w != NULL)
		serve(c, w);
	else
		timer_set(c->timer, p->conf.upstream->timeouts.idle);
}

/* One dial more, if waiters and max_connections allow it. */
static void
pool_dial(struct pool *p)
{
	struct dialling *d;

	if (p->n_dials >= p->n_waiters)
		return;
	if (p->n_idle + p->n_busy + p->n_dials >=
	    p->conf.upstream->max_connections)
		return;
	d = xcalloc(1, sizeof(*d));
	d->pool = p;
	LIST_PUSH(p->dials, d);
	p->n_dials++;
	d->dial = dial_start(p->conf.loop, &p->dial, dial_finished, d);
}

/*
 * Dials end by deadlines of their own; this one ends waiting for connections
 * that others keep busy.
 */
static void
patience_set(struct pool *p)
{
	int64_t waited;

	if (p->waiters == NULL) {
		timer_clear(p->patience);
		return;
	}
	waited = (loop_now(p->conf.loop) - p->waiters->since_ns) / NS_PER_MS;
	waited = p->conf.upstream->timeouts.response - waited;
	timer_set(p->patience, waited > 1 ? waited : 1);
}

static void
patience_ended(void *owner)
{
	struct pool *p = owner;
	struct pool_waiter *w;
	int64_t since = loop_now(p->conf.loop) -
	    p->conf.upstream->timeouts.response * NS_PER_MS;

	while ((w = p->waiters) != NULL && w->since_ns <= since) {
		waiter_remove(w);
		w->failed(w->user.owner, FAULT_OVERLOADED,
		    "no connection became free in time");
	}
	patience_set(p);
}

bool
pool_wait(struct pool *p, struct pool_waiter *w)
{
	/* A retry was let in before. */
	if (!w->fresh && p->n_waiters >= QUEUE_LEAST &&
	    p->n_waiters >= p->conf.upstream->max_connections)
		return false;
	w->pool = p;
	w->since_ns = loop_now(p->conf.loop);
	w->next = NULL;
	w->prev = p->last_waiter;
	*p->last_waiter = w;
	p->last_waiter = &w->next;
	p->n_waiters++;
	/* Idle ones do not help who wants a fresh one, but take its place. */
	if (w->fresh && p->idle != NULL)
		pool_drop(p->idle, "a fresh one is wanted");
	pool_dial(p);
	if (p->waiters == w)
		patience_set(p);
	return true;
}

void
pool_cancel(struct pool_waiter *w)
{
	if (w->pool != NULL)
		waiter_remove(w);
}

struct connection *
pool_take(struct pool *p, const struct connection_user *user)
{
	struct connection *c = p->idle;

	if (c == NULL)
		return NULL;
	connection_occupy(c, user);
	return c;
}

void
connection_release(struct connection *c)
{
	struct pool_waiter *w;

	if (c->dead)
		return;
	if (codec_state(c->codec) != CODEC_IDLE || c->ended ||
	    codec_output(c->codec).n != 0) {
		pool_drop(c, "not reusable after its exchange");
		return;
	}
	w = next_waiter(c->pool, true);
	if (w == NULL && c->pool->waiters != NULL) {
		/* Only fresh ones will do for them: make room for one. */
		pool_drop(c, "fresh ones are wanted");
		return;
	}
	connection_idle(c);
	if (w != NULL)
		serve(c, w);
}

struct pool *
pool_new(const struct pool_conf *conf)
{
	struct pool *p = xcalloc(1, sizeof(*p));

	p->conf = *conf;
	p->last_waiter = &p->waiters;
	p->patience = timer_new(conf->loop, patience_ended, p);
	p->dial = (struct dial_conf){
		.resolver = conf->resolver,
		.tls = conf->tls,
		.host = conf->upstream->connect_host,
		.port = conf->upstream->connect_port,
		.connect_ms = conf->upstream->timeouts.connect,
		.handshake_ms = conf->upstream->timeouts.handshake,
	};
	return p;
}

void
pool_free(struct pool *p)
{
	struct dialling *d;

	if (p == NULL)
		return;
	assert(p->busy == NULL && p->waiters == NULL);
	while ((d = p->dials) != NULL) {
		dial_cancel(d->dial);
		dialling_free(d);
	}
	while (p->idle != NULL)
		pool_drop(p->idle, "the pool ends");
	timer_free(p->patience);
	free(p);
}

size_t
pool_count(const struct pool *p)
{
	return p->n_idle + p->n_busy;
}

size_t
pool_count_idle(const struct pool *p)
{
	return p->n_idle;
}
