/*
 * Requests that wait for their key's quota; see quota_queue.h.
 *
 * Each key has a ring of lines, one for each route that waits, of which the
 * first is served and goes to the end.  Waiters that gave up their place stand
 * in a line beside it until they are told, which is done from the loop.
 */
#include "upstream/quota_queue.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "net/timer.h"
#include "policy/quota_gate.h"
#include "stats/quota.h"

/* The waiters of one route for one key; in the ring there is at least one. */
struct quota_line {
	size_t route, n;
	struct quota_waiter *first, *last;
	struct quota_line *next, *prev;
};

struct queue {
	struct quota_queues *all;
	size_t key;
	struct quota_line *first, *last;	/* NULL: nobody waits */
	struct quota_line given_up;		/* these have no place */
	struct timer timer;
};

struct quota_queues {
	const struct conf *conf;
	struct loop *loop;
	struct stats *stats;
	struct queue **of_keys;		/* NULL: nobody waited yet */
	uint64_t came;			/* so many asked */
};

/* -- lines -- */

static void
append_line(struct queue *q, struct quota_line *l)
{
	l->next = NULL;
	l->prev = q->last;
	if (q->last != NULL)
		q->last->next = l;
	else
		q->first = l;
	q->last = l;
}

static void
unlink_line(struct queue *q, struct quota_line *l)
{
	if (l->prev != NULL)
		l->prev->next = l->next;
	else
		q->first = l->next;
	if (l->next != NULL)
		l->next->prev = l->prev;
	else
		q->last = l->prev;
}

static struct quota_line *
find_line(const struct queue *q, size_t route)
{
	struct quota_line *l;

	for (l = q->first; l != NULL && l->route != route; l = l->next)
		;
	return l;
}

static struct quota_line *
line_of(struct queue *q, size_t route)
{
	struct quota_line *l = find_line(q, route);

	if (l != NULL)
		return l;
	l = xcalloc(1, sizeof(*l));
	l->route = route;
	append_line(q, l);
	return l;
}

/*
 * In the order in which they came: one that waited for another key may have
 * come before some who are there already.
 */
static void
put_in(struct quota_line *l, struct quota_waiter *w)
{
	struct quota_waiter *before = l->last;

	while (before != NULL && before->came > w->came)
		before = before->prev;
	l->n++;
	w->line = l;
	w->waited = true;
	w->prev = before;
	w->next = before != NULL ? before->next : l->first;
	if (w->next != NULL)
		w->next->prev = w;
	else
		l->last = w;
	if (before != NULL)
		before->next = w;
	else
		l->first = w;
}

/* Its place is still taken. */
static void
leave_line(struct queue *q, struct quota_waiter *w)
{
	struct quota_line *l = w->line;

	if (w->prev != NULL)
		w->prev->next = w->next;
	else
		l->first = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
	else
		l->last = w->prev;
	l->n--;
	w->line = NULL;
	if (l->first == NULL && l != &q->given_up) {
		unlink_line(q, l);
		free(l);
	}
}

static void
take_out(struct queue *q, struct quota_waiter *w)
{
	if (w->line != &q->given_up)
		quota_stop_waiting(q->all->stats, q->key);
	leave_line(q, w);
}

/* NULL: nobody waits. */
static struct quota_line *
longest_line(const struct queue *q)
{
	struct quota_line *longest = q->first;

	for (struct quota_line *l = q->first; l != NULL; l = l->next) {
		if (l->n > longest->n)
			longest = l;
	}
	return longest;
}

/* There is a place for one more of that route, if need be another's. */
static bool
make_place(struct queue *q, size_t route)
{
	const struct quota_line *longest, *own;
	struct quota_waiter *w;

	if (quota_may_wait(q->all->stats, q->key))
		return true;
	longest = longest_line(q);
	own = find_line(q, route);
	if (longest == NULL || (own != NULL && own->n >= longest->n))
		return false;
	w = longest->last;
	leave_line(q, w);
	put_in(&q->given_up, w);
	timer_set(&q->timer, 0);
	return true;
}

static size_t
count_lines(const struct queue *q)
{
	size_t n = 0;

	for (struct quota_line *l = q->first; l != NULL; l = l->next)
		n++;
	return n;
}

/* -- time -- */

/*
 * In each round every route has one turn at most, so that workers serve theirs
 * side by side; and so soon a worker sees that another one learnt of an open
 * gate.
 */
#define ROUND_MS	10

static struct quota_gate *
gate_of(const struct queue *q)
{
	return quota_gate_of(q->all->stats, q->key);
}

/* In whole seconds; it is worth while to try again then. */
static unsigned
retry_after(const struct queue *q)
{
	int64_t ns = quota_gate_closed(gate_of(q), loop_now(q->all->loop));

	return (unsigned)((ns + NS_PER_S - 1) / NS_PER_S);
}

/*
 * One that waits in vain.  The waiters of a route have the same time, so its
 * first is the next.
 */
