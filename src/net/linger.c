/*
 * Lingering connections; see linger.h.  Called by links that were closed.
 * Nobody waits for one; loop_free() closes those that are left.
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

struct lingering {
	struct loop *loop;
	int fd;
	size_t dropped;
	struct buf rest;
	struct event readable, writable;
	struct timer *timer;
	struct deferred at_free;
};

static void
linger_end(void *arg)
{
	struct lingering *g = arg;

	event_del(&g->readable);
	event_del(&g->writable);
	timer_free(g->timer);
	deferred_cancel(&g->at_free);
	buf_release(&g->rest);
	close(g->fd);
	free(g);
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
		if (g->dropped < LINGER_BYTES)
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
	deferred_init(&g->at_free, LOOP_END, linger_end, g);
	deferred_queue(l, &g->at_free);
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
