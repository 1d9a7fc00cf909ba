/*
 * A connection to an upstream; see connection.h.
 *
 * It is idle, and watched: bytes or an end on it make it useless.  Or it is in
 * use, and its user deals with all that happens.
 */
#include "upstream/connection.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "conn/conn.h"

struct connection {
	struct connection_place place;
	const struct connection_owner *owner;
	struct conn conn;
	bool lent;				/* it has a user */
	int64_t left_ns;			/* loop_boot(): became idle */
	int64_t taken_ns;			/* got its user, the same */
	int64_t old_ns;				/* will be too old, the same */
	int64_t stale_ns;			/* the same, or idle too long */
	int64_t kept_ms;			/* as the upstream announced */
	uint64_t before;			/* bytes for earlier users */
	bool used;				/* carried an exchange before */
	bool heard;				/* input came for this user */
	bool early;				/* too early for an answer */
	bool spoilt;				/* no user after this one */
	bool over;				/* the upstream ended it */
};

static bool
is_old(const struct connection *c)
{
	return loop_boot(c->owner->loop) >= c->old_ns;
}

static void
useless(struct connection *c, const char *why)
{
	c->owner->useless(c->owner->owner, c, why);
}

/* -- the conn's events -- */

static void
connection_on_input(void *owner)
{
	struct connection *c = owner;

	if (!c->lent) {
		c->over = true;
		useless(c, "bytes on an idle connection");
	} else if (!c->heard) {
		c->heard = true;
		c->early = link_arrived(c->conn.link) <= c->before;
	}
}

/* The user may give the connection back or close it from within an event. */
static void
connection_on_settle(void *owner)
{
	struct connection *c = owner;
	struct conn *conn = &c->conn;

	while (!conn->closed && codec_has_events(conn->codec))
		codec_input(conn->codec, NULL, 0);
	if (conn->closed)
		return;
	if (!c->lent && conn->ended)
		useless(c, "the upstream closed it");
	else
		conn_go_on(conn, !c->lent ||
		    codec_wants_input(conn->codec));
}

static void
connection_on_failed(void *owner)
{
	struct connection *c = owner;

	if (c->lent)
		codec_input_eof(c->conn.codec, false);
	/*
	 * A user without credit for all bytes that came is told of the end
	 * after them.
	 */
	if (!c->conn.closed && !c->lent)
		useless(c, "the link failed");
}

static void
connection_on_late(void *owner)
{
	struct connection *c = owner;

	useless(c, is_old(c) ? "too old" : "idle for long");
}

static const struct conn_events conn_events = {
	.input = connection_on_input,
	.settle = connection_on_settle,
	.failed = connection_on_failed,
	.late = connection_on_late,
	.freed = free,
};

/*
 * How long the upstream announces to keep the connection; less a second, or
 * half of it, as a request must still get there.
 */
static int64_t
kept_ms(const struct head *head)
{
	uint64_t seconds;

	if (!head_keeps_alive(head, &seconds))
		return INT64_MAX;
	return seconds > 2 ? (int64_t)(seconds - 1) * 1000 :
	    (int64_t)seconds * 500;
}

/* -- for the pool -- */

#define TURNS	16

int64_t
connection_age_of(int64_t most, unsigned n_made)
{
	return most - most / 10 * (n_made % TURNS) / TURNS;
}

struct connection *
connection_new(const struct connection_owner *owner, SSL *ssl, int fd,
    int64_t max_age)
{
	struct connection *c = xcalloc(1, sizeof(*c));
	struct conn *conn = &c->conn;

	c->owner = owner;
	c->place.connection = c;
	c->old_ns = loop_boot(owner->loop) + max_age * NS_PER_MS;
	c->kept_ms = INT64_MAX;
	conn_init(conn, owner->loop,
	    h1_codec_new(CODEC_CLIENT, owner->codec, NULL, NULL),
	    link_new_tls(owner->loop, ssl, fd, &conn_link_events, conn),
	    &conn_events, c);
	return c;
}

