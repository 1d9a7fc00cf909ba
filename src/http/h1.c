/*
 * HTTP/1.1 as a codec, in both roles.
 *
 * Two halves: what is received (enum recv) and what is sent (enum send), each
 * of one message.  As server a stream begins with a request head and is over
 * when the response was sent; as client it begins with codec_open() and is
 * over when the response was received.  The link goes on to the next stream
 * only if both halves reached their end and nobody said otherwise.
 *
 * Input is parsed where it lies.  Only what cannot be used yet is copied to
 * in, and the scan remembers how far it was looked at.
 */
#include "http/codec.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "http/codec_ops.h"
#include "http/h1_frame.h"
#include "http/h1_parse.h"
#include "http/h1_write.h"

/* What is expected next from the link. */
enum recv {
	RECV_HEAD,
	RECV_LENGTH,		/* left bytes of body */
	RECV_CHUNK_LINE,
	RECV_CHUNK_DATA,	/* left bytes of the chunk */
	RECV_CHUNK_END,		/* the CRLF behind them */
	RECV_TRAILERS,
	RECV_UNTIL_CLOSE,
	RECV_DONE,		/* server: the response is still to come */
	RECV_CLOSED,		/* nothing any more */
};

enum send {
	SEND_HEAD,
	SEND_BODY,
	SEND_DONE,
};

struct h1 {
	struct codec codec;
	const struct codec_shared *shared;
	const struct codec_events *events;
	void *owner;
	struct buf in;		/* not usable yet */
	struct buf out;
	size_t secret;		/* client: bytes of out to overwrite */
	struct h1_scan scan;
	uint64_t left;		/* see enum recv */
	uint64_t send_left;	/* of H1_BODY_LENGTH */
	uint64_t credit;
	stream_id stream;	/* the one that is open, or the last */
	unsigned interim;	/* received for this stream */
	enum codec_role role;
	enum recv recv;
	enum send send;
	enum h1_body body;	/* how the end of what is sent is told */
	uint8_t version;	/* of the request received */
	bool open;		/* the stream may be sent on */
	bool head_only;		/* the request is HEAD */
	bool persist;		/* another stream may follow */
	bool crlf;		/* one empty line was skipped */
	bool fresh;		/* in was not looked at since recv changed */
	bool full;		/* the room event is owed */
	bool eof, eof_clean;
	bool draining;
	bool broken;
};

static struct h1 *
h1_of(struct codec *c)
{
	return (struct h1 *)c;
}

static const struct h1 *
h1_of_const(const struct codec *c)
{
	return (const struct h1 *)c;
}

static bool
is_current(const struct h1 *c, stream_id stream)
{
	return c->open && stream == c->stream;
}

static void
wipe_output(struct h1 *c)
{
	buf_consume_wipe(&c->out, buf_len(&c->out));
	c->secret = 0;
}

/* What was being sent ends here, and must not look complete. */
static void
stop_sending(struct h1 *c)
{
	if (c->role == CODEC_CLIENT) {
		c->broken = true;
		wipe_output(c);
	} else if (c->send == SEND_BODY && c->body == H1_BODY_CLOSE) {
		c->broken = true;
	}
	c->open = false;
}

/* Server: both halves are done, or never will be. */
static void
end_stream(struct h1 *c)
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

/*
 * Receiving.  A step takes bytes off *rest and returns whether another may
 * follow at once; what it reads is valid until codec_input() returns.
 */

static enum codec_error
error_of(enum h1_result r)
{
	switch (r) {
	case H1_OK:
	case H1_MORE:
		break;
	case H1_BAD:
		return CODEC_BAD_MESSAGE;
	case H1_TOO_LARGE:
		return CODEC_HEAD_TOO_LARGE;
	case H1_TARGET_TOO_LONG:
		return CODEC_TARGET_TOO_LONG;
	}
	return CODEC_OK;
}

/*
 * The stream cannot go on.  A server that has not answered yet may still do
 * so.
 */
static bool
fail(struct h1 *c, enum codec_error error)
{
	c->recv = RECV_CLOSED;
	c->persist = false;
	if (c->role == CODEC_CLIENT || c->send != SEND_HEAD)
		stop_sending(c);
	c->events->reset(c->owner, c->stream, error);
	return false;
}

static void
take(struct text *rest, size_t n)
{
	rest->p += n;
	rest->n -= n;
}

static void
expect(struct h1 *c, enum recv next)
{
	c->recv = next;
	c->scan = (struct h1_scan){ .seen = 0 };
}

