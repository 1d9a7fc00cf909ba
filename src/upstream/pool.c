/*
 * Upstream connections of one key; see pool.h.
 *
 * A connection is idle or in use.  A request that finds none idle becomes a
 * waiter; each waiter starts a dial while there is room under max_connections,
 * so dials never outnumber waiters when they start.  A dial's connection goes
 * to the first waiter, not to the one that started it.
 */
#include "upstream/pool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "net/dial.h"
#include "net/timer.h"
#include "upstream/keeping.h"
#include "upstream/stream_fault.h"

/*
 * TLS sessions kept for new connections: one for each connection that may be
 * needed at once after the upstream closed all, within reason.
 */
#define SESSIONS_MOST		256

struct dialling {
	struct pool *pool;
	struct dial *dial;
	int64_t since_ns;
	struct dialling *next, **prev;
};

struct pool {
	struct pool_conf conf;
	struct dial_conf dial;
	struct tls_sessions *sessions;		/* of this key only */
	struct connection_owner owner;
	struct connection_place *idle;		/* the one used last is first */
	struct connection_place *busy;
	struct dialling *dials;
	struct waiters waiters;
	size_t n_idle, n_busy, n_dials;
	unsigned n_made;
	struct keeping keeping;
	struct timer wait_end;			/* of the first waiter */
};

static void pool_dial(struct pool *);

static struct connection *
first_of(const struct connection_place *list)
{
	return list != NULL ? list->connection : NULL;
}

/* -- connections -- */

static void
leave_list(struct pool *p, struct connection *c)
{
	struct connection_place *place = connection_place(c);

	if (connection_is_idle(c)) {
		p->n_idle--;
		STATS_ADD(&p->conf.counts->idle, -1);
	} else {
		p->n_busy--;
		STATS_ADD(&p->conf.counts->busy, -1);
	}
	LIST_REMOVE(place);
}

static void
enter_idle(struct pool *p, struct connection *c)
{
	struct connection_place *place = connection_place(c);

	LIST_PUSH(p->idle, place);
	p->n_idle++;
	STATS_ADD(&p->conf.counts->idle, 1);
}

void
pool_drop(struct connection *c, const char *reason)
{
	struct pool *p = connection_owner(c);

	if (connection_is_closed(c))
		return;
	log_debug("upstream %s: connection closed: %s", p->conf.upstream->name,
	    reason);
	if (connection_was_dropped(c))
		keeping_closed(&p->keeping, connection_unused_ns(c),
		    loop_boot(p->conf.loop));
	leave_list(p, c);
	connection_close(c);
	if (p->waiters.first != NULL)
		pool_dial(p);
}

static void
pool_on_useless(void *owner, struct connection *c, const char *why)
{
	(void)owner;
	pool_drop(c, why);
}

static void
occupy(struct pool *p, struct connection *c)
{
	struct connection_place *place = connection_place(c);

	leave_list(p, c);
	connection_occupy(c);
	LIST_PUSH(p->busy, place);
	p->n_busy++;
	STATS_ADD(&p->conf.counts->busy, 1);
}

/*
 * Advice from what was seen of other connections, the idle ones included as far
 * as it matters.
 */
static enum keeping_advice
advise(struct pool *p, const struct connection *c)
{
	int64_t idle = connection_unused_ns(c), now = loop_boot(p->conf.loop);
	const struct connection_place *at = p->idle;
	enum keeping_advice advice = keeping_advise(&p->keeping, idle, now);

	for (; at != NULL && advice == KEEPING_LEAVE; at = at->next) {
		if (connection_was_used(at->connection))
			keeping_stayed(&p->keeping,
			    connection_unused_ns(at->connection));
		advice = keeping_advise(&p->keeping, idle, now);
	}
	return advice;
}

/*
 * The reason why the connection cannot be lent, or NULL; once: see pool_take().
 */
static const char *
unfit(struct pool *p, struct connection *c, bool once)
{
	if (connection_is_stale(c))
		return "idle for long, or too old, while we slept";
	if (once && connection_was_used(c) &&
	    advise(p, c) == KEEPING_REPLACE)
		return "the upstream may be about to close it";
	if ((once || !connection_was_used(c)) && !connection_is_quiet(c))
		return "it had ended, or bytes came on it";
	return NULL;
}

/* -- waiting -- */

static void
waiter_remove(struct pool_waiter *w)
{
	struct pool *p = w->pool;

	assert(p != NULL);
	waiters_remove(&p->waiters, w);
	w->pool = NULL;
}