void *
connection_owner(const struct connection *c)
{
	return c->owner->owner;
}

struct connection_place *
connection_place(struct connection *c)
{
	return &c->place;
}

void
connection_occupy(struct connection *c)
{
	assert(!c->lent && !c->conn.closed);
	c->lent = true;
	c->heard = false;
	c->before = link_written(c->conn.link);
	c->taken_ns = loop_boot(c->owner->loop);
	timer_clear(&c->conn.timer);
}

void
connection_leave(struct connection *c, int64_t ms)
{
	int64_t now = loop_boot(c->owner->loop);
	int64_t left = (ms < c->kept_ms ? ms : c->kept_ms) * NS_PER_MS;

	if (c->lent)
		c->used = true;
	c->lent = false;
	if (left > c->old_ns - now)
		left = is_old(c) ? 0 : c->old_ns - now;
	c->left_ns = now;
	c->stale_ns = now + left;
	timer_set(&c->conn.timer, (left + NS_PER_MS - 1) / NS_PER_MS);
	link_want_input(c->conn.link, true);
}

bool
connection_is_stale(const struct connection *c)
{
	return loop_boot(c->owner->loop) >= c->stale_ns;
}

bool
connection_is_idle(const struct connection *c)
{
	return !c->lent;
}

bool
connection_is_quiet(struct connection *c)
{
	if (link_is_quiet(c->conn.link))
		return true;
	c->over = true;
	return false;
}

int64_t
connection_unused_ns(const struct connection *c)
{
	return (c->lent ? c->taken_ns : loop_boot(c->owner->loop)) -
	    c->left_ns;
}

bool
connection_was_dropped(const struct connection *c)
{
	return c->used && (c->over || c->conn.ended) &&
	    (!c->lent || !c->heard);
}

bool
connection_is_reusable(const struct connection *c)
{
	return codec_state(c->conn.codec) == CODEC_IDLE &&
	    !c->spoilt && !is_old(c) && !c->conn.ended &&
	    codec_output(c->conn.codec).n == 0;
}

/*
 * Cleanly, where both messages were complete.  If the upstream announced that
 * it closes, its end may be under way, which must not meet a closed socket.
 */
static enum link_end
end_of(const struct conn *conn)
{
	if (codec_output(conn->codec).n != 0)
		return LINK_END_ABORT;
	switch (codec_state(conn->codec)) {
	case CODEC_IDLE:
		return LINK_END_NOW;
	case CODEC_DONE:
		return conn->ended ? LINK_END_NOW : LINK_END_LINGER;
	case CODEC_BUSY:
	case CODEC_BROKEN:
		break;
	}
	return LINK_END_ABORT;
}

void
connection_close(struct connection *c)
{
	c->lent = false;
	conn_close(&c->conn, end_of(&c->conn));
}

bool
connection_is_closed(const struct connection *c)
{
	return c->conn.closed;
}

/* -- for the user -- */

struct codec *
connection_codec(struct connection *c)
{
	return c->conn.codec;
}

bool
connection_was_used(const struct connection *c)
{
	return c->used;
}

bool
connection_has_heard(const struct connection *c)
{
	return c->heard;
}

bool
connection_tls_failure(const struct connection *c, char *why,
    size_t why_size)
{
	return link_tls_failure(c->conn.link, why, why_size);
}

bool
connection_heard_early(const struct connection *c)
{
	return c->heard && c->early;
}

bool
connection_has_arrived(const struct connection *c)
{
	const struct conn *conn = &c->conn;

	return codec_output(conn->codec).n == 0 &&
	    link_arrived(conn->link) == link_written(conn->link);
}

void
connection_spoil(struct connection *c)
{
	c->spoilt = true;
}

void
connection_note_response(struct connection *c, const struct head *head)
{
	c->kept_ms = kept_ms(head);
}

void
connection_wake(struct connection *c)
{
	conn_wake(&c->conn);
}
