/*
 * The receiving half of HTTP/1.1; see h1_receive.h.  It keeps the bytes that no
 * step can use yet; h1_step.c has the steps.
 */
#include "http/h1_receive.h"

#include <assert.h>

#include "http/h1_step.h"

static void
run(struct h1 *c, struct text *rest)
{
	while (h1_step(c, rest))
		;
	if (c->eof)
		h1_step_eof(c, rest);
	if (c->recv == RECV_CLOSED) {
		rest->p += rest->n;
		rest->n = 0;
	}
	c->fresh = rest->n != 0 && h1_step_waits_for_room(c);
}

/* More of the request may be sent, so its owner is told of all that leaves. */
static bool
sends_on(const struct h1 *c)
{
	return c->role == CODEC_CLIENT && c->open && c->send == SEND_BODY;
}

static void
tell_sent(struct h1 *c)
{
	struct h1_news news;

	while (c->sent.n != 0 &&
	    h1_sent_next(&c->sent, sends_on(c), &news)) {
		if (news.sent && news.on->sent != NULL)
			news.on->sent(news.owner, news.n);
		if (news.closed && news.on->closed != NULL)
			news.on->closed(news.owner);
	}
}

/* The stream was told that it is full, and has room again. */
static bool
has_room_again(const struct h1 *c)
{
	return c->open && c->send == SEND_BODY && h1_has_room(c);
}

void
h1_input(struct codec *codec, const uint8_t *p, size_t n)
{
	struct h1 *c = (struct h1 *)codec;
	struct text rest = { .p = n != 0 ? (const char *)p : "", .n = n };

	tell_sent(c);
	if (buf_len(&c->in) == 0) {
		run(c, &rest);
		buf_append(&c->in, rest.p, rest.n);
	} else {
		buf_append(&c->in, p, n);
		rest = buf_text(&c->in);
		run(c, &rest);
		buf_consume(&c->in, buf_len(&c->in) - rest.n);
	}
	tell_sent(c);
	if (c->full && has_room_again(c)) {
		c->full = false;
		if (c->on != NULL && c->on->room != NULL)
			c->on->room(c->stream_owner);
	}
}

void
h1_input_eof(struct codec *codec, bool clean)
{
	struct h1 *c = (struct h1 *)codec;

	if (c->eof)
		return;
	c->eof = true;
	c->eof_clean = clean;
	h1_input(codec, NULL, 0);
}

bool
h1_has_events(const struct codec *codec)
{
	const struct h1 *c = (const struct h1 *)codec;

	if ((c->full && has_room_again(c)) || (c->sent.n != 0 &&
	    h1_sent_has_news(&c->sent, sends_on(c))))
		return true;
	if (buf_len(&c->in) == 0)
		return false;
	switch (c->recv) {
	case RECV_HEAD:
		return c->fresh && !h1_step_waits_for_room(c);
	case RECV_LENGTH:
	case RECV_CHUNK_DATA:
	case RECV_UNTIL_CLOSE:
		return c->credit != 0;
	case RECV_CHUNK_LINE:
	case RECV_CHUNK_END:
	case RECV_TRAILERS:
	case RECV_DONE:
	case RECV_CLOSED:
		break;
	}
	return false;
}

bool
h1_wants_input(const struct codec *codec)
{
	const struct h1 *c = (const struct h1 *)codec;

	if (c->eof || c->broken)
		return false;
	switch (c->recv) {
	case RECV_HEAD:
		return !c->fresh || buf_len(&c->in) == 0;
	case RECV_LENGTH:
	case RECV_CHUNK_DATA:
	case RECV_UNTIL_CLOSE:
		return c->credit != 0;
	case RECV_CHUNK_LINE:
	case RECV_CHUNK_END:
	case RECV_TRAILERS:
		return true;
	case RECV_DONE:
		return buf_len(&c->in) == 0;
	case RECV_CLOSED:
		break;
	}
	return false;
}

size_t
h1_held(const struct codec *codec)
{
	return buf_len(&((const struct h1 *)codec)->in);
}

void
h1_credit(struct codec *codec, stream_id stream, size_t n)
{
	struct h1 *c = (struct h1 *)codec;

	if (h1_is_current(c, stream))
		c->credit += n < UINT64_MAX - c->credit ? n :
		    UINT64_MAX - c->credit;
}

stream_id
h1_refuse(struct codec *codec, struct head *read)
{
	struct h1 *c = (struct h1 *)codec;
	struct text rest = buf_text(&c->in);

	assert(c->role == CODEC_SERVER);
	if (c->recv != RECV_HEAD || rest.n == 0)
		return STREAM_NONE;
	h1_step_begin_refused(c, &rest, read);
	c->recv = RECV_CLOSED;
	c->persist = false;
	return c->stream;
}