static struct quota_waiter *
find_refused(const struct queue *q, int64_t now, int64_t *next_ns)
{
	struct quota_line *l;

	*next_ns = INT64_MAX;
	if (q->given_up.first != NULL)
		return q->given_up.first;
	if (quota_must_give_up(q->all->stats, q->key) &&
	    (l = longest_line(q)) != NULL)
		return l->last;
	for (l = q->first; l != NULL; l = l->next) {
		if (l->first->until_ns <= now)
			return l->first;
		if (l->first->until_ns < *next_ns)
			*next_ns = l->first->until_ns;
	}
	return NULL;
}

static void
set_timer(struct queue *q, int64_t wait, int64_t until)
{
	int64_t now = loop_now(q->all->loop);

	if (wait > ROUND_MS * NS_PER_MS)
		wait = ROUND_MS * NS_PER_MS;
	if (until - now < wait)
		wait = until - now;
	timer_set(&q->timer, wait > 0 ? (wait + NS_PER_MS - 1) / NS_PER_MS :
	    0);
}

static void
serve(struct queue *q)
{
	struct quota_line *l = q->first;
	struct quota_waiter *w = l->first;

	unlink_line(q, l);
	append_line(q, l);
	take_out(q, w);
	w->ready(w->owner);
}

/* Callbacks may let others wait, or leave: each step looks anew. */
static void
queue_on_time(void *owner)
{
	struct queue *q = owner;
	const int64_t now = loop_now(q->all->loop);
	size_t turns = count_lines(q);
	struct quota_waiter *w;
	int64_t wait = ROUND_MS * NS_PER_MS, until = INT64_MAX;

	while (q->first != NULL || q->given_up.first != NULL) {
		w = find_refused(q, now, &until);
		if (w != NULL) {
			take_out(q, w);
			w->failed(w->owner, retry_after(q));
		} else if (turns > 0 && quota_gate_pass(gate_of(q), true, now,
		    &wait)) {
			turns--;
			serve(q);
		} else {
			set_timer(q, wait, until);
			return;
		}
	}
}

/* -- for calls -- */

static struct queue *
queue_of(struct quota_queues *all, size_t key)
{
	struct queue *q = all->of_keys[key];

	if (q != NULL)
		return q;
	q = xcalloc(1, sizeof(*q));
	q->all = all;
	q->key = key;
	timer_init(&q->timer, all->loop, queue_on_time, q);
	all->of_keys[key] = q;
	return q;
}

static int64_t
longest_wait_ns(const struct quota_queues *all, const struct quota_waiter *w)
{
	const struct conf_route *route = &all->conf->routes[w->route];
	int64_t ms = all->conf->upstreams[route->upstream].timeouts.response;

	ms -= ms / 5;
	return (ms < QUOTA_WAIT_MS ? ms : QUOTA_WAIT_MS) * NS_PER_MS;
}

enum quota_answer
quota_queue_ask(struct quota_queues *all, struct quota_waiter *w,
    unsigned *retry_s)
{
	const int64_t now = loop_now(all->loop);
	struct queue *q = all->of_keys[w->key];
	const bool others = q != NULL && q->first != NULL;
	int64_t wait = 0;

	w->line = NULL;
	if (w->came == 0) {
		w->came = ++all->came;
		w->until_ns = now + longest_wait_ns(all, w);
	}
	/* Of several that waited for another key the first goes first. */
	if (!others && !w->waited && quota_gate_pass(
	    quota_gate_of(all->stats, w->key), false, now, &wait))
		return QUOTA_GO;
	q = queue_of(all, w->key);
	if (!make_place(q, w->route)) {
		*retry_s = retry_after(q);
		return QUOTA_REFUSED;
	}
	put_in(line_of(q, w->route), w);
	if (!others && q->given_up.first == NULL)
		set_timer(q, wait, w->until_ns);
	return QUOTA_WAIT;
}

void
quota_queue_leave(struct quota_queues *all, struct quota_waiter *w)
{
	if (w->line != NULL)
		take_out(all->of_keys[w->key], w);
}

void
quota_queue_tell(struct quota_queues *all, size_t key,
    const struct ratelimit *r, int64_t sent_ns)
{
	const struct quota_told told = {
		.remaining = r->remaining, .limit = r->limit,
		.interval_s = r->interval_s,
	};
	struct queue *q = all->of_keys[key];

	if (quota_gate_tell(quota_gate_of(all->stats, key), &told, sent_ns,
	    loop_now(all->loop)) && q != NULL && q->first != NULL)
		timer_set(&q->timer, 0);
}

/* -- one per worker -- */

struct quota_queues *
quota_queues_new(const struct conf *conf, struct loop *loop,
    struct stats *stats)
{
	struct quota_queues *all = xcalloc(1, sizeof(*all));

	all->conf = conf;
	all->loop = loop;
	all->stats = stats;
	all->of_keys = xcalloc(conf->n_keys, sizeof(*all->of_keys));
	return all;
}

void
quota_queues_free(struct quota_queues *all)
{
	if (all == NULL)
		return;
	for (size_t i = 0; i < all->conf->n_keys; i++) {
		if (all->of_keys[i] == NULL)
			continue;
		assert(all->of_keys[i]->first == NULL &&
		    all->of_keys[i]->given_up.first == NULL);
		timer_end(&all->of_keys[i]->timer);
		free(all->of_keys[i]);
	}
	free(all->of_keys);
	free(all);
}
