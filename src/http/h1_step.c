/*
 * The steps of receiving HTTP/1.1; see h1_step.h.  It knows what the bytes mean
 * in each state and which state follows, not where they are kept.
 */
#include "http/h1_step.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "http/h1_complaint.h"
#include "http/h1_frame.h"

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

/* -- events -- */

static void
tell_head(const struct h1 *c, const struct head *h, bool end)
{
	if (c->on != NULL)
		c->on->head(c->stream_owner, h, end);
}

static void
tell_body(const struct h1 *c, const uint8_t *p, size_t n, bool end)
{
	if (c->on != NULL)
		c->on->body(c->stream_owner, p, n, end);
}

/* -- bad ends -- */

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
		h1_stop_sending(c);
	if (c->on != NULL)
		c->on->reset(c->stream_owner, error);
	return false;
}

/*
 * Sets the complaint from the parser's finding about the rest, before the
 * stream ends badly.
 */
static enum codec_error
complain(struct h1 *c, enum h1_section section, const struct text *rest,
    enum h1_result r, const struct h1_why *why)
{
	if (r == H1_BAD) {
		free(c->complaint);
		c->complaint = h1_complain(section, rest->p, rest->n, why);
	}
	return error_of(r);
}

/* The same, with a complete text. */
static enum codec_error
complain_of(struct h1 *c, const char *what)
{
	free(c->complaint);
	c->complaint = xstrdup(what);
	return CODEC_BAD_MESSAGE;
}

void
h1_step_begin_refused(struct h1 *c, const struct text *rest, struct head *read)
{
	h1_begin_stream(c);
	h1_parse_start(rest->p, rest->n, c->shared->limits, read);
	c->head_only = text_eq(read->method, TEXT("HEAD"));
}

/* Server: the head at the beginning of rest cannot be taken. */
static bool
refuse(struct h1 *c, const struct text *rest, enum codec_error error)
{
	struct head read;

	h1_step_begin_refused(c, rest, &read);
	c->recv = RECV_CLOSED;
	c->persist = false;
	c->events->refused(c->owner, c->stream, error, &read);
	return false;
}

static void
take(struct text *rest, size_t n)
{
	rest->p += n;
	rest->n -= n;
}

static void
expect(struct h1 *c, enum h1_recv next)
{
	c->recv = next;
	c->scan = (struct h1_scan){ .seen = 0 };
}

/* Client: the response is complete. */
static void
end_response(struct h1 *c, const struct text *rest)
{
	c->open = false;
	c->full = false;
	h1_sent_forget(&c->sent);
	if (c->send != SEND_DONE || buf_len(&c->out) != 0 || rest->n != 0 ||
	    c->eof || c->draining)
		c->persist = false;
	expect(c, c->persist ? RECV_HEAD : RECV_CLOSED);
}

/* The message received is complete; before the event of its end. */
static void
end_receiving(struct h1 *c, const struct text *rest)
{
	if (c->role == CODEC_CLIENT)
		end_response(c, rest);
	else
		expect(c, RECV_DONE);
}

/*
 * Prepares for the body, before the event of the head.  Returns whether the
 * message ends here.
 */
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

/*
 * A short response, too, keeps much memory of its exchange until it has left.
 */
#define UNSENT(room)	((room) / 16)

bool
h1_step_waits_for_room(const struct h1 *c)
{
	return c->role == CODEC_SERVER && c->recv == RECV_HEAD &&
	    buf_len(&c->out) >= UNSENT(c->shared->limits->room);
}

typedef enum h1_result parse_head(const char *, size_t,
    const struct codec_limits *, struct fields *, struct head *,
    struct h1_why *);

/* The head at the beginning of rest, once it is whole, and its length. */
static enum h1_result
read_head(struct h1 *c, enum h1_section what, parse_head *parse,
    const struct text *rest, struct head *h, size_t *len,
    struct h1_why *why)
{
	const struct codec_limits *limits = c->shared->limits;
	enum h1_result r = h1_find_end(what, rest->p, rest->n, limits,
	    &c->scan, len, why);

	if (r != H1_OK)
		return r;
	return parse(rest->p, *len, limits, c->shared->scratch, h, why);
}

static bool
step_request(struct h1 *c, struct text *rest)
{
	struct head h = { .kind = HEAD_REQUEST };
	struct h1_why why;
	const char *what;
	size_t len = 0;
	enum h1_result r;
	bool end;

	skip_empty_line(c, rest);
	if (rest->n == 0 || h1_step_waits_for_room(c))
		return false;
	r = read_head(c, H1_REQUEST, h1_parse_request, rest, &h, &len, &why);
	if (r == H1_MORE)
		return false;
	if (r != H1_OK)
		return refuse(c, rest, complain(c, H1_REQUEST, rest, r,
		    &why));
	if ((what = h1_frame_request(&h)) != NULL)
		return refuse(c, rest, complain_of(c, what));
	h1_begin_stream(c);
	c->head_only = text_eq(h.method, TEXT("HEAD"));
	c->version = h.version;
	c->persist = h1_is_persistent(&h);
	take(rest, len);
	end = expect_body(c, &h, rest);
	c->events->request(c->owner, c->stream, &h, end);
	return true;
}

