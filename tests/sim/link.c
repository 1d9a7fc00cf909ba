/*
 * net/link.h over the wires of the simulated world; see link.h.  Each read is a
 * turn of its own, with as many bytes as fate.h says; a write that the wire
 * does not take completely blocks the link until there is room, as with a
 * socket.
 */
#include "link.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "clock.h"
#include "fate.h"
#include "history.h"
#include "net/linger.h"
#include "net/loop.h"
#include "socket.h"

struct link {
	struct loop *loop;
	struct wire *wire;
	const struct link_events *events;
	void *owner;
	struct deferred turn_end;
	struct errand reading, writing;
	enum link_error fault, write_fault;
	enum link_end how;
	void (*gone)(void *owner);
	void *gone_owner;
	bool want_input, blocked, eof, wake, told, closed;
	bool severed;			/* its process died */
};

static bool
is_alive(const struct link *l)
{
	return !l->closed && !l->severed && l->fault == LINK_OK;
}

static bool
is_reading(const struct link *l)
{
	return is_alive(l) && l->want_input && !l->eof;
}

static bool
can_write(const struct link *l)
{
	return is_alive(l) && !l->blocked && l->write_fault == LINK_OK;
}

static void
fail(struct link *l, enum link_error e)
{
	if (l->fault != LINK_OK)
		return;
	l->fault = e;
	l->blocked = false;
	errand_clear(&l->reading);
	errand_clear(&l->writing);
	deferred_queue(l->loop, &l->turn_end);
}

/* -- reading -- */

void
link_notice(struct link *l)
{
	errand_set(&l->reading, fate_delay());
}

/* The buffer has exactly that size, so that sanitizers see its end. */
static void
read_some(struct link *l)
{
	struct wire *w = l->wire;
	size_t n = buf_len(&w->in);
	uint8_t *p;

	n = fate_piece(n < LOOP_SCRATCH ? n : LOOP_SCRATCH);
	p = xmalloc(n);
	memcpy(p, buf_data(&w->in), n);
	w->handed += n;
	wire_take(w, n);
	l->events->input(l->owner, p, n);
	free(p);
}

/* Whether there is more to notice, now or when input is wanted. */
static bool
has_news(const struct link *l)
{
	return buf_len(&l->wire->in) != 0 || l->wire->peer_end != WIRE_OPEN;
}

static void
on_reading(void *owner)
{
	struct link *l = owner;
	struct wire *w = l->wire;

	if (!is_alive(l))
		return;
	/* Bytes that a reset overtakes are lost at times. */
	if (w->peer_end == WIRE_RESET && (buf_len(&w->in) == 0 ||
	    !is_reading(l) || fate_overtakes())) {
		fail(l, LINK_RESET);
		return;
	}
	if (!is_reading(l))
		return;
	if (buf_len(&w->in) != 0) {
		read_some(l);
	} else if (w->peer_end != WIRE_OPEN) {
		l->eof = true;
		l->events->eof(l->owner, w->peer_end == WIRE_CLEAN);
	}
	if (is_reading(l) && has_news(l))
		errand_set(&l->reading, fate_delay());
}

/* -- writing -- */

void
link_has_room(struct link *l)
{
	if (l->blocked)
		errand_set(&l->writing, fate_delay());
}

static void
flush(struct link *l)
{
	while (can_write(l)) {
		struct text t = l->events->output(l->owner);
		size_t room = wire_takes(l->wire);

		if (t.n == 0) {
			l->wake = false;
			l->wire->late = false;
			return;
		}
		must(!l->closed, "a link was closed by who was asked for "
		    "output");
		if (t.n > room) {
			t.n = room;
			l->blocked = true;
		}
		fate_writes(l->wire, has_news(l), t);
		wire_put(l->wire, t);
		if (l->wire->peer_closed && l->wire->peer_end != WIRE_RESET) {
			l->wire->peer_end = WIRE_RESET;
			link_notice(l);
		}
		l->events->output_done(l->owner, t.n);
	}
}

static void
on_writing(void *owner)
{
	struct link *l = owner;

	if (!is_alive(l) || !l->blocked)
		return;
	if (l->wire->peer_end == WIRE_RESET)
		l->write_fault = LINK_RESET;
	else if (wire_takes(l->wire) == 0)
		return;
	l->blocked = false;
	deferred_queue(l->loop, &l->turn_end);
}

/* Bytes that came before the connection broke are still passed on. */
static void
read_last(struct link *l)
{
	while (is_reading(l) && buf_len(&l->wire->in) != 0)
		read_some(l);
	if (is_alive(l))
		fail(l, l->write_fault);
}

static void
turn_ended(void *owner)
{
	struct link *l = owner;

	if (is_alive(l) && l->write_fault != LINK_OK)
		read_last(l);
	if (l->wake && can_write(l))
		flush(l);
	if (l->closed || l->severed || l->fault == LINK_OK || l->told)
		return;
	l->told = true;
	deferred_cancel(&l->turn_end);
	history("wire %u: told that it is gone", l->wire->number);
	l->events->error(l->owner, l->fault);
}

