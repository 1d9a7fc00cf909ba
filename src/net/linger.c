/*
 * Lingering connections; see linger.h.  Called by links that were closed, and
 * by the worker that ends; loop_free() closes those that are left.
 */
#include "net/linger.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/alloc.h"
#include "net/timer.h"

#define LINGER_MS	2000
#define LINGER_BYTES	(256 * 1024)

/* Those of a loop, the oldest first. */
struct lingers {
	struct loop *loop;
	struct lingering *first, **last;
	size_t n;
	struct deferred end;
	void (*none)(void *owner);	/* NULL: nobody waits for it */
	void *none_owner;
};

struct lingering {
	struct loop *loop;
	struct lingering *next, **prev;
	int fd;
	size_t dropped;
	struct buf rest;
	struct event readable, writable;
	struct timer *timer;
};

static void
linger_end(void *arg)
{
	struct lingering *g = arg;
	struct lingers *all = *loop_lingers(g->loop);

	*g->prev = g->next;
	if (g->next != NULL)
		g->next->prev = g->prev;
	else
		all->last = g->prev;
	all->n--;
	event_del(&g->readable);
	event_del(&g->writable);
	timer_free(g->timer);
	buf_release(&g->rest);
	close(g->fd);
	free(g);
	if (all->n == 0 && all->none != NULL)
		all->none(all->none_owner);
}

static void
lingers_free(void *arg)
{
	struct lingers *all = arg;

	all->none = NULL;
	while (all->first != NULL)
		linger_end(all->first);
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
	all->last = &all->first;
	deferred_init(&all->end, LOOP_END, lingers_free, all);
	deferred_queue(l, &all->end);
	*place = all;
	return all;
}

static void
join(struct lingers *all, struct lingering *g)
{
	if (all->n == LINGERS)
		linger_end(all->first);
	g->prev = all->last;
	*all->last = g;
	all->last = &g->next;
	all->n++;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct lingering *g = arg;
	ssize_t n = recv(fd, loop_scratch(g->loop), LOOP_SCRATCH, 0);

	(void)what;
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		g->dropped += (size_t)n;
		if (g->dropped >= LINGER_BYTES)
			event_del(&g->readable);
		return;
	}
	linger_end(g);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct lingering *g = arg;
	ssize_t n = send(fd, buf_data(&g->rest), buf_len(&g->rest),
	    MSG_NOSIGNAL);

	(void)what;
	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		linger_end(g);
		return;
	}
	if (n > 0)
		buf_consume(&g->rest, (size_t)n);
	if (buf_len(&g->rest) == 0) {
		event_del(&g->writable);
		shutdown(fd, SHUT_WR);
	}
}

void
linger_start(struct loop *l, int fd, struct buf *rest)
{
	struct lingering *g = xcalloc(1, sizeof(*g));

	g->loop = l;
	g->fd = fd;
	buf_init(&g->rest, NULL);
	event_assign(&g->readable, loop_base(l), fd, EV_READ | EV_PERSIST,
	    on_readable, g);
	event_assign(&g->writable, loop_base(l), fd, EV_WRITE | EV_PERSIST,
	    on_writable, g);
	join(lingers_of(l), g);
	g->timer = timer_new(l, linger_end, g);
	timer_set(g->timer, LINGER_MS);
	event_add(&g->readable, NULL);
	if (rest != NULL && buf_len(rest) != 0) {
		g->rest = *rest;
		buf_init(rest, rest->blocks);
		event_add(&g->writable, NULL);
	} else {
		shutdown(fd, SHUT_WR);
	}
}

void
linger_await_none(struct loop *l, void (*fn)(void *owner), void *owner)
{
	struct lingers *all = lingers_of(l);

	all->none = fn;
	all->none_owner = owner;
	if (all->n == 0)
		fn(owner);
}
