/*
 * Lingering connections; see linger.h.  Called for links that were closed, for
 * clients that are turned away, and by a worker that ends; loop_free() closes
 * the rest.
 */
#include "net/linger.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "net/timer.h"

struct lingering {
	struct loop *loop;
	struct queue *queue;
	struct lingering *next, **prev;
	struct linger_terms terms;
	int64_t ends_ns;		/* the latest end */
	int fd;
	bool ended;			/* the other side has ended */
	struct buf rest;
	struct event readable, writable;
	struct timer timer;
};

/* A queue, the oldest first. */
struct queue {
	struct lingering *first, **last;
	size_t n;
};

/* The lingering connections of a loop. */
struct lingers {
	struct loop *loop;
	struct queue counted, uncounted;
	int64_t last_ms;		/* time each may still take; 0: no
					   limit */
	struct deferred end;
	void (*none)(void *owner);	/* NULL: nobody waits for the last */
	void *none_owner;
};

static void
join(struct queue *q, struct lingering *g)
{
	g->queue = q;
	g->prev = q->last;
	*q->last = g;
	q->last = &g->next;
	q->n++;
}

static void
leave(struct lingering *g)
{
	struct queue *q = g->queue;

	*g->prev = g->next;
	if (g->next != NULL)
		g->next->prev = g->prev;
	else
		q->last = g->prev;
	q->n--;
}

static void
tell_if_none(struct lingers *all)
{
	if (all->none != NULL && all->counted.n + all->uncounted.n == 0)
		all->none(all->none_owner);
}

static void
linger_end(void *arg)
{
	struct lingering *g = arg;
	struct lingers *all = *loop_lingers(g->loop);
	struct linger_terms terms = g->terms;

	leave(g);
	event_del(&g->readable);
	event_del(&g->writable);
	timer_end(&g->timer);
	buf_release(&g->rest);
	close(g->fd);
	free(g);
	if (terms.over != NULL)
		terms.over(terms.owner);
	tell_if_none(all);
}

static void
end_all(struct queue *q)
{
	while (q->first != NULL)
		linger_end(q->first);
}

static void
lingers_free(void *arg)
{
	struct lingers *all = arg;

	all->none = NULL;
	end_all(&all->counted);
	end_all(&all->uncounted);
	*loop_lingers(all->loop) = NULL;
	free(all);
}

static struct lingers *
lingers_of(struct loop *l)
{
	struct lingers **place = loop_lingers(l), *all = *place;

	if (all != NULL)
		return all;
	all = xcalloc(1, sizeof(*all));
	all->loop = l;
	all->counted.last = &all->counted.first;
	all->uncounted.last = &all->uncounted.first;
	deferred_init(&all->end, LOOP_END, lingers_free, all);
	deferred_queue(l, &all->end);
	*place = all;
	return all;
}

/* At the beginning, and after bytes came or left: restarts the silent time. */
static void
be_patient(struct lingering *g)
{
	int64_t left = g->ends_ns - loop_now(g->loop);
	int64_t ms = left > 0 ? (left + NS_PER_MS - 1) / NS_PER_MS : 0;

	timer_set(&g->timer, ms < g->terms.silent_ms ? ms : g->terms.silent_ms);
}

static void
shorten(struct lingering *g, int64_t ms)
{
	int64_t ends_ns = loop_now(g->loop) + ms * NS_PER_MS;

	if (g->ends_ns <= ends_ns)
		return;
	g->ends_ns = ends_ns;
	be_patient(g);
}

/* All was sent: sends the end, and reads until the other side ends. */
static void
say_end(struct lingering *g)
{
	if (g->ended)
		linger_end(g);
	else
		shutdown(g->fd, SHUT_WR);
}

static void
hear_end(struct lingering *g)
{
	if (buf_len(&g->rest) == 0) {
		linger_end(g);
		return;
	}
	g->ended = true;
	event_del(&g->readable);
}

static void
linger_on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct lingering *g = arg;
	ssize_t n = recv(fd, loop_scratch(g->loop), LOOP_SCRATCH, 0);

	(void)what;
	if (n > 0)
		be_patient(g);
	else if (n == 0)
		hear_end(g);
	else if (errno != EAGAIN && errno != EINTR)
		linger_end(g);
}

/* Bytes that have come and were not noticed yet would make its end a reset. */
static void
linger_on_late(void *arg)
{
	struct lingering *g = arg;

	if (!g->ended && loop_now(g->loop) < g->ends_ns && recv(g->fd,
	    loop_scratch(g->loop), LOOP_SCRATCH, 0) > 0)
		be_patient(g);
	else
		linger_end(g);
}

static void
linger_on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct lingering *g = arg;
	ssize_t n = send(fd, buf_data(&g->rest), buf_len(&g->rest),
	    MSG_NOSIGNAL);

	(void)what;
	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		linger_end(g);
		return;
	}
	if (n > 0) {
		buf_consume(&g->rest, (size_t)n);
		be_patient(g);
	}
	if (buf_len(&g->rest) == 0) {
		event_del(&g->writable);
		say_end(g);
	}
}

static struct lingering *
new_of(struct loop *l, int fd, const struct linger_terms *terms)
{
	struct lingers *all = lingers_of(l);
	struct lingering *g = xcalloc(1, sizeof(*g));

	g->loop = l;
	g->fd = fd;
	g->terms = *terms;
	g->ends_ns = loop_now(l) + terms->most_ms * NS_PER_MS;
	buf_init(&g->rest, NULL);
	event_assign(&g->readable, loop_base(l), fd, EV_READ | EV_PERSIST,
	    linger_on_readable, g);
	event_assign(&g->writable, loop_base(l), fd, EV_WRITE | EV_PERSIST,
	    linger_on_writable, g);
	timer_init(&g->timer, l, linger_on_late, g);
	if (terms->over == NULL && all->uncounted.n == LINGERS)
		linger_end(all->uncounted.first);
	join(terms->over != NULL ? &all->counted : &all->uncounted, g);
	be_patient(g);
	if (all->last_ms != 0)
		shorten(g, all->last_ms);
	return g;
}

void
linger_start(struct loop *l, int fd, struct buf *rest,
    const struct linger_terms *terms)
{
	struct lingering *g = new_of(l, fd, terms);

	event_add(&g->readable, NULL);
	if (rest != NULL && buf_len(rest) != 0) {
		g->rest = *rest;
		buf_init(rest, rest->blocks);
		event_add(&g->writable, NULL);
	} else {
		say_end(g);
	}
}

bool
linger_end_oldest(struct loop *l, const void *owner)
{
	struct lingering *g = lingers_of(l)->counted.first;

	while (g != NULL && g->terms.owner != owner)
		g = g->next;
	if (g == NULL)
		return false;
	linger_end(g);
	return true;
}

static void
shorten_all(struct queue *q, int64_t ms)
{
	for (struct lingering *g = q->first; g != NULL; g = g->next)
		shorten(g, ms);
}

void
linger_await_none(struct loop *l, int64_t ms, void (*fn)(void *owner),
    void *owner)
{
	struct lingers *all = lingers_of(l);

	all->last_ms = ms;
	all->none = fn;
	all->none_owner = owner;
	shorten_all(&all->counted, ms);
	shorten_all(&all->uncounted, ms);
	tell_if_none(all);
}
