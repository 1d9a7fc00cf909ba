/*
 * Racing addresses; see race.h.
 *
 * Addresses are tried in order; the next one starts when 250 ms passed without
 * a connection or as soon as all tries so far have failed.  The first that
 * connects wins; the others are closed.
 */
#include "net/race.h"

#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "net/timer.h"

#define STAGGER_MS	250

/* One TCP connection under way. */
struct try {
	struct race *race;
	struct try *next;
	const struct addr *to;		/* one of the race's addresses */
	int fd;
	struct event *event;
};

struct race {
	struct loop *loop;
	race_done *done;
	void *owner;
	struct addr *addrs;
	size_t n, next;			/* addresses; the next to try */
	struct try *tries;
	struct timer stagger;
	struct deferred loss;
	int error;			/* errno of the latest that failed */
};

/* -- the end -- */

static void
drop_try(struct try *t)
{
	struct try **at = &t->race->tries;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	event_free(t->event);
	if (t->fd != -1)
		close(t->fd);
	free(t);
}

void
race_cancel(struct race *r)
{
	if (r == NULL)
		return;
	while (r->tries != NULL)
		drop_try(r->tries);
	timer_end(&r->stagger);
	deferred_cancel(&r->loss);
	free(r->addrs);
	free(r);
}

static void
won(struct race *r, struct try *t)
{
	race_done *done = r->done;
	void *owner = r->owner;
	struct addr peer = *t->to;
	int fd = t->fd;

	t->fd = -1;
	race_cancel(r);
	done(owner, fd, &peer, 0);
}

static void
lost(void *arg)
{
	struct race *r = arg;
	race_done *done = r->done;
	void *owner = r->owner;
	int error = r->error;

	race_cancel(r);
	done(owner, -1, NULL, error);
}

/* -- tries -- */

static void try_next(struct race *);

static void
try_failed(struct race *r, int error)
{
	r->error = error;
	if (r->next < r->n)
		try_next(r);
	else if (r->tries == NULL)
		deferred_queue(r->loop, &r->loss);
}

static void
race_on_connect(evutil_socket_t fd, short what, void *owner)
{
	struct try *t = owner;
	struct race *r = t->race;
	int error = 0;
	socklen_t len = sizeof(error);

	(void)what;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	if (error == 0) {
		won(r, t);
		return;
	}
	drop_try(t);
	try_failed(r, error);
}

/* Starts a try; false with errno. */
static bool
start_try(struct race *r, const struct addr *a)
{
	int fd = socket(a->sa.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct try *t;

	if (fd == -1)
		return false;
	if (connect(fd, &a->sa, a->len) != 0 && errno != EINPROGRESS) {
		int saved = errno;

		close(fd);
		errno = saved;
		return false;
	}
	t = xcalloc(1, sizeof(*t));
	t->race = r;
	t->to = a;
	t->fd = fd;
	t->event = event_new(loop_base(r->loop), fd, EV_WRITE,
	    race_on_connect, t);
	if (t->event == NULL)
		abort();
	event_add(t->event, NULL);
	t->next = r->tries;
	r->tries = t;
	return true;
}

static void
try_next(struct race *r)
{
	int error = EHOSTUNREACH;

	while (r->next < r->n) {
		if (start_try(r, &r->addrs[r->next++])) {
			if (r->next < r->n)
				timer_set(&r->stagger, STAGGER_MS);
			return;
		}
		error = errno;
	}
	try_failed(r, error);
}

static void
race_on_stagger(void *owner)
{
	struct race *r = owner;

	if (r->next < r->n)
		try_next(r);
}

/* -- the beginning -- */

struct race *
race_start(struct loop *loop, const struct addr *addrs, size_t n,
    race_done *done, void *owner)
{
	struct race *r = xcalloc(1, sizeof(*r));

	r->loop = loop;
	r->done = done;
	r->owner = owner;
	r->addrs = xcalloc(n, sizeof(*addrs));
	memcpy(r->addrs, addrs, n * sizeof(*addrs));
	r->n = n;
	timer_init(&r->stagger, loop, race_on_stagger, r);
	deferred_init(&r->loss, LOOP_SOON, lost, r);
	try_next(r);
	return r;
}
