/*
 * Byte pipes in the loop; see link.h.  It knows when to read and write and
 * which owner to tell, not what the bytes mean, nor how they pass the socket,
 * which is in pipe.c.  Called by owners of codecs.
 *
 * The descriptor is watched in one of two ways.  Level-triggered, to read:
 * registered once, one read per event.  Edge-triggered, when input came that is
 * not to be read (the owner does not want it, or the end was seen): only to
 * notice that the connection is gone.  The change is made when such input
 * comes, not when the owner stops reading, since it is rare.
 */
#include "net/link.h"

#include <assert.h>
#include <stdlib.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/alloc.h"
#include "net/link_end.h"
#include "net/pipe.h"

/* Reads after a failed write: an answer may have come before it. */
#define LAST_READS	64

struct link {
	struct loop *loop;
	const struct link_events *events;
	void *owner;
	struct pipe pipe;
	struct event readable;
	struct event *writable;		/* not NULL: blocked */
	struct deferred turn_end;
	uint64_t sent;
	enum link_error fault;		/* to be reported, or reported */
	enum link_error write_fault;
	enum link_end end;
	void (*gone)(void *owner);	/* or NULL */
	void *gone_owner;
	bool alive;			/* not closed, and no fault */
	bool want_input;
	bool edge;			/* how the descriptor is watched */
	bool eof;			/* reported; there is no more input */
	bool wake;			/* output() is to be called */
	bool drain;			/* the pipe may hold input */
	bool told;			/* error() was called */
	bool closed;
};

static void	link_on_readable(evutil_socket_t, short, void *);
static void	link_on_writable(evutil_socket_t, short, void *);

static bool
is_reading(const struct link *l)
{
	return l->alive && l->want_input && !l->eof;
}

static enum link_error
error_of(enum pipe_state state)
{
	switch (state) {
	case PIPE_MORE:
	case PIPE_WAIT:
	case PIPE_ENDED:
	case PIPE_CUT:
		break;
	case PIPE_RESET:
		return LINK_RESET;
	case PIPE_BROKEN:
		return LINK_SYSTEM;
	case PIPE_GARBLED:
		return LINK_TLS;
	}
	return LINK_OK;
}

static void
arm(struct link *l, struct event *e, short what, event_callback_fn fn)
{
	event_assign(e, loop_base(l->loop), l->pipe.fd,
	    (short)(what | EV_PERSIST | (l->edge ? EV_ET : 0)), fn, l);
	event_add(e, NULL);
}

/* libevent wants both events of a descriptor to be of one kind. */
static void
watch(struct link *l, bool edge)
{
	if (l->edge == edge)
		return;
	l->edge = edge;
	event_del(&l->readable);
	if (l->writable != NULL)
		event_del(l->writable);
	arm(l, &l->readable, EV_READ, link_on_readable);
	if (l->writable != NULL)
		arm(l, l->writable, EV_WRITE, link_on_writable);
}

static void
block(struct link *l)
{
	if (l->writable != NULL)
		return;
	l->writable = xmalloc(sizeof(*l->writable));
	arm(l, l->writable, EV_WRITE, link_on_writable);
}

static void
unblock(struct link *l)
{
	if (l->writable == NULL)
		return;
	event_del(l->writable);
	free(l->writable);
	l->writable = NULL;
}

static void
unwatch(struct link *l)
{
	event_del(&l->readable);
	unblock(l);
}

/* The link is dead; the owner is told at the end of the turn. */
static void
fail(struct link *l, enum link_error e)
{
	if (l->fault != LINK_OK)
		return;
	l->fault = e;
	l->alive = false;
	unwatch(l);
	deferred_queue(l->loop, &l->turn_end);
}

static void
tell_eof(struct link *l, bool clean)
{
	l->eof = true;
	l->events->eof(l->owner, clean);
}

/* The pipe has no more to read for now, or at all. */
static void
reading_stopped(struct link *l, enum pipe_state state)
{
	switch (state) {
	case PIPE_MORE:
	case PIPE_WAIT:
		return;
	case PIPE_ENDED:
	case PIPE_CUT:
		if (is_reading(l))
			tell_eof(l, state == PIPE_ENDED);
		return;
	case PIPE_RESET:
	case PIPE_BROKEN:
	case PIPE_GARBLED:
		fail(l, error_of(state));
		return;
	}
}

/* At most that many reads, with all records they complete; true: bytes came. */
static bool
read_some(struct link *l, int reads)
{
	uint8_t *p = loop_scratch(l->loop);
	enum pipe_state state;
	bool any = false;
	size_t n;

	pipe_allow_reads(&l->pipe, reads);
	do {
		state = pipe_read(&l->pipe, p, LOOP_SCRATCH, &n);
		if (n != 0) {
			any = true;
			l->events->input(l->owner, p, n);
		}
		if (!l->alive)
			return false;
	} while (state == PIPE_MORE && l->want_input);
	reading_stopped(l, state);
	if (!l->alive)
		return any;
	if (pipe_pending(&l->pipe) != 0)
		block(l);
	return any;
}

static void
link_on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct link *l = arg;

	(void)fd;
	(void)what;
	if (l->closed)
		return;
	if (is_reading(l)) {
		read_some(l, 1);
		return;
	}
	watch(l, true);
	if (pipe_is_gone(&l->pipe))
		fail(l, LINK_RESET);
}

static void
link_on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct link *l = arg;
	enum pipe_state state = pipe_flush(&l->pipe);

	(void)fd;
	(void)what;
	if (state == PIPE_WAIT)
		return;
	unblock(l);
	if (state != PIPE_MORE)
		l->write_fault = error_of(state);
	deferred_queue(l->loop, &l->turn_end);
}