/* Client: nothing of the response is missing any more. */
static void
end_response(struct h1 *c, const struct text *rest)
{
	c->open = false;
	c->full = false;
	if (c->send != SEND_DONE || rest->n != 0 || c->eof || c->draining)
		c->persist = false;
	expect(c, c->persist ? RECV_HEAD : RECV_CLOSED);
}

/* Before the event that says so. */
static void
end_receiving(struct h1 *c, const struct text *rest)
{
	if (c->role == CODEC_CLIENT)
		end_response(c, rest);
	else
		expect(c, RECV_DONE);
}

/* Before the event of the head.  Returns whether the message ends here. */
static bool
expect_body(struct h1 *c, const struct head *h, const struct text *rest)
{
	if (h1_has_body(h, c->head_only)) {
		switch (h->framing) {
		case BODY_NONE:
			break;
		case BODY_LENGTH:
			if (h->length == 0)
				break;
			c->left = h->length;
			expect(c, RECV_LENGTH);
			return false;
		case BODY_STREAM:
			expect(c, RECV_CHUNK_LINE);
			return false;
		case BODY_UNTIL_CLOSE:
			c->persist = false;
			expect(c, RECV_UNTIL_CLOSE);
			return false;
		}
	}
	end_receiving(c, rest);
	return true;
}

static void
begin_stream(struct h1 *c)
{
	c->stream++;
	c->open = true;
	c->send = SEND_HEAD;
	c->credit = 0;
	c->interim = 0;
	c->full = false;
	c->head_only = false;
	c->version = 11;
	c->persist = true;
}

/* One empty line before a request is tolerated (RFC 9112 section 2.2). */
static void
skip_empty_line(struct h1 *c, struct text *rest)
{
	if (!c->crlf && rest->n >= 2 && rest->p[0] == '\r' &&
	    rest->p[1] == '\n') {
		c->crlf = true;
		take(rest, 2);
		c->scan = (struct h1_scan){ .seen = 0 };
	}
}

static bool
step_request(struct h1 *c, struct text *rest)
{
	struct head h = { .kind = HEAD_REQUEST };
	size_t len = 0;
	enum h1_result r;
	bool end;

	skip_empty_line(c, rest);
	if (rest->n == 0)
		return false;
	r = h1_find_end(H1_REQUEST, rest->p, rest->n, c->shared->limits,
	    &c->scan, &len);
	if (r == H1_MORE)
		return false;
	if (r == H1_OK)
		r = h1_parse_request(rest->p, len, c->shared->limits,
		    c->shared->scratch, &h);
	if (r == H1_OK && !h1_frame_request(&h))
		r = H1_BAD;
	begin_stream(c);
	if (r != H1_OK)
		return fail(c, error_of(r));
	c->head_only = text_eq(h.method, TEXT("HEAD"));
	c->version = h.version;
	c->persist = h1_is_persistent(&h);
	take(rest, len);
	end = expect_body(c, &h, rest);
	c->events->head(c->owner, c->stream, &h, end);
	return true;
}

static bool
step_interim(struct h1 *c, const struct head *h)
{
	if (c->interim++ == c->shared->limits->interim)
		return fail(c, CODEC_TOO_MANY_INTERIM);
	expect(c, RECV_HEAD);
	c->events->head(c->owner, c->stream, h, false);
	return true;
}

static bool
step_response(struct h1 *c, struct text *rest)
{
	struct head h = { .kind = HEAD_RESPONSE };
	size_t len = 0;
	enum h1_result r;
	bool end;

	if (rest->n == 0)
		return false;
	if (!c->open) {
		c->recv = RECV_CLOSED;
		return false;
	}
	if (c->send == SEND_HEAD)
		return fail(c, CODEC_UNEXPECTED);
	r = h1_find_end(H1_RESPONSE, rest->p, rest->n, c->shared->limits,
	    &c->scan, &len);
	if (r == H1_MORE)
		return false;
	if (r == H1_OK)
		r = h1_parse_response(rest->p, len, c->shared->limits,
		    c->shared->scratch, &h);
	if (r == H1_OK && !h1_frame_response(&h, c->head_only))
		r = H1_BAD;
	if (r != H1_OK)
		return fail(c, error_of(r));
	take(rest, len);
	if (h.kind == HEAD_INTERIM)
		return step_interim(c, &h);
	c->persist = h1_is_persistent(&h);
	end = expect_body(c, &h, rest);
	c->events->head(c->owner, c->stream, &h, end);
	return true;
}