static void
serve(struct connection *c, struct pool_waiter *w)
{
	struct pool *p = w->pool;

	waiter_remove(w);
	occupy(p, c);
	w->ready(w->owner, c);
}

static void
dialling_free(struct dialling *d)
{
	LIST_REMOVE(d);
	d->pool->n_dials--;
	free(d);
}

/*
 * One waiter fails with the dial.  A dial that timed out, though, lasted long
 * enough for all waiters that came before it, unless there are other
 * connections: if there are more waiters than there may be dials, they would
 * wait in turn.
 */
static void
dial_failed(struct pool *p, enum dial_result r, int64_t since_ns,
    const char *why)
{
	bool all = (r == DIAL_TIMEOUT || r == DIAL_STALLED) &&
	    p->n_idle + p->n_busy == 0;
	struct pool_waiter *w = p->waiters.first;

	while (w != NULL) {
		waiter_remove(w);
		w->failed(w->owner, stream_fault_of_dial(r), why);
		w = all ? p->waiters.first : NULL;
		while (w != NULL && w->since_ns > since_ns)
			w = w->next;
	}
	pool_dial(p);
}

static void
new_is_unfit(struct connection *c, struct pool_waiter *w, const char *why)
{
	struct pool *p = w->pool;
	enum fault fault = FAULT_UPSTREAM_PROTOCOL;
	char tls[CONNECTION_TLS_FAILURE];

	if (connection_tls_failure(c, tls, sizeof(tls))) {
		fault = FAULT_UPSTREAM_TLS;
		why = tls;
	}
	contact_failed(p->conf.contact, "new connection: ", why);
	waiter_remove(w);
	pool_drop(c, why);
	w->failed(w->owner, fault, why);
}

static void
dial_finished(void *owner, enum dial_result r, SSL *ssl, int fd,
    const char *why)
{
	struct dialling *d = owner;
	struct pool *p = d->pool;
	int64_t since_ns = d->since_ns;
	struct pool_waiter *w;
	struct connection *c;

	dialling_free(d);
	if (r != DIAL_OK) {
		contact_failed(p->conf.contact, "", why);
		dial_failed(p, r, since_ns, why);
		return;
	}
	c = connection_new(&p->owner, ssl, fd,
	    connection_age_of(p->conf.upstream->max_age, p->n_made++));
	connection_leave(c, p->conf.upstream->timeouts.idle);
	enter_idle(p, c);
	w = waiters_next(&p->waiters, false);
	why = w != NULL ? unfit(p, c, w->once) : NULL;
	if (why != NULL) {
		new_is_unfit(c, w, why);
		return;
	}
	contact_made(p->conf.contact);
	if (w != NULL)
		serve(c, w);
}

static void
dial_on_unfit(void *owner, const char *why)
{
	const struct dialling *d = owner;

	contact_strayed(d->pool->conf.contact, why);
}

static bool
is_full(const struct pool *p)
{
	return p->n_idle + p->n_busy + p->n_dials >=
	    p->conf.upstream->max_connections;
}

/* Starts one more dial, if waiters and max_connections allow it. */
static void
pool_dial(struct pool *p)
{
	struct dialling *d;

	if (p->n_dials >= p->waiters.n || is_full(p))
		return;
	d = xcalloc(1, sizeof(*d));
	d->pool = p;
	d->since_ns = loop_now(p->conf.loop);
	LIST_PUSH(p->dials, d);
	p->n_dials++;
	d->dial = dial_start(p->conf.loop, &p->dial, dial_finished, d);
}

/*
 * Dials have deadlines of their own; this one ends the wait for connections
 * that stay in use, or for one dial after the other.
 */
static void
wait_end_set(struct pool *p)
{
	int64_t left;

	if (p->waiters.first == NULL) {
		timer_clear(&p->wait_end);
		return;
	}
	left = p->waiters.first->until_ns - loop_now(p->conf.loop);
	/* Rounded up: a timer that is early would find no waiter to end. */
	timer_set(&p->wait_end, left > 0 ?
	    (left + NS_PER_MS - 1) / NS_PER_MS : 1);
}