/* -- the end -- */

/* close() with bytes that were not read is a reset. */
static enum wire_end
end_of(const struct link *l)
{
	return l->fault != LINK_OK || l->how == LINK_END_ABORT ||
	    buf_len(&l->wire->in) != 0 ? WIRE_RESET : WIRE_CLEAN;
}

/* The same as net/link_end does. */
static void
linger(struct link *l)
{
	struct linger_terms terms = { .most_ms = 30000, .silent_ms = 5000,
	    .over = l->gone, .owner = l->gone_owner };

	if (l->gone == NULL)
		terms.most_ms = terms.silent_ms = 2000;
	history("wire %u: lingers", l->wire->number);
	l->wire->lingers_ns = clock_now();
	linger_start(l->loop, socket_fd(l->wire), NULL, &terms);
}

static void
reap(void *owner)
{
	struct link *l = owner;

	l->wire->link = NULL;
	if (!l->severed && l->how == LINK_END_LINGER && l->fault == LINK_OK) {
		linger(l);
	} else {
		if (!l->severed)
			socket_closed(l->wire, end_of(l));
		if (l->gone != NULL)
			l->gone(l->gone_owner);
	}
	free(l);
}

void
link_sever(struct link *l)
{
	l->severed = true;
	errand_clear(&l->reading);
	errand_clear(&l->writing);
}

/* -- net/link.h -- */

static struct link *
make(struct loop *loop, struct wire *w, const struct link_events *events,
    void *owner)
{
	struct link *l = xcalloc(1, sizeof(*l));

	must(w != NULL && w->link == NULL, "a link of no connection");
	l->loop = loop;
	l->wire = w;
	l->events = events;
	l->owner = owner;
	w->link = l;
	w->open = w->served = true;
	w->let_in_ns = clock_now();
	fate_serves(w);
	deferred_init(&l->turn_end, LOOP_SOON, turn_ended, l);
	errand_init(&l->reading, on_reading, l);
	errand_init(&l->writing, on_writing, l);
	l->reading.base = l->writing.base = loop_base(loop);
	if (has_news(l))
		link_notice(l);
	return l;
}

bool
link_listens(const struct link *l)
{
	return is_reading(l);
}

SSL *
link_ssl(struct wire *w)
{
	return (SSL *)(void *)w;
}

struct link *
link_new(struct loop *loop, int fd, const struct link_events *events,
    void *owner)
{
	return make(loop, socket_wire(fd), events, owner);
}

struct link *
link_new_tls(struct loop *loop, SSL *ssl, int fd,
    const struct link_events *events, void *owner)
{
	struct wire *w = (struct wire *)(void *)ssl;

	must((w->upstream ? w->host != NULL : w->shaken) &&
	    fd == socket_fd(w), "a link of TLS without a handshake");
	return make(loop, w, events, owner);
}

void
link_want_input(struct link *l, bool on)
{
	if (l->want_input == on)
		return;
	l->want_input = on;
	if (is_reading(l) && has_news(l))
		link_notice(l);
}

void
link_wake(struct link *l)
{
	l->wake = true;
	if (can_write(l))
		deferred_queue(l->loop, &l->turn_end);
}

bool
link_is_quiet(struct link *l)
{
	return is_alive(l) && !l->eof && !has_news(l) && !l->wire->unnoticed;
}

bool
link_is_blocked(const struct link *l)
{
	return l->blocked;
}

void
link_close(struct link **p, enum link_end how)
{
	struct link *l = *p;

	*p = NULL;
	if (l == NULL)
		return;
	must(!l->closed, "a link is closed twice");
	if (is_alive(l)) {
		l->wire->said = l->wire->written;
		fate_closes(l->wire, how);
	}
	l->closed = true;
	l->how = l->wire->end = how;
	errand_clear(&l->reading);
	errand_clear(&l->writing);
	deferred_cancel(&l->turn_end);
	deferred_init(&l->turn_end, LOOP_LATE, reap, l);
	deferred_queue(l->loop, &l->turn_end);
}

/* Wires never corrupt bytes. */
bool
link_tls_failure(const struct link *l, char *why, size_t why_size)
{
	(void)why;
	(void)why_size;
	return l->fault == LINK_TLS;
}

void
link_on_gone(struct link *l, void (*gone)(void *owner), void *owner)
{
	l->gone = gone;
	l->gone_owner = owner;
}

int
link_fd(const struct link *l)
{
	return socket_fd(l->wire);
}

uint64_t
link_sent(const struct link *l)
{
	return l->wire->taken;
}

uint64_t
link_waiting(const struct link *l)
{
	return l->wire->upstream ? 0 : wire_readable(l->wire);
}

uint64_t
link_written(const struct link *l)
{
	return l->wire->taken;
}

uint64_t
link_arrived(const struct link *l)
{
	const struct wire *w = l->wire;

	return w->latent ? w->read : w->taken;
}