/* As many body bytes as are there, wanted and covered by credit. */
static size_t
usable(const struct h1 *c, const struct text *rest, uint64_t left)
{
	size_t n = rest->n;

	if (n > left)
		n = (size_t)left;
	if (n > c->credit)
		n = (size_t)c->credit;
	return n;
}

static bool
step_data(struct h1 *c, struct text *rest)
{
	const uint8_t *p = (const uint8_t *)rest->p;
	bool counted = c->recv != RECV_UNTIL_CLOSE, end = false;
	size_t n = usable(c, rest, counted ? c->left : UINT64_MAX);

	if (n == 0)
		return false;
	take(rest, n);
	c->credit -= n;
	if (counted)
		c->left -= n;
	if (counted && c->left == 0) {
		end = c->recv == RECV_LENGTH;
		if (end)
			end_receiving(c, rest);
		else
			expect(c, RECV_CHUNK_END);
	}
	c->events->body(c->owner, c->stream, p, n, end);
	return true;
}

static bool
step_chunk_line(struct h1 *c, struct text *rest)
{
	size_t len = 0;
	enum h1_result r;

	r = h1_parse_chunk(rest->p, rest->n, &c->left, &len);
	if (r == H1_MORE)
		return false;
	if (r != H1_OK)
		return fail(c, error_of(r));
	take(rest, len);
	expect(c, c->left != 0 ? RECV_CHUNK_DATA : RECV_TRAILERS);
	return true;
}

static bool
step_chunk_end(struct h1 *c, struct text *rest)
{
	if (rest->n >= 1 && rest->p[0] != '\r')
		return fail(c, CODEC_BAD_MESSAGE);
	if (rest->n < 2)
		return false;
	if (rest->p[1] != '\n')
		return fail(c, CODEC_BAD_MESSAGE);
	take(rest, 2);
	expect(c, RECV_CHUNK_LINE);
	return true;
}

static bool
step_trailers(struct h1 *c, struct text *rest)
{
	const enum h1_section of = c->role == CODEC_SERVER ? H1_REQUEST :
	    H1_RESPONSE;
	struct head h;
	size_t len = 0;
	enum h1_result r;

	if (rest->n == 0)
		return false;
	r = h1_find_end(H1_TRAILERS, rest->p, rest->n, c->shared->limits,
	    &c->scan, &len);
	if (r == H1_MORE)
		return false;
	if (r == H1_OK)
		r = h1_parse_trailers(of, rest->p, len, c->shared->limits,
		    c->shared->scratch, &h);
	if (r != H1_OK)
		return fail(c, error_of(r));
	take(rest, len);
	end_receiving(c, rest);
	if (h.fields.n != 0)
		c->events->head(c->owner, c->stream, &h, true);
	else
		c->events->body(c->owner, c->stream, NULL, 0, true);
	return true;
}

static bool
step(struct h1 *c, struct text *rest)
{
	switch (c->recv) {
	case RECV_HEAD:
		return c->role == CODEC_SERVER ? step_request(c, rest) :
		    step_response(c, rest);
	case RECV_LENGTH:
	case RECV_CHUNK_DATA:
	case RECV_UNTIL_CLOSE:
		return step_data(c, rest);
	case RECV_CHUNK_LINE:
		return step_chunk_line(c, rest);
	case RECV_CHUNK_END:
		return step_chunk_end(c, rest);
	case RECV_TRAILERS:
		return step_trailers(c, rest);
	case RECV_DONE:
	case RECV_CLOSED:
		break;
	}
	return false;
}

/* A head, or the beginning of one, will never be finished. */
static void
end_head(struct h1 *c, const struct text *rest)
{
	if (c->role == CODEC_CLIENT && c->open) {
		fail(c, CODEC_TRUNCATED);
	} else if (c->role == CODEC_SERVER && rest->n != 0) {
		begin_stream(c);
		fail(c, CODEC_TRUNCATED);
	} else {
		c->recv = RECV_CLOSED;
	}
}

/* The link has ended and no step can go on with the rest. */
static void
meet_eof(struct h1 *c, const struct text *rest)
{
	switch (c->recv) {
	case RECV_HEAD:
		end_head(c, rest);
		break;
	case RECV_UNTIL_CLOSE:
		if (rest->n != 0)
			break;
		if (!c->eof_clean) {
			fail(c, CODEC_TRUNCATED);
			break;
		}
		end_receiving(c, rest);
		c->events->body(c->owner, c->stream, NULL, 0, true);
		break;
	case RECV_LENGTH:
	case RECV_CHUNK_DATA:
		if (rest->n == 0)
			fail(c, CODEC_TRUNCATED);
		break;
	case RECV_CHUNK_LINE:
	case RECV_CHUNK_END:
	case RECV_TRAILERS:
		fail(c, CODEC_TRUNCATED);
		break;
	case RECV_DONE:
	case RECV_CLOSED:
		break;
	}
}

