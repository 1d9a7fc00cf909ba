/*
 * The sending half of HTTP/1.1; see h1_send.h.
 */
#include "http/h1_send.h"

#include <assert.h>

struct text
h1_output(struct codec *codec)
{
	struct h1 *c = (struct h1 *)codec;

	return c->broken ? TEXT("") : buf_text(&c->out);
}

void
h1_output_done(struct codec *codec, size_t n)
{
	struct h1 *c = (struct h1 *)codec;
	uint32_t secret = n < c->secret ? (uint32_t)n : c->secret;

	h1_sent_left(&c->sent, buf_text(&c->out).p, n);
	buf_consume_wipe(&c->out, secret);
	c->secret -= secret;
	c->head_unsent -= n < c->head_unsent ? (uint32_t)n : c->head_unsent;
	buf_consume(&c->out, n - secret);
}

static void
note_room(struct h1 *c)
{
	if (!h1_has_room(c))
		c->full = true;
}

static void
end_sending(struct h1 *c)
{
	c->send = SEND_DONE;
	if (c->role == CODEC_SERVER) {
		h1_note_end(c);
		h1_end_stream(c);
	}
}

/* The owner ends the body here. */
static void
end_body(struct h1 *c, const struct fields *trailers)
{
	size_t before;

	switch (c->body) {
	case H1_BODY_NONE:
	case H1_BODY_CLOSE:
		break;
	case H1_BODY_LENGTH:
		if (c->send_left != 0) {
			c->recv = RECV_CLOSED;
			h1_stop_sending(c);
			return;
		}
		break;
	case H1_BODY_CHUNKED:
		before = buf_len(&c->out);
		h1_write_chunks_end(&c->out, trailers);
		h1_note_frame(c, before);
		break;
	}
	end_sending(c);
}

/*
 * Returns how the response announces its end, and sets c->body to how its body,
 * if any, is sent.
 */
static enum h1_body
plan_response(struct h1 *c, const struct head *h)
{
	bool bodiless = c->head_only || h->status == 204 || h->status == 304;
	enum h1_body say = H1_BODY_NONE;

	switch (h->framing) {
	case BODY_NONE:
		/*
		 * Without a length the response would last until the link ends.
		 */
		say = bodiless ? H1_BODY_NONE : H1_BODY_LENGTH;
		break;
	case BODY_LENGTH:
		say = h->status != 204 ? H1_BODY_LENGTH : H1_BODY_NONE;
		break;
	case BODY_STREAM:
	case BODY_UNTIL_CLOSE:
		if (h->status == 204 || h->status == 304)
			say = H1_BODY_NONE;
		else
			say = c->version == 11 ? H1_BODY_CHUNKED :
			    H1_BODY_CLOSE;
		break;
	}
	c->body = bodiless ? H1_BODY_NONE : say;
	c->send_left = h->framing == BODY_LENGTH ? h->length : 0;
	return say;
}

static void
send_interim(struct h1 *c, const struct head *h)
{
	size_t before = buf_len(&c->out);

	if (c->version != 11)
		return;
	h1_write_response(&c->out, h, H1_BODY_NONE, H1_CONNECTION_NONE);
	h1_note_frame(c, before);
}

static void
send_response(struct h1 *c, const struct head *h, bool end)
{
	enum h1_connection connection = H1_CONNECTION_NONE;
	size_t before = buf_len(&c->out);
	enum h1_body say;

	if (c->send != SEND_HEAD)
		return;
	if (h->kind == HEAD_INTERIM) {
		send_interim(c, h);
		return;
	}
	say = plan_response(c, h);
	if (c->recv != RECV_DONE || c->body == H1_BODY_CLOSE || c->draining ||
	    (c->eof && buf_len(&c->in) == 0))
		c->persist = false;
	if (!c->persist)
		connection = H1_CONNECTION_CLOSE;
	else if (c->version == 10)
		connection = H1_CONNECTION_KEEP;
	h1_write_response(&c->out, h, say, connection);
	h1_note_frame(c, before);
	c->send = SEND_BODY;
	note_room(c);
	if (end)
		end_body(c, NULL);
}