static void
wait_ended(void *owner)
{
	struct pool *p = owner;
	struct pool_waiter *w;
	int64_t now = loop_now(p->conf.loop);

	while ((w = p->waiters.first) != NULL && w->until_ns <= now) {
		waiter_remove(w);
		if (p->n_dials != 0)
			w->failed(w->owner, FAULT_UPSTREAM_TIMEOUT,
			    "no connection in time");
		else
			w->failed(w->owner, FAULT_OVERLOADED,
			    "all connections that max_connections allows "
			    "to the upstream stayed in use");
	}
	wait_end_set(p);
}

bool
pool_wait(struct pool *p, struct pool_waiter *w)
{
	/* A retry was admitted before. */
	if (!w->fresh && waiters_are_too_many(&p->waiters,
	    p->conf.upstream->max_connections))
		return false;
	w->pool = p;
	w->since_ns = loop_now(p->conf.loop);
	waiters_add(&p->waiters, w);
	/*
	 * Idle ones were not good enough, but one takes the place of a new one.
	 */
	if (is_full(p) && p->idle != NULL)
		pool_drop(first_of(p->idle), "a new one is wanted");
	pool_dial(p);
	if (p->waiters.first == w)
		wait_end_set(p);
	return true;
}

void
pool_cancel(struct pool_waiter *w)
{
	if (w->pool != NULL)
		waiter_remove(w);
}

/*
 * A connection that the upstream may close soon is not for a request that can
 * be sent only once, but good for others; unless there is no room for a new
 * one, which would take its place.
 */
static bool
is_left_alone(struct pool *p, const struct connection *c, bool once)
{
	return once && connection_was_used(c) && !is_full(p) &&
	    advise(p, c) == KEEPING_LEAVE;
}

struct connection *
pool_take(struct pool *p, bool once)
{
	struct connection *c;
	const char *why;

	while ((c = first_of(p->idle)) != NULL) {
		if (is_left_alone(p, c, once))
			return NULL;
		why = unfit(p, c, once);
		if (why == NULL) {
			occupy(p, c);
			return c;
		}
		pool_drop(c, why);
		/*
		 * A new one is made instead, as the others were idle for
		 * longer.
		 */
		if (once)
			return NULL;
	}
	return NULL;
}

void
pool_release(struct connection *c)
{
	struct pool *p = connection_owner(c);
	struct pool_waiter *w;
	const char *why;

	if (connection_is_closed(c))
		return;
	if (!connection_is_reusable(c)) {
		pool_drop(c, "not reusable after its exchange");
		return;
	}
	w = waiters_next(&p->waiters, true);
	if (w == NULL && p->n_dials < p->waiters.n) {
		/* These waiters need a new one: make room for it. */
		pool_drop(c, "fresh ones are wanted");
		return;
	}
	leave_list(p, c);
	connection_leave(c, p->conf.upstream->timeouts.idle);
	enter_idle(p, c);
	if (w == NULL)
		return;
	why = unfit(p, c, w->once);
	if (why == NULL)
		serve(c, w);
	else
		pool_drop(c, why);
}

struct pool *
pool_new(const struct pool_conf *conf)
{
	struct pool *p = xcalloc(1, sizeof(*p));

	p->conf = *conf;
	p->owner = (struct connection_owner){
		.loop = conf->loop,
		.codec = conf->codec,
		.owner = p,
		.useless = pool_on_useless,
	};
	waiters_init(&p->waiters);
	timer_init(&p->wait_end, conf->loop, wait_ended, p);
	p->sessions = tls_sessions_new(
	    conf->upstream->max_connections < SESSIONS_MOST ?
	    conf->upstream->max_connections : SESSIONS_MOST);
	p->dial = (struct dial_conf){
		.resolver = conf->resolver,
		.tls = conf->tls,
		.sessions = p->sessions,
		.host = conf->upstream->connect_host,
		.port = conf->upstream->connect_port,
		.connect_ms = conf->upstream->timeouts.connect,
		.handshake_ms = conf->upstream->timeouts.handshake,
		.unfit = dial_on_unfit,
	};
	tunnel_lead(conf->tunnel, &p->dial);
	return p;
}

void
pool_clear(struct pool *p, const char *reason)
{
	struct dialling *d;

	if (p->busy != NULL || p->waiters.first != NULL)
		return;
	while ((d = p->dials) != NULL) {
		dial_cancel(d->dial);
		dialling_free(d);
	}
	while (p->idle != NULL)
		pool_drop(first_of(p->idle), reason);
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	assert(p->busy == NULL && p->waiters.first == NULL);
	pool_clear(p, "the pool ends");
	tls_sessions_free(p->sessions);
	timer_end(&p->wait_end);
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