static bool
can_write(const struct link *l)
{
	return l->alive && l->writable == NULL &&
	    l->write_fault == LINK_OK;
}

/* Writes some of t, nothing if the link is blocked or has failed. */
static void
write_some(struct link *l, struct text t)
{
	size_t n;
	enum pipe_state state = pipe_write(&l->pipe, t, &n);

	if (state == PIPE_WAIT)
		block(l);
	l->write_fault = error_of(state);
	l->sent += n;
	if (n != 0 || l->writable != NULL)
		l->events->output_done(l->owner, n);
}

/* Writes all output of a link that is not blocked. */
static void
flush(struct link *l)
{
	do {
		struct text t = l->events->output(l->owner);

		if (t.n == 0) {
			l->wake = false;
			return;
		}
		assert(!l->closed);
		write_some(l, t);
	} while (can_write(l));
	if (l->alive && l->write_fault != LINK_OK)
		deferred_queue(l->loop, &l->turn_end);
}

/*
 * Nothing can be sent any more, but an answer may have come before the
 * connection broke: an upstream that refuses a body answers and closes.
 */
static void
read_last(struct link *l)
{
	for (unsigned i = 0; i < LAST_READS && is_reading(l); i++)
		if (!read_some(l, 1))
			break;
	if (l->alive)
		fail(l, l->write_fault);
}

static void
turn_ended(void *arg)
{
	struct link *l = arg;

	if (l->drain && is_reading(l)) {
		l->drain = false;
		read_some(l, 0);
	}
	if (l->alive && l->write_fault != LINK_OK)
		read_last(l);
	if (l->wake && can_write(l))
		flush(l);
	if (l->closed || l->fault == LINK_OK || l->told)
		return;
	l->told = true;
	deferred_cancel(&l->turn_end);
	l->events->error(l->owner, l->fault);
}

struct link *
link_new(struct loop *loop, int fd, const struct link_events *events,
    void *owner)
{
	return link_new_tls(loop, NULL, fd, events, owner);
}

struct link *
link_new_tls(struct loop *loop, SSL *ssl, int fd,
    const struct link_events *events, void *owner)
{
	struct link *l = xcalloc(1, sizeof(*l));

	l->loop = loop;
	l->events = events;
	l->owner = owner;
	l->alive = true;
	pipe_init(&l->pipe, fd, ssl);
	deferred_init(&l->turn_end, LOOP_SOON, turn_ended, l);
	arm(l, &l->readable, EV_READ, link_on_readable);
	if (pipe_pending(&l->pipe) != 0)
		block(l);
	return l;
}

/* Bytes that were read ahead do not make the descriptor readable. */
static void
drain_later(struct link *l)
{
	if (!is_reading(l) || !pipe_holds_input(&l->pipe))
		return;
	l->drain = true;
	deferred_queue(l->loop, &l->turn_end);
}

bool
link_is_quiet(struct link *l)
{
	enum pipe_state state;

	if (!l->alive || l->eof)
		return false;
	state = pipe_look(&l->pipe);
	if (state == PIPE_GARBLED) {
		fail(l, LINK_TLS);
		return false;
	}
	if (pipe_pending(&l->pipe) != 0)
		block(l);
	drain_later(l);
	return state == PIPE_WAIT;
}

void
link_want_input(struct link *l, bool on)
{
	if (l->want_input == on)
		return;
	l->want_input = on;
	if (!is_reading(l))
		return;
	watch(l, false);
	drain_later(l);
}

void
link_wake(struct link *l)
{
	l->wake = true;
	if (can_write(l))
		deferred_queue(l->loop, &l->turn_end);
}

bool
link_is_blocked(const struct link *l)
{
	return l->writable != NULL;
}

static void
reap(void *arg)
{
	struct link *l = arg;

	link_end_socket(&(struct link_ending){
		.loop = l->loop,
		.pipe = &l->pipe,
		.in_order = l->end != LINK_END_ABORT,
		.lingers = l->end == LINK_END_LINGER,
		.failed = l->fault != LINK_OK,
		.cannot_write = l->write_fault != LINK_OK,
		.gone = l->gone,
		.owner = l->gone_owner,
	});
	pipe_release(&l->pipe);
	event_del(&l->readable);
	free(l);
}

/*
 * A socket that lingers is watched on: its event stays until there is the one
 * for the rest of the input, which saves taking it out of the loop between
 * them.  libevent wants both to be of one kind.
 */
static bool
is_watched_on(const struct link *l, enum link_end end)
{
	return end == LINK_END_LINGER && l->fault == LINK_OK && !l->edge;
}

void
link_close(struct link **p, enum link_end end)
{
	struct link *l = *p;

	*p = NULL;
	if (l == NULL)
		return;
	if (is_watched_on(l, end))
		unblock(l);
	else
		unwatch(l);
	l->closed = true;
	l->alive = false;
	l->end = end;
	deferred_cancel(&l->turn_end);
	deferred_init(&l->turn_end, LOOP_LATE, reap, l);
	deferred_queue(l->loop, &l->turn_end);
}

bool
link_tls_failure(const struct link *l, char *why, size_t why_size)
{
	if (l->fault != LINK_TLS)
		return false;
	pipe_complaint(&l->pipe, why, why_size);
	return true;
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
	return l->pipe.fd;
}

uint64_t
link_sent(const struct link *l)
{
	return l->sent;
}

uint64_t
link_waiting(const struct link *l)
{
	return pipe_unsent(&l->pipe);
}

uint64_t
link_written(const struct link *l)
{
	return pipe_written(&l->pipe);
}

uint64_t
link_arrived(const struct link *l)
{
	return pipe_arrived(&l->pipe);
}