static bool
step_interim(struct h1 *c, const struct head *h)
{
	if (c->interim++ == c->shared->limits->interim)
		return fail(c, CODEC_TOO_MANY_INTERIM);
	expect(c, RECV_HEAD);
	tell_head(c, h, false);
	return true;
}

static bool
step_response(struct h1 *c, struct text *rest)
{
	struct head h = { .kind = HEAD_RESPONSE };
	struct h1_why why;
	const char *what;
	size_t len = 0;
	enum h1_result r;
	bool end;

	if (rest->n == 0)
		return false;
	if (!c->open) {
		c->recv = RECV_CLOSED;
		return false;
	}
	/* Not all of the request's head has left. */
	if (c->send == SEND_HEAD || c->head_unsent != 0)
		return fail(c, CODEC_UNEXPECTED);
	r = read_head(c, H1_RESPONSE, h1_parse_response, rest, &h, &len, &why);
	if (r == H1_MORE)
		return false;
	if (r != H1_OK)
		return fail(c, complain(c, H1_RESPONSE, rest, r, &why));
	if ((what = h1_frame_response(&h, c->head_only)) != NULL)
		return fail(c, complain_of(c, what));
	take(rest, len);
	if (h.kind == HEAD_INTERIM)
		return step_interim(c, &h);
	c->persist = h1_is_persistent(&h);
	end = expect_body(c, &h, rest);
	tell_head(c, &h, end);
	return true;
}

/*
 * The number of body bytes that have come, belong to the body and are covered
 * by credit.
 */
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
	tell_body(c, p, n, end);
	return true;
}

static bool
step_chunk_line(struct h1 *c, struct text *rest)
{
	size_t padding = c->role == CODEC_CLIENT ? H1_CHUNK_PADDING : 0;
	struct h1_why why;
	size_t len = 0;
	enum h1_result r;

	r = h1_parse_chunk(rest->p, rest->n, padding, &c->left, &len, &why);
	if (r == H1_MORE)
		return false;
	if (r != H1_OK)
		return fail(c, complain(c, H1_REQUEST_TRAILERS, rest, r,
		    &why));
	take(rest, len);
	expect(c, c->left != 0 ? RECV_CHUNK_DATA : RECV_TRAILERS);
	return true;
}

/* The bytes in place of the CRLF may be of a body, and are not shown. */
static bool
step_chunk_end(struct h1 *c, struct text *rest)
{
	static const char bad[] = "a chunk does not end where its size says";

	if (rest->n >= 1 && rest->p[0] != '\r')
		return fail(c, complain_of(c, bad));
	if (rest->n < 2)
		return false;
	if (rest->p[1] != '\n')
		return fail(c, complain_of(c, bad));
	take(rest, 2);
	expect(c, RECV_CHUNK_LINE);
	return true;
}

static bool
step_trailers(struct h1 *c, struct text *rest)
{
	const enum h1_section section = c->role == CODEC_SERVER ?
	    H1_REQUEST_TRAILERS : H1_RESPONSE_TRAILERS;
	struct h1_why why;
	struct head h;
	size_t len = 0;
	enum h1_result r;

	if (rest->n == 0)
		return false;
	r = h1_find_end(section, rest->p, rest->n, c->shared->limits,
	    &c->scan, &len, &why);
	if (r == H1_MORE)
		return false;
	if (r == H1_OK)
		r = h1_parse_trailers(section, rest->p, len, c->shared->limits,
		    c->shared->scratch, &h, &why);
	if (r != H1_OK)
		return fail(c, complain(c, section, rest, r, &why));
	take(rest, len);
	end_receiving(c, rest);
	if (h.fields.n != 0)
		tell_head(c, &h, true);
	else
		tell_body(c, NULL, 0, true);
	return true;
}

bool
h1_step(struct h1 *c, struct text *rest)
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

/* The link has ended within a head. */
static void
end_head(struct h1 *c, const struct text *rest)
{
	if (c->role == CODEC_CLIENT && c->open) {
		fail(c, CODEC_TRUNCATED);
	} else if (c->role == CODEC_SERVER && rest->n != 0) {
		refuse(c, rest, CODEC_TRUNCATED);
	} else {
		c->recv = RECV_CLOSED;
	}
}

void
h1_step_eof(struct h1 *c, const struct text *rest)
{
	switch (c->recv) {
	case RECV_HEAD:
		if (rest->n == 0 || !h1_step_waits_for_room(c))
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
		tell_body(c, NULL, 0, true);
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
