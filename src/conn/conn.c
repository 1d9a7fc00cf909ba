/*
 * A link and its codec; see conn.h.
 */
#include "conn/conn.h"

static void
settle(void *owner)
{
	struct conn *conn = owner;

	conn->events->settle(conn->owner);
}

static void
reap(void *owner)
{
	struct conn *conn = owner;

	timer_end(&conn->timer);
	codec_free(conn->codec);
	conn->events->freed(conn->owner);
}

static void
link_input(void *owner, const uint8_t *bytes, size_t n)
{
	struct conn *conn = owner;

	if (conn->events->input != NULL)
		conn->events->input(conn->owner);
	if (!conn->closed)
		codec_input(conn->codec, bytes, n);
	if (!conn->closed)
		conn->events->settle(conn->owner);
}

static void
link_eof(void *owner, bool clean)
{
	struct conn *conn = owner;

	conn->ended = true;
	codec_input_eof(conn->codec, clean);
	if (!conn->closed)
		conn->events->settle(conn->owner);
}

static void
link_failed(void *owner, enum link_error why)
{
	struct conn *conn = owner;

	(void)why;
	conn->ended = true;
	conn->events->failed(conn->owner);
}

static struct text
link_output(void *owner)
{
	struct conn *conn = owner;

	return codec_output(conn->codec);
}

static void
link_output_done(void *owner, size_t n)
{
	struct conn *conn = owner;
	bool was_blocked = conn->blocked;

	codec_output_done(conn->codec, n);
	conn->blocked = link_is_blocked(conn->link);
	/* That the link is blocked now, or no more, is news, too. */
	if (conn->blocked || was_blocked || codec_has_events(conn->codec))
		conn->events->settle(conn->owner);
}

const struct link_events conn_link_events = {
	.input = link_input,
	.eof = link_eof,
	.error = link_failed,
	.output = link_output,
	.output_done = link_output_done,
};

void
conn_init(struct conn *conn, struct loop *loop, struct codec *codec,
    struct link *link, const struct conn_events *events, void *owner)
{
	*conn = (struct conn){
		.loop = loop,
		.link = link,
		.codec = codec,
		.events = events,
		.owner = owner,
	};
	timer_init(&conn->timer, loop, events->late, owner);
	deferred_init(&conn->settle, LOOP_SOON, settle, conn);
	deferred_init(&conn->reap, LOOP_LATE, reap, conn);
	link_want_input(link, true);
}

void
conn_close(struct conn *conn, enum link_end how)
{
	conn->closed = true;
	deferred_cancel(&conn->settle);
	timer_clear(&conn->timer);
	link_close(&conn->link, how);
	deferred_queue(conn->loop, &conn->reap);
}

void
conn_wake(struct conn *conn)
{
	if (!conn->closed)
		deferred_queue(conn->loop, &conn->settle);
}

void
conn_go_on(struct conn *conn, bool wants_input)
{
	link_want_input(conn->link, wants_input);
	if (codec_output(conn->codec).n != 0)
		link_wake(conn->link);
}
