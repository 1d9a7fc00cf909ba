/*
 * A body in chunks, of a request and of a response, cut at random, against a
 * second reader of RFC 9112 section 7.1 that shares nothing with the first: the
 * same bytes of body must come out, and an end if and only if there is one.  A
 * few blanks after the sizes of a response are allowed.
 *
 * Input: four bytes that decide the cuts, then the body as it is sent.
 */
#include "fuzz.h"

#include "../unit/http/trace.h"
#include "http/h1_parse.h"

enum verdict { BROKEN, TRAILERS, WHOLE };

/* -- the second reader -- */

struct reader {
	const uint8_t *p, *end;
	struct buf body;
	bool of_response;
};

static int
peek(const struct reader *r)
{
	return r->p < r->end ? *r->p : -1;
}

static bool
is_token(int c)
{
	return c > 0 && (c == '!' || (c >= '#' && c <= '\'') || c == '*' ||
	    c == '+' || c == '-' || c == '.' || (c >= '0' && c <= '9') ||
	    (c >= 'A' && c <= 'Z') || (c >= '^' && c <= 'z') || c == '|' ||
	    c == '~');
}

static void
skip_blanks(struct reader *r)
{
	while (peek(r) == ' ' || peek(r) == '\t')
		r->p++;
}

static bool
read_token(struct reader *r)
{
	const uint8_t *from = r->p;

	while (is_token(peek(r)))
		r->p++;
	return r->p != from;
}

static bool
read_quoted(struct reader *r)
{
	bool escaped = false;

	for (r->p++; r->p < r->end; r->p++) {
		if ((*r->p < 0x20 && *r->p != '\t') || *r->p == 0x7f)
			return false;
		if (!escaped && *r->p == '"') {
			r->p++;
			return true;
		}
		escaped = !escaped && *r->p == '\\';
	}
	return false;
}

/* After a response's size, up to its CR; false: more than blanks. */
static void
skip_padding(struct reader *r)
{
	const uint8_t *from = r->p;

	if (!r->of_response)
		return;
	skip_blanks(r);
	if (peek(r) != '\r' || r->p - from > 16)
		r->p = from;
}

static bool
read_extensions(struct reader *r)
{
	const uint8_t *blank;

	while (peek(r) != '\r') {
		skip_blanks(r);
		if (peek(r) != ';')
			return false;
		r->p++;
		skip_blanks(r);
		if (!read_token(r))
			return false;
		blank = r->p;
		skip_blanks(r);
		if (peek(r) != '=') {
			r->p = blank;
			continue;
		}
		r->p++;
		skip_blanks(r);
		if (peek(r) == '"' ? !read_quoted(r) : !read_token(r))
			return false;
	}
	return true;
}

static bool
read_crlf(struct reader *r)
{
	if (r->end - r->p < 2 || r->p[0] != '\r' || r->p[1] != '\n')
		return false;
	r->p += 2;
	return true;
}

static bool
read_size(struct reader *r, uint64_t *size)
{
	const uint8_t *from = r->p;
	const char *digits = "0123456789abcdef", *digit;

	for (*size = 0; peek(r) > 0; r->p++) {
		digit = strchr(digits, *r->p | (*r->p >= 'A' ? 0x20 : 0));
		if (digit == NULL)
			break;
		if (r->p - from == 16)
			return false;
		*size = *size << 4 | (uint64_t)(digit - digits);
	}
	if (r->p == from || *size > INT64_MAX)
		return false;
	skip_padding(r);
	return read_extensions(r) && read_crlf(r) &&
	    r->p - from <= H1_CHUNK_LINE;
}

static enum verdict
read_all(struct reader *r)
{
	uint64_t size;
	size_t n;

	for (;;) {
		if (!read_size(r, &size))
			return BROKEN;
		if (size == 0)
			return read_crlf(r) ? WHOLE : TRAILERS;
		n = (size_t)(r->end - r->p);
		if (n > size)
			n = (size_t)size;
		buf_append(&r->body, r->p, n);
		r->p += n;
		if (!read_crlf(r))
			return BROKEN;
	}
}

/* -- the first -- */

struct seen {
	struct buf body;
	bool ended;
};

static void
note(struct trace *t, stream_id s, const struct head *h, struct text body,
    bool end)
{
	struct seen *seen = t->arg;

	if (s != 1 || (h != NULL && h->kind != HEAD_TRAILERS))
		return;
	buf_append_text(&seen->body, body);
	seen->ended = seen->ended || end;
}

static void
begin(struct trace *t, bool of_response)
{
	stream_id s;
	struct text out;

	if (!of_response) {
		trace_feed_str(t, "POST / HTTP/1.1\r\nHost: h\r\n"
		    "Transfer-Encoding: chunked\r\n\r\n");
		return;
	}
	s = trace_open(t);
	trace_request(t, s, "GET", "/", BODY_NONE, 0, true);
	out = codec_output(t->codec);
	codec_output_done(t->codec, out.n);
	trace_feed_str(t, "HTTP/1.1 200 OK\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n");
}

static void
feed(struct seen *seen, const uint8_t *p, size_t n, uint32_t seed,
    bool of_response)
{
	const struct trace_habits habits = {
		.credit = 1 << 20, .answer = true, .plain = true
	};
	struct trace t;
	size_t piece;

	trace_init(&t, h1_codec_new,
	    of_response ? CODEC_CLIENT : CODEC_SERVER, habits, NULL);
	begin(&t, of_response);
	t.then = note;
	t.arg = seen;
	for (; n != 0; p += piece, n -= piece) {
		piece = fuzz_piece(&seed, n);
		trace_feed(&t, p, piece);
	}
	trace_eof(&t, true);
	trace_release(&t);
}

static void
compare(const uint8_t *p, size_t n, uint32_t seed, bool of_response)
{
	struct reader reader = {
		.p = p, .end = p + n, .of_response = of_response
	};
	struct seen seen = { .ended = false };
	enum verdict verdict;

	buf_init(&reader.body, NULL);
	buf_init(&seen.body, NULL);
	verdict = read_all(&reader);
	feed(&seen, p, n, seed, of_response);
	fuzz_assert(text_eq(buf_text(&seen.body), buf_text(&reader.body)));
	fuzz_assert(verdict == TRAILERS || seen.ended == (verdict == WHOLE));
	buf_release(&seen.body);
	buf_release(&reader.body);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	uint32_t seed;

	if (n < sizeof(seed) || n > 100000)
		return 0;
	memcpy(&seed, p, sizeof(seed));
	p += sizeof(seed);
	n -= sizeof(seed);
	compare(p, n, seed, false);
	compare(p, n, seed, true);
	return 0;
}
