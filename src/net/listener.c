/*
 * Accepting; see listener.h.  It knows who connected, not what they want.
 * listener_open() and listener_try() are in listener_open.c.
 */
#include "net/listener.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/repeats.h"
#include "net/timer.h"

/* Connections accepted per turn, so that others get their share of it. */
#define ACCEPTS		16

/* Time until the next attempt where accepting failed. */
#define STARVED_MS	100

/* Groups of a client that need no allocation. */
#define GROUPS		64

struct listener {
	struct loop *loop;
	int fd;
	listener_accept *accept;
	bool (*wants)(void *owner);	/* or NULL */
	void *owner;
	bool paused;
	struct repeats failures;	/* to accept, that were told: at the
				   limit each client that leaves lets one in */
	bool dead;		/* freed by the owner; memory goes at the end of
				   the turn */
	struct deferred burial;
	struct event readable;
	struct timer retry;
};

static void
watch(struct listener *l)
{
	if (l->paused || timer_is_set(&l->retry))
		event_del(&l->readable);
	else
		event_add(&l->readable, NULL);
}

static void
listener_on_retry(void *arg)
{
	watch(arg);
}

static void
starve(struct listener *l)
{
	const char *why = strerror(errno);
	char more[REPEATS_WORDS];

	if (repeats_tell(&l->failures, why, loop_now(l->loop), more))
		log_warn("cannot accept connections at the moment: %s%s", why,
		    more);
	timer_set(&l->retry, STARVED_MS);
	watch(l);
}

/* The supplementary groups, in buf, or in memory that *memory then owns. */
static void
read_groups(int fd, struct client_info *c, gid_t *buf, gid_t **memory)
{
	socklen_t len = GROUPS * sizeof(*buf);

	c->groups = buf;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, buf, &len) == -1) {
		if (errno != ERANGE)
			return;
		c->groups = *memory = xmalloc(len);
		if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, *memory,
		    &len) == -1)
			return;
	}
	c->n_groups = len / sizeof(gid_t);
}

static void
read_user(int fd, struct client_info *c)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1 ||
	    cred.uid == (uid_t)-1)
		return;
	c->has_user = true;
	c->uid = cred.uid;
	c->gid = cred.gid;
	c->pid = cred.pid;
}

static void
hand_over(struct listener *l, int fd, struct client_info *c)
{
	gid_t buf[GROUPS], *memory = NULL;

	if (c->address.sa.sa_family == AF_UNIX) {
		c->address.kind = ADDR_UNIX;
		read_user(fd, c);
		read_groups(fd, c, buf, &memory);
	}
	l->accept(l->owner, fd, c);
	free(memory);
}

/* Accepts one connection; false when there is none. */
static bool
accept_one(struct listener *l)
{
	struct client_info c = { .address.kind = ADDR_INET };
	int fd;

	c.address.len = sizeof(c.address.ss);
	fd = accept4(l->fd, &c.address.sa, &c.address.len,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd != -1) {
		hand_over(l, fd, &c);
		return true;
	}
	switch (errno) {
	case EAGAIN:
		return false;
	case EINTR:
	case ECONNABORTED:
	case EPERM:
	case EPROTO:
	case ENOPROTOOPT:
	case ENONET:
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ETIMEDOUT:
		/* Errors of that connection, see accept(2). */
		return true;
	default:
		/* No descriptors, no memory, or a socket that was shut down. */
		starve(l);
		return false;
	}
}

static void
listener_on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)fd;
	(void)what;
	for (unsigned i = 0; i < ACCEPTS && !l->dead && !l->paused; i++) {
		if (l->wants != NULL && !l->wants(l->owner))
			break;
		if (!accept_one(l))
			break;
	}
}

struct listener *
listener_new(struct loop *loop, int fd, listener_accept *accept, void *owner)
{
	struct listener *l = xcalloc(1, sizeof(*l));

	l->loop = loop;
	l->fd = fd;
	l->accept = accept;
	l->owner = owner;
	timer_init(&l->retry, loop, listener_on_retry, l);
	deferred_init(&l->burial, LOOP_LATE, free, l);
	event_assign(&l->readable, loop_base(loop), fd, EV_READ | EV_PERSIST,
	    listener_on_readable, l);
	watch(l);
	return l;
}

void
listener_free(struct listener *l)
{
	if (l == NULL)
		return;
	/*
	 * The owner may free it within accept(): listener_on_readable() checks
	 * dead after it.
	 */
	l->dead = true;
	event_del(&l->readable);
	timer_end(&l->retry);
	repeats_release(&l->failures);
	deferred_queue(l->loop, &l->burial);
}

void
listener_ask(struct listener *l, bool (*wants)(void *owner))
{
	l->wants = wants;
}

bool
listener_take(struct listener *l)
{
	return accept_one(l);
}

bool
listener_waits(const struct listener *l, int ms)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

void
listener_pause(struct listener *l, bool pause)
{
	if (l->paused == pause)
		return;
	l->paused = pause;
	watch(l);
}