static bool
has_sensitive(const struct fields *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].sensitive)
			return true;
	}
	return false;
}

static void
send_request(struct h1 *c, const struct head *h, bool end)
{
	size_t before = buf_len(&c->out);

	if (c->send != SEND_HEAD)
		return;
	switch (h->framing) {
	case BODY_NONE:
		c->body = H1_BODY_NONE;
		break;
	case BODY_LENGTH:
		c->body = H1_BODY_LENGTH;
		break;
	case BODY_STREAM:
	case BODY_UNTIL_CLOSE:
		c->body = H1_BODY_CHUNKED;
		break;
	}
	c->send_left = h->length;
	c->head_only = text_eq(h->method, TEXT("HEAD"));
	h1_write_request(&c->out, h, c->body, c->draining ?
	    H1_CONNECTION_CLOSE : H1_CONNECTION_NONE);
	h1_note_frame(c, before);
	assert(buf_len(&c->out) <= UINT32_MAX);
	c->head_unsent = (uint32_t)buf_len(&c->out);
	if (has_sensitive(&h->fields))
		c->secret = c->head_unsent;
	c->send = SEND_BODY;
	note_room(c);
	if (end)
		end_body(c, NULL);
}

/* Trailers are dropped in requests, and where the receiver cannot take them. */
static void
send_trailers(struct h1 *c, const struct head *h)
{
	if (c->send == SEND_BODY)
		end_body(c, c->role == CODEC_SERVER ? &h->fields : NULL);
}

void
h1_send_head(struct codec *codec, stream_id stream, const struct head *h,
    bool end)
{
	struct h1 *c = (struct h1 *)codec;

	if (!h1_is_current(c, stream))
		return;
	switch (h->kind) {
	case HEAD_REQUEST:
		assert(c->role == CODEC_CLIENT);
		send_request(c, h, end);
		break;
	case HEAD_RESPONSE:
	case HEAD_INTERIM:
		assert(c->role == CODEC_SERVER);
		send_response(c, h, end);
		break;
	case HEAD_TRAILERS:
		send_trailers(c, h);
		break;
	}
}

static void
put_plain(struct h1 *c, const uint8_t *p, size_t n)
{
	buf_append(&c->out, p, n);
	h1_sent_body(&c->sent, c->on, c->stream_owner, n);
}

static void
put_chunk(struct h1 *c, const uint8_t *p, size_t n)
{
	const size_t line_end = 2;
	size_t before = buf_len(&c->out), all;

	if (n == 0)
		return;
	h1_write_chunk(&c->out, p, n);
	all = buf_len(&c->out) - before;
	h1_sent_chunk(&c->sent, c->on, c->stream_owner, all - n - line_end, n);
}

static void
put_body(struct h1 *c, const uint8_t *p, size_t n)
{
	switch (c->body) {
	case H1_BODY_NONE:
		break;
	case H1_BODY_LENGTH:
		/*
		 * More bytes than announced would be read as the next message.
		 */
		if (n > c->send_left)
			n = (size_t)c->send_left;
		c->send_left -= n;
		put_plain(c, p, n);
		break;
	case H1_BODY_CHUNKED:
		put_chunk(c, p, n);
		break;
	case H1_BODY_CLOSE:
		put_plain(c, p, n);
		break;
	}
}

void
h1_send_body(struct codec *codec, stream_id stream, const uint8_t *p, size_t n,
    bool end)
{
	struct h1 *c = (struct h1 *)codec;

	if (!h1_is_current(c, stream) || c->send != SEND_BODY)
		return;
	put_body(c, p, n);
	note_room(c);
	if (end)
		end_body(c, NULL);
}

size_t
h1_room(const struct codec *codec, stream_id stream)
{
	const struct h1 *c = (const struct h1 *)codec;

	if (!h1_is_current(c, stream) || c->send != SEND_BODY ||
	    !h1_has_room(c))
		return 0;
	return c->shared->limits->room - buf_len(&c->out);
}