static void
run(struct h1 *c, struct text *rest)
{
	while (step(c, rest))
		;
	if (c->eof)
		meet_eof(c, rest);
	if (c->recv == RECV_CLOSED)
		take(rest, rest->n);
	c->fresh = false;
}

static bool
owes_room(const struct h1 *c)
{
	return c->full && c->open && c->send == SEND_BODY &&
	    buf_len(&c->out) < c->shared->limits->room;
}

static void
h1_input(struct codec *codec, const uint8_t *p, size_t n)
{
	struct h1 *c = h1_of(codec);
	struct text rest = { .p = n != 0 ? (const char *)p : "", .n = n };

	if (buf_len(&c->in) == 0) {
		run(c, &rest);
		buf_append(&c->in, rest.p, rest.n);
	} else {
		buf_append(&c->in, p, n);
		rest = buf_text(&c->in);
		run(c, &rest);
		buf_consume(&c->in, buf_len(&c->in) - rest.n);
	}
	if (owes_room(c)) {
		c->full = false;
		c->events->room(c->owner, c->stream);
	}
}

static void
h1_input_eof(struct codec *codec, bool clean)
{
	struct h1 *c = h1_of(codec);

	if (c->eof)
		return;
	c->eof = true;
	c->eof_clean = clean;
	h1_input(codec, NULL, 0);
}

