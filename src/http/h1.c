/*
 * HTTP/1.1 as a codec, in both roles: the life of streams and of the codec.
 * Callers make one by h1_codec_new(); its work is done in its two halves.
 *
 * Input is parsed in place.  Only bytes that cannot be used yet are copied, and
 * the scan remembers how far it has looked, so that a message that comes byte
 * by byte is not read again from its start each time.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "http/codec.h"
#include "http/h1_receive.h"
#include "http/h1_send.h"
#include "http/h1_state.h"

static void
h1_own(struct codec *codec, stream_id stream, const struct stream_events *on,
    void *owner)
{
	struct h1 *c = (struct h1 *)codec;

	assert(stream == c->stream);
	c->on = on;
	c->stream_owner = owner;
}

static stream_id
h1_open(struct codec *codec, const struct stream_events *on, void *owner)
{
	struct h1 *c = (struct h1 *)codec;

	assert(c->role == CODEC_CLIENT);
	if (c->open || c->recv != RECV_HEAD || c->eof || c->draining)
		return STREAM_NONE;
	h1_begin_stream(c);
	h1_own(codec, c->stream, on, owner);
	return c->stream;
}

/* HTTP/1.1 has one way to say all reasons: the end of the link. */
static void
h1_reset(struct codec *codec, stream_id stream, enum codec_reason why)
{
	struct h1 *c = (struct h1 *)codec;

	(void)why;
	if (!h1_is_current(c, stream))
		return;
	if (c->role == CODEC_CLIENT && c->send == SEND_HEAD) {
		c->open = false;	/* the link never saw it */
		return;
	}
	c->recv = RECV_CLOSED;
	h1_stop_sending(c);
}

static void
h1_drain(struct codec *codec)
{
	((struct h1 *)codec)->draining = true;
}

static enum codec_state
h1_state(const struct codec *codec)
{
	const struct h1 *c = (const struct h1 *)codec;

	if (c->broken)
		return CODEC_BROKEN;
	if (c->open && (c->recv != RECV_CLOSED || c->send == SEND_BODY))
		return CODEC_BUSY;
	if (c->recv == RECV_CLOSED)
		return CODEC_DONE;
	/*
	 * A client keeps no bytes behind a response; those held within the
	 * event of its end are the response's own.
	 */
	if (c->role == CODEC_SERVER && buf_len(&c->in) != 0)
		return CODEC_BUSY;
	if (c->eof || (c->draining && c->role == CODEC_CLIENT))
		return CODEC_DONE;
	return CODEC_IDLE;
}

static void
h1_free(struct codec *codec)
{
	struct h1 *c = (struct h1 *)codec;

	h1_wipe_output(c);
	h1_sent_release(&c->sent);
	buf_release(&c->in);
	free(c->complaint);
	free(c);
}

static const char *
h1_complaint(const struct codec *codec)
{
	return ((const struct h1 *)codec)->complaint;
}

static const struct codec_ops h1_ops = {
	.free = h1_free,
	.input = h1_input,
	.input_eof = h1_input_eof,
	.has_events = h1_has_events,
	.wants_input = h1_wants_input,
	.output = h1_output,
	.output_done = h1_output_done,
	.complaint = h1_complaint,
	.refuse = h1_refuse,
	.own = h1_own,
	.open = h1_open,
	.send_head = h1_send_head,
	.send_body = h1_send_body,
	.room = h1_room,
	.credit = h1_credit,
	.reset = h1_reset,
	.drain = h1_drain,
	.state = h1_state,
	.held = h1_held,
};

struct codec *
h1_codec_new(enum codec_role role, const struct codec_shared *shared,
    const struct codec_events *events, void *owner)
{
	struct h1 *c = xcalloc(1, sizeof(*c));

	*c = (struct h1){
		.codec = { .ops = &h1_ops }, .shared = shared,
		.events = events, .owner = owner, .role = role
	};
	buf_init(&c->in, shared->blocks);
	buf_init(&c->out, shared->blocks);
	return &c->codec;
}

void
h1_answer_unread(struct buf *out, const struct head *head,
    const uint8_t *body, size_t n)
{
	h1_write_response(out, head, H1_BODY_LENGTH, H1_CONNECTION_CLOSE);
	buf_append(out, body, n);
}
