/*
 * The state of an HTTP/1.1 codec; see h1_state.h.
 */
#include "http/h1_state.h"

void
h1_wipe_output(struct h1 *c)
{
	buf_consume_wipe(&c->out, buf_len(&c->out));
	h1_sent_release(&c->sent);
	c->head_unsent = 0;
	c->secret = 0;
}

void
h1_note_frame(struct h1 *c, size_t before)
{
	h1_sent_frame(&c->sent, c->on, c->stream_owner,
	    buf_len(&c->out) - before);
}

void
h1_note_end(struct h1 *c)
{
	h1_sent_end(&c->sent, c->on, c->stream_owner);
}

void
h1_stop_sending(struct h1 *c)
{
	c->open = false;
	if (c->role == CODEC_CLIENT) {
		c->broken = true;
		h1_wipe_output(c);
		return;
	}
	if (c->send == SEND_BODY && c->body == H1_BODY_CLOSE)
		c->broken = true;
	h1_note_end(c);
}

void
h1_begin_stream(struct h1 *c)
{
	c->stream++;
	c->on = NULL;
	c->open = true;
	c->send = SEND_HEAD;
	c->credit = 0;
	c->interim = 0;
	c->full = false;
	c->head_only = false;
	c->version = 11;
	c->persist = true;
}

void
h1_end_stream(struct h1 *c)
{
	c->open = false;
	c->full = false;
	if (c->recv != RECV_DONE || !c->persist) {
		c->recv = RECV_CLOSED;
		return;
	}
	c->recv = RECV_HEAD;
	c->send = SEND_HEAD;
	c->crlf = false;
	c->fresh = true;
}