static bool
h1_has_events(const struct codec *codec)
{
	const struct h1 *c = h1_of_const(codec);

	if (owes_room(c))
		return true;
	if (buf_len(&c->in) == 0)
		return false;
	switch (c->recv) {
	case RECV_HEAD:
		return c->fresh;
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

static bool
h1_wants_input(const struct codec *codec)
{
	const struct h1 *c = h1_of_const(codec);

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

static size_t
h1_held(const struct codec *codec)
{
	return buf_len(&h1_of_const(codec)->in);
}

static void
h1_credit(struct codec *codec, stream_id stream, size_t n)
{
	struct h1 *c = h1_of(codec);

	if (is_current(c, stream))
		c->credit += n < UINT64_MAX - c->credit ? n :
		    UINT64_MAX - c->credit;
}

/*
 * Sending.
 */

static struct text
h1_output(struct codec *codec)
{
	struct h1 *c = h1_of(codec);

	return c->broken ? TEXT("") : buf_text(&c->out);
}

static void
h1_output_done(struct codec *codec, size_t n)
{
	struct h1 *c = h1_of(codec);
	size_t secret = n < c->secret ? n : c->secret;

	buf_consume_wipe(&c->out, secret);
	c->secret -= secret;
	buf_consume(&c->out, n - secret);
}

static void
note_room(struct h1 *c)
{
	if (buf_len(&c->out) >= c->shared->limits->room)
		c->full = true;
}

static void
end_sending(struct h1 *c)
{
	c->send = SEND_DONE;
	if (c->role == CODEC_SERVER)
		end_stream(c);
}

/* The owner said that the body ends here. */
static void
end_body(struct h1 *c, const struct fields *trailers)
{
	switch (c->body) {
	case H1_BODY_NONE:
	case H1_BODY_CLOSE:
		break;
	case H1_BODY_LENGTH:
		if (c->send_left != 0) {
			c->recv = RECV_CLOSED;
			stop_sending(c);
			return;
		}
		break;
	case H1_BODY_CHUNKED:
		h1_write_chunks_end(&c->out, trailers);
		break;
	}
	end_sending(c);
}

/* Sets what the response says, and c->body, what is then done. */
static enum h1_body
plan_response(struct h1 *c, const struct head *h)
{
	bool bodiless = c->head_only || h->status == 204 || h->status == 304;
	enum h1_body say = H1_BODY_NONE;

	switch (h->framing) {
	case BODY_NONE:
		/* Without a word it would last until the link ends. */
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
send_response(struct h1 *c, const struct head *h, bool end)
{
	enum h1_connection connection = H1_CONNECTION_NONE;
	enum h1_body say;

	if (c->send != SEND_HEAD)
		return;
	if (h->kind == HEAD_INTERIM) {
		if (c->version == 11)
			h1_write_response(&c->out, h, H1_BODY_NONE,
			    H1_CONNECTION_NONE);
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
	c->send = SEND_BODY;
	note_room(c);
	if (end)
		end_body(c, NULL);
}

static void
send_request(struct h1 *c, const struct head *h, bool end)
{
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
	c->secret = buf_len(&c->out);
	c->send = SEND_BODY;
	note_room(c);
	if (end)
		end_body(c, NULL);
}

/* Request trailers are dropped, and those a receiver cannot take. */
static void
send_trailers(struct h1 *c, const struct head *h)
{
	if (c->send == SEND_BODY)
		end_body(c, c->role == CODEC_SERVER ? &h->fields : NULL);
}

static void
h1_send_head(struct codec *codec, stream_id stream, const struct head *h,
    bool end)
{
	struct h1 *c = h1_of(codec);

	if (!is_current(c, stream))
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
put_body(struct h1 *c, const uint8_t *p, size_t n)
{
	switch (c->body) {
	case H1_BODY_NONE:
		break;
	case H1_BODY_LENGTH:
		/* More than was announced would be the next message. */
		if (n > c->send_left)
			n = (size_t)c->send_left;
		c->send_left -= n;
		buf_append(&c->out, p, n);
		break;
	case H1_BODY_CHUNKED:
		h1_write_chunk(&c->out, p, n);
		break;
	case H1_BODY_CLOSE:
		buf_append(&c->out, p, n);
		break;
	}
}

static void
h1_send_body(struct codec *codec, stream_id stream, const uint8_t *p, size_t n,
    bool end)
{
	struct h1 *c = h1_of(codec);

	if (!is_current(c, stream) || c->send != SEND_BODY)
		return;
	put_body(c, p, n);
	note_room(c);
	if (end)
		end_body(c, NULL);
}

static size_t
h1_room(const struct codec *codec, stream_id stream)
{
	const struct h1 *c = h1_of_const(codec);
	size_t used = buf_len(&c->out), room = c->shared->limits->room;

	if (!is_current(c, stream) || c->send != SEND_BODY || used >= room)
		return 0;
	return room - used;
}

/*
 * The life of a stream and of the codec.
 */

static stream_id
h1_refuse(struct codec *codec)
{
	struct h1 *c = h1_of(codec);

	assert(c->role == CODEC_SERVER);
	if (c->recv != RECV_HEAD || buf_len(&c->in) == 0)
		return STREAM_NONE;
	begin_stream(c);
	c->recv = RECV_CLOSED;
	c->persist = false;
	return c->stream;
}

static stream_id
h1_open(struct codec *codec)
{
	struct h1 *c = h1_of(codec);

	assert(c->role == CODEC_CLIENT);
	if (c->open || c->recv != RECV_HEAD || c->eof || c->draining)
		return STREAM_NONE;
	begin_stream(c);
	return c->stream;
}

static void
h1_reset(struct codec *codec, stream_id stream)
{
	struct h1 *c = h1_of(codec);

	if (!is_current(c, stream))
		return;
	if (c->role == CODEC_CLIENT && c->send == SEND_HEAD) {
		c->open = false;	/* the link never saw it */
		return;
	}
	c->recv = RECV_CLOSED;
	stop_sending(c);
}

static void
h1_drain(struct codec *codec)
{
	h1_of(codec)->draining = true;
}

static enum codec_state
h1_state(const struct codec *codec)
{
	const struct h1 *c = h1_of_const(codec);

	if (c->broken)
		return CODEC_BROKEN;
	if (c->open && (c->recv != RECV_CLOSED || c->send == SEND_BODY))
		return CODEC_BUSY;
	if (c->recv == RECV_CLOSED)
		return CODEC_DONE;
	if (buf_len(&c->in) != 0)
		return CODEC_BUSY;
	if (c->eof || (c->draining && c->role == CODEC_CLIENT))
		return CODEC_DONE;
	return CODEC_IDLE;
}

static void
h1_free(struct codec *codec)
{
	struct h1 *c = h1_of(codec);

	wipe_output(c);
	buf_release(&c->in);
	free(c);
}

static const struct codec_ops h1_ops = {
	.free = h1_free,
	.input = h1_input,
	.input_eof = h1_input_eof,
	.has_events = h1_has_events,
	.wants_input = h1_wants_input,
	.output = h1_output,
	.output_done = h1_output_done,
	.refuse = h1_refuse,
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
