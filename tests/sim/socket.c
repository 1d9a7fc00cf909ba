/*
 * System calls on sockets of the simulated world; see socket.h.
 */
#include "socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "clock.h"
#include "fate.h"
#include "history.h"
#include "link.h"

/* No real descriptor is as large. */
#define FIRST_LISTENER	(1 << 20)
#define FIRST_EVENT	(FIRST_LISTENER + SOCKET_HOLDERS * SOCKET_LISTENERS)
#define FIRST_WIRE	(FIRST_EVENT + SOCKET_HOLDERS)

#define MOST_WAITING	64

/* More than a worker waits for it that closes the socket. */
#define UNDER_WAY_NS	(5 * NS_PER_MS)

/* Clients waiting at one listening socket, the first one first. */
static struct listening {
	uint64_t holders;		/* a bit each; 0: it is closed */
	size_t n, n_there;		/* that wait, and can be accepted:
					   what the others sent last is under
					   way */
	struct errand arrive;
	struct {
		struct wire *wire;
		struct client_info info;
	} waiting[MOST_WAITING];
} sockets_listening[SOCKET_LISTENERS];

static void	all_arrive(void *owner);

static bool raised[SOCKET_HOLDERS];
static unsigned n_events;

/* The client that was let in last: getsockopt() is called right after that. */
static struct client_info latest;

/* Under our own names, because the system's prototypes differ. */
int	socket_accept(int, struct sockaddr *, socklen_t *, int)
	    __asm__("accept4");

void
sockets_begin(void)
{
	memset(sockets_listening, 0, sizeof(sockets_listening));
	for (size_t i = 0; i < SOCKET_LISTENERS; i++)
		errand_init(&sockets_listening[i].arrive, all_arrive,
		    &sockets_listening[i]);
	memset(raised, 0, sizeof(raised));
	n_events = 0;
}

size_t
sockets_waiting(void)
{
	size_t n = 0;

	for (size_t i = 0; i < SOCKET_LISTENERS; i++)
		n += sockets_listening[i].n;
	return n;
}

void
sockets_end(void)
{
	must(sockets_waiting() == 0, "%zu clients wait to be let in for ever",
	    sockets_waiting());
}

int
socket_fd(const struct wire *w)
{
	return FIRST_WIRE + (int)w->number;
}

struct wire *
socket_wire(int fd)
{
	return fd >= FIRST_WIRE ? wire_of_number((unsigned)(fd - FIRST_WIRE)) :
	    NULL;
}

static int
listener_fd(size_t n, unsigned holder)
{
	return FIRST_LISTENER + (int)(holder * SOCKET_LISTENERS + n);
}

static unsigned
holder_of(int fd)
{
	return (unsigned)(fd - FIRST_LISTENER) / SOCKET_LISTENERS;
}

static struct listening *
listening_of(int fd)
{
	return fd >= FIRST_LISTENER && fd < FIRST_EVENT ?
	    &sockets_listening[(fd - FIRST_LISTENER) % SOCKET_LISTENERS] :
	    NULL;
}

/* -- event descriptors -- */

int
socket_event(void)
{
	must(n_events < SOCKET_HOLDERS, "too many event descriptors");
	return FIRST_EVENT + (int)n_events++;
}

void
socket_raise(int fd, bool on)
{
	raised[fd - FIRST_EVENT] = on;
	if (on)
		clock_notice(fd);
}

/* -- connecting -- */

int
socket_listen(size_t n, unsigned holder)
{
	sockets_listening[n].holders |= UINT64_C(1) << holder;
	return listener_fd(n, holder);
}

static void
all_arrive(void *owner)
{
	struct listening *d = owner;
	size_t n = (size_t)(d - sockets_listening);

	d->n_there = d->n;
	for (unsigned i = 0; i < SOCKET_HOLDERS && d->holders >> i != 0; i++) {
		if (d->holders >> i & 1)
			clock_notice(listener_fd(n, i));
	}
}

bool
socket_connect(size_t n, struct wire *w, const struct client_info *info)
{
	struct listening *d = &sockets_listening[n];

	if (d->holders == 0 || d->n == MOST_WAITING)
		return false;
	d->waiting[d->n].wire = w;
	d->waiting[d->n++].info = *info;
	if (fate_is_under_way())
		errand_set(&d->arrive, UNDER_WAY_NS);
	else
		all_arrive(d);
	return true;
}

int
socket_accept(int fd, struct sockaddr *to, socklen_t *len, int flags)
{
	struct listening *d = listening_of(fd);
	struct wire *w;

	(void)flags;
	must(d != NULL && d->holders >> holder_of(fd) & 1,
	    "accept4() of no listening socket");
	if (d->n_there == 0) {
		errno = EAGAIN;
		return -1;
	}
	d->n_there--;
	w = d->waiting[0].wire;
	latest = d->waiting[0].info;
	memmove(&d->waiting[0], &d->waiting[1], --d->n *
	    sizeof(d->waiting[0]));
	*len = latest.has_user ? sizeof(sa_family_t) : latest.address.len;
	memcpy(to, &latest.address.sa, *len);
	w->open = true;
	w->worker = holder_of(fd) - 1;
	w->let_in_ns = w->lingers_ns = clock_now();
	history("wire %u: let in", w->number);
	fate_accepts(w);
	return socket_fd(w);
}

int	__wrap_poll(struct pollfd *, nfds_t, int);

/* What is under way arrives meanwhile.  Wires tell nothing. */
int
__wrap_poll(struct pollfd *p, nfds_t n, int ms)
{
	struct listening *d = listening_of(p->fd);

	must(n == 1, "poll() of several");
	if (d == NULL)
		return 0;
	if (ms != 0)
		d->n_there = d->n;
	return d->n_there != 0 ? 1 : 0;
}

int
getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	struct ucred *cred = value;

	must(socket_wire(fd) != NULL && level == SOL_SOCKET &&
	    latest.has_user, "getsockopt() of no client");
	if (name == SO_PEERCRED) {
		*cred = (struct ucred){ 1, latest.uid, latest.gid };
		return 0;
	}
	must(name == SO_PEERGROUPS, "getsockopt() of something else");
	*len = 0;
	return 0;
}

/* -- connections that linger, or are dialled -- */

/* It has no link to be notified. */
static struct wire *
linkless(int fd)
{
	struct wire *w = socket_wire(fd);

	must(w != NULL && w->open && w->link == NULL,
	    "a system call on no socket");
	return w;
}

bool
socket_is_ready(int fd, short what)
{
	const struct listening *d = listening_of(fd);
	const struct wire *w = socket_wire(fd);

	if (d != NULL)
		return d->n_there != 0;
	if (fd >= FIRST_EVENT && fd < FIRST_WIRE)
		return raised[fd - FIRST_EVENT];
	if (w == NULL || !w->open)
		return false;
	if (what & EV_READ)
		return buf_len(&w->in) != 0 || w->peer_end != WIRE_OPEN;
	return wire_takes(w) != 0;
}

ssize_t
recv(int fd, void *to, size_t most, int flags)
{
	struct wire *w = linkless(fd);
	size_t n = buf_len(&w->in);

	(void)flags;
	if (w->peer_end == WIRE_RESET) {
		errno = ECONNRESET;
		return -1;
	}
	if (n == 0 && w->peer_end != WIRE_OPEN)
		return 0;
	if (n == 0) {
		errno = EAGAIN;
		return -1;
	}
	n = fate_piece(n < most ? n : most);
	memcpy(to, buf_data(&w->in), n);
	wire_take(w, n);
	if (!w->served)
		w->handed += n;
	return (ssize_t)n;
}

ssize_t
send(int fd, const void *from, size_t n, int flags)
{
	struct wire *w = linkless(fd);
	size_t room = wire_takes(w);

	(void)flags;
	if (w->peer_end == WIRE_RESET) {
		errno = EPIPE;
		return -1;
	}
	if (room == 0) {
		errno = EAGAIN;
		return -1;
	}
	if (n > room)
		n = room;
	fate_writes(w, false, (struct text){ from, n });
	wire_put(w, (struct text){ from, n });
	return (ssize_t)n;
}

int
setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	(void)linkless(fd);
	(void)level;
	(void)name;
	(void)value;
	(void)len;
	return 0;
}

int
shutdown(int fd, int how)
{
	struct wire *w = linkless(fd);

	must(how == SHUT_WR, "shutdown() of more than writing");
	history("wire %u: we say no more", w->number);
	w->our_end = WIRE_CLEAN;
	w->moved_ns = clock_now();
	if (w->wake != NULL && !w->peer_closed)
		w->wake(w->peer);
	return 0;
}

/* -- ends -- */

/* A reset lets only some of the bytes under way arrive. */
static void
lose_some(struct wire *w)
{
	size_t n = fate_arrives(buf_len(&w->out));

	if (n == buf_len(&w->out))
		return;
	if (n != 0)
		buf_truncate(&w->out, n);
	else
		buf_consume(&w->out, buf_len(&w->out));
}

void
socket_closed(struct wire *w, enum wire_end how)
{
	if (w->enters && !w->served)
		fate_shuts_out(w);
	w->open = false;
	w->closed_ns = clock_now();
	w->our_end = how;
	if (how == WIRE_RESET)
		lose_some(w);
	history("wire %u: closed by us, %s, %zu bytes under way", w->number,
	    how == WIRE_CLEAN ? "in order" : "by a reset", wire_readable(w));
	w->moved_ns = clock_now();
	buf_consume(&w->in, buf_len(&w->in));
	if (w->wake != NULL && !w->peer_closed)
		w->wake(w->peer);
}

/* A client's FIN follows what it was sent; TLS has no end without a word. */
void
socket_died(struct wire *w)
{
	history("wire %u: its process dies", w->number);
	w->died = true;
	if (w->link != NULL)
		link_sever(w->link);
	socket_closed(w, buf_len(&w->in) != 0 || w->peer_end == WIRE_RESET ?
	    WIRE_RESET : w->upstream ? WIRE_CUT : WIRE_CLEAN);
}

/* Waiting clients get a reset. */
static void
stop_listening(struct listening *d, unsigned holder)
{
	d->holders &= ~(UINT64_C(1) << holder);
	if (d->holders != 0)
		return;
	fate_refuses(d->n);
	errand_clear(&d->arrive);
	while (d->n != 0)
		socket_closed(d->waiting[--d->n].wire, WIRE_RESET);
	d->n_there = 0;
}

int
close(int fd)
{
	struct listening *d = listening_of(fd);
	struct wire *w;

	if (fd < FIRST_LISTENER)
		return (int)syscall(SYS_close, fd);
	if (d != NULL) {
		stop_listening(d, holder_of(fd));
		return 0;
	}
	w = socket_wire(fd);
	if (w != NULL && w->died)
		return 0;
	w = linkless(fd);
	/* If there are bytes that were not read, it is a reset. */
	socket_closed(w, buf_len(&w->in) == 0 && w->peer_end != WIRE_RESET ?
	    WIRE_CLEAN : WIRE_RESET);
	return 0;
}
