/*
 * http/h1_complaint: what is said of messages that are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <stdlib.h>

#include "http/codec.h"

/* A codec that is fed and what it complains of. */
struct patient {
	struct codec *codec;
	struct blocks *blocks;
	struct fields scratch;
	struct codec_shared shared;
	stream_id stream;
	bool refused;
};

static void
on_head(void *owner, const struct head *h, bool end)
{
	struct patient *p = owner;

	(void)h;
	(void)end;
	codec_credit(p->codec, p->stream, 1 << 20);
}

static void
on_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	(void)owner;
	(void)p;
	(void)n;
	(void)end;
}

static void
on_reset(void *owner, enum codec_error why)
{
	struct patient *p = owner;

	assert_int_equal(why, CODEC_BAD_MESSAGE);
	p->refused = true;
}

static const struct stream_events stream_events = {
	.head = on_head,
	.body = on_body,
	.reset = on_reset,
};

static void
on_request(void *owner, stream_id s, const struct head *h, bool end)
{
	struct patient *p = owner;

	p->stream = s;
	codec_own(p->codec, s, &stream_events, p);
	on_head(owner, h, end);
}

static void
on_refused(void *owner, stream_id s, enum codec_error why,
    const struct head *read)
{
	(void)s;
	(void)read;
	on_reset(owner, why);
}

static const struct codec_events events = {
	.request = on_request,
	.refused = on_refused,
};

static void
ask(struct patient *p)
{
	struct head h = { .kind = HEAD_REQUEST, .version = 11,
	    .method = TEXT("GET"), .target = TEXT("/"),
	    .authority = TEXT("h"), .framing = BODY_NONE };

	p->stream = codec_open(p->codec, &stream_events, p);
	codec_send_head(p->codec, p->stream, &h, true);
	codec_output_done(p->codec, codec_output(p->codec).n);
}

static void
feed(struct patient *p, const char *text, size_t n)
{
	codec_input(p->codec, (const uint8_t *)text, n);
	while (codec_has_events(p->codec))
		codec_input(p->codec, NULL, 0);
}

/* In pieces of so many bytes, each in memory of its own size. */
static void
check(enum codec_role role, struct text t, size_t step, const char *expected)
{
	struct patient p = { .blocks = blocks_new(4096, 4) };
	const char *said;

	p.shared = (struct codec_shared){ .limits = &codec_limits_default,
		.blocks = p.blocks, .scratch = &p.scratch };
	p.codec = h1_codec_new(role, &p.shared, &events, &p);
	if (role == CODEC_CLIENT)
		ask(&p);
	for (size_t at = 0; at < t.n && !p.refused; at += step) {
		size_t n = t.n - at < step ? t.n - at : step;
		char *copy = malloc(n);

		memcpy(copy, t.p + at, n);
		feed(&p, copy, n);
		free(copy);
	}
	said = codec_complaint(p.codec);
	if (!p.refused || said == NULL || strcmp(said, expected) != 0)
		fail_msg("%zu at a time: %.*s\nsaid: %s\nnot:  %s", step,
		    TEXT_ARG(t), said != NULL ? said : "nothing", expected);
	codec_free(p.codec);
	fields_release(&p.scratch);
	blocks_free(p.blocks);
}

struct example {
	struct text text;
	const char *said;
};

#define EXAMPLE(text, said)	{ { text, sizeof(text) - 1 }, said }
#define HOST			"Host: h\r\n"
#define GET			"GET / HTTP/1.1\r\n" HOST
#define CHUNKED			"POST / HTTP/1.1\r\n" HOST \
				"Transfer-Encoding: chunked\r\n\r\n"
#define N(array)		(sizeof(array) / sizeof((array)[0]))

static void
check_all(enum codec_role role, const struct example *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		check(role, v[i].text, v[i].text.n, v[i].said);
		check(role, v[i].text, 1, v[i].said);
		check(role, v[i].text, 7, v[i].said);
	}
}

static void
a_refused_request_line_is_told_by_part_and_byte(void **state)
{
	static const struct example examples[] = {
		EXAMPLE("GET /a?b c HTTP/1.1\r\n" HOST "\r\n",
		    "the query holds a raw blank"),
		EXAMPLE("GET /a b HTTP/1.1\r\n" HOST "\r\n",
		    "the path holds a raw blank"),
		EXAMPLE("GET  / HTTP/1.1\r\n" HOST "\r\n",
		    "the target holds a raw blank"),
		EXAMPLE("GET /a\tb HTTP/1.1\r\n" HOST "\r\n",
		    "the path holds a raw tab"),
		EXAMPLE("GET /a#b HTTP/1.1\r\n" HOST "\r\n",
		    "the path holds a raw '#'"),
		EXAMPLE("GET /a?\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n",
		    "the query holds the raw byte 0xC3"),
		EXAMPLE("GET /a\0b HTTP/1.1\r\n" HOST "\r\n",
		    "the path holds a raw NUL"),
		EXAMPLE("GET /a\rb HTTP/1.1\r\n" HOST "\r\n",
		    "the path holds a bare CR"),
		EXAMPLE("GET /a%2 HTTP/1.1\r\n" HOST "\r\n", "the path "
		    "holds a \"%\" without two hexadecimal digits"),
		EXAMPLE("GET /%41?%41%%41 HTTP/1.1\r\n" HOST "\r\n", "the "
		    "query holds a \"%\" without two hexadecimal digits"),
		EXAMPLE("G(T / HTTP/1.1\r\n" HOST "\r\n",
		    "the method holds a '('"),
		EXAMPLE(" GET / HTTP/1.1\r\n" HOST "\r\n",
		    "the method holds a blank"),
		EXAMPLE("G\x01T / HTTP/1.1\r\n" HOST "\r\n",
		    "the method holds the byte 0x01"),
		EXAMPLE("GET\r\n" HOST "\r\n", "the target is missing"),
		EXAMPLE("GET \r\n" HOST "\r\n", "the target is missing"),
		EXAMPLE("GET /\r\n" HOST "\r\n", "the version is missing"),
		EXAMPLE("GET / \r\n" HOST "\r\n", "the version is missing"),
		EXAMPLE("GET / HTTP/1.2\r\n" HOST "\r\n",
		    "the version is neither HTTP/1.1 nor HTTP/1.0"),
		EXAMPLE("GET / http/1.1\r\n" HOST "\r\n",
		    "the version is neither HTTP/1.1 nor HTTP/1.0"),
		EXAMPLE("GET / HTTP/1.1 \r\n" HOST "\r\n",
		    "the version holds a blank"),
		EXAMPLE("GET / HTTP/1.1\n" HOST "\r\n",
		    "the version holds a bare LF"),
		EXAMPLE("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		    "this is HTTP/2, and this port speaks HTTP/1.1"),
		EXAMPLE("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		    "this is TLS, and this port speaks plain HTTP"),
		EXAMPLE("\x16\x03\x01\x02\n\x01\r\n\r\n",
		    "this is TLS, and this port speaks plain HTTP"),
		EXAMPLE("GET a HTTP/1.1\r\n" HOST "\r\n", "the target begins "
		    "neither with \"/\" nor with \"http://\" or \"https://\""),
		EXAMPLE("CONNECT h:443 HTTP/1.1\r\n" HOST "\r\n",
		    "CONNECT is refused: there are no tunnels here"),
		EXAMPLE("GET * HTTP/1.1\r\n" HOST "\r\n", "the target begins "
		    "with \"*\", which stands alone and with OPTIONS"),
		EXAMPLE("GET http://h?x HTTP/1.1\r\n" HOST "\r\n",
		    "the target has a query without a path"),
	};

	(void)state;
	check_all(CODEC_SERVER, examples, N(examples));
}

static void
a_refused_field_is_told_by_its_number_or_name(void **state)
{
	static const struct example examples[] = {
		EXAMPLE(GET "X Y: z\r\n\r\n",
		    "the name of field 2 holds a blank"),
		EXAMPLE(GET "Content-Length : 0\r\n\r\n",
		    "the name of field 2 holds a blank"),
		EXAMPLE(GET "A: b\r\n c\r\n\r\n",
		    "the name of field 3 holds a blank"),
		EXAMPLE(GET ": b\r\n\r\n", "the name of field 2 is empty"),
		EXAMPLE(GET "essu_secret\r\n\r\n",
		    "the name of field 2 has no colon behind it"),
		EXAMPLE(GET "X@: b\r\n\r\n",
		    "the name of field 2 holds a '@'"),
		EXAMPLE(GET "Content_Length: 1\r\n\r\n",
		    "the name of field 2 can be read as another one"),
		EXAMPLE(GET "X-Sum: a\0b\r\n\r\n",
		    "the value of X-Sum holds a NUL"),
		EXAMPLE(GET "X-Sum: a\rb\r\n\r\n",
		    "the value of X-Sum holds a bare CR"),
		EXAMPLE(GET "X-Sum: a\nb: c\r\n\r\n",
		    "the value of X-Sum holds a bare LF"),
		EXAMPLE(GET "X-Sum: a\x7f\r\n\r\n",
		    "the value of X-Sum holds the byte 0x7F"),
		EXAMPLE(GET "essu_0123456789012345678901234567890123456789: "
		    "a\x01\r\n\r\n", "the value of field 2 holds the byte "
		    "0x01"),
		EXAMPLE("GET / HTTP/1.1\r\n\r\n", "there is no Host"),
		EXAMPLE(GET HOST "\r\n", "Host is there more than once"),
		EXAMPLE("GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
		    "Host is not a host with or without a port"),
		EXAMPLE("GET http://i/ HTTP/1.1\r\n" HOST "\r\n",
		    "Host and the target name different hosts"),
		EXAMPLE("GET http://@/ HTTP/1.1\r\n" HOST "\r\n", "the host "
		    "of the target is not a host with or without a port"),
		EXAMPLE(GET "Content-Length: +1\r\n\r\n",
		    "Content-Length is not a number"),
		EXAMPLE(GET "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
		    "Content-Length is there more than once"),
		EXAMPLE(GET "Content-Length: 1\r\n"
		    "Transfer-Encoding: chunked\r\n\r\n",
		    "Content-Length stands beside Transfer-Encoding"),
		EXAMPLE(GET "Transfer-Encoding: gzip\r\n\r\n",
		    "Transfer-Encoding is not \"chunked\""),
		EXAMPLE("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
		    "Transfer-Encoding stands in a message of HTTP/1.0"),
		EXAMPLE(GET "Connection: close, host\r\n\r\n", "Connection "
		    "has an option that is no token, or names a field that "
		    "cannot be left out"),
	};

	(void)state;
	check_all(CODEC_SERVER, examples, N(examples));
}

static void
a_refused_chunk_or_trailer_is_told_without_a_byte_of_the_body(void **state)
{
	static const struct example examples[] = {
		EXAMPLE(CHUNKED "z\r\n", "the size of a chunk holds a 'z'"),
		EXAMPLE(CHUNKED "5z\r\nhello",
		    "the size of a chunk holds a 'z'"),
		EXAMPLE(CHUNKED "\r\n", "the size of a chunk is missing"),
		EXAMPLE(CHUNKED "00000000000000001\r\n",
		    "the size of a chunk has more than 16 digits"),
		EXAMPLE(CHUNKED "ffffffffffffffff\r\n",
		    "the size of a chunk is too large"),
		EXAMPLE(CHUNKED "5 \r\nhello", "what follows the size of a "
		    "chunk is no chunk extension"),
		EXAMPLE(CHUNKED "5;=\r\nhello", "what follows the size of a "
		    "chunk is no chunk extension"),
		EXAMPLE(CHUNKED "5;a\x01\r\nhello", "what follows the size of "
		    "a chunk holds the byte 0x01"),
		EXAMPLE(CHUNKED "5\nhello",
		    "the size of a chunk holds a bare LF"),
		EXAMPLE(CHUNKED "5\r\nhelloX",
		    "a chunk does not end where its size says"),
		EXAMPLE(CHUNKED "0\r\nX Y: z\r\n\r\n",
		    "the name of trailer 1 holds a blank"),
		EXAMPLE(CHUNKED "0\r\nA: b\r\nContent-Length: 1\r\n\r\n",
		    "the name of trailer 2 has no place in trailers"),
		EXAMPLE(CHUNKED "0\r\nX-Sum: \0\r\n\r\n",
		    "the value of X-Sum holds a NUL"),
	};

	(void)state;
	check_all(CODEC_SERVER, examples, N(examples));
}

static void
a_refused_response_is_told_the_same_way(void **state)
{
	static const struct example examples[] = {
		EXAMPLE("nonsense\r\n\r\n", "the status line does not begin "
		    "with HTTP/1.1 or HTTP/1.0 and a blank"),
		EXAMPLE("HTTP/2 200\r\n\r\n", "the status line does not begin "
		    "with HTTP/1.1 or HTTP/1.0 and a blank"),
		EXAMPLE("HTTP/1.1 20 OK\r\n\r\n",
		    "the status line has no status of three digits"),
		EXAMPLE("HTTP/1.1 2000 OK\r\n\r\n",
		    "the status line has no status of three digits"),
		EXAMPLE("HTTP/1.1 200 O\0K\r\n\r\n",
		    "the status line holds a NUL"),
		EXAMPLE("HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
		    "the name of field 1 holds a blank"),
		EXAMPLE("HTTP/1.1 200 OK\r\nDate: y\x01\r\n\r\n",
		    "the value of Date holds the byte 0x01"),
		EXAMPLE("HTTP/1.1 204 No\r\nContent-Length: 1\r\n\r\n",
		    "a response that has no body announces one"),
		EXAMPLE("HTTP/1.1 101 Up\r\n\r\n",
		    "101 answers an upgrade that was not asked for"),
	};

	(void)state;
	check_all(CODEC_CLIENT, examples, N(examples));
}

/* A short one, that an upstream sends back where nobody looks for it. */
static void
a_key_for_the_name_of_a_field_is_not_told(void **state)
{
	static const struct example examples[] = {
		EXAMPLE("HTTP/1.1 200 OK\r\nglpat-0123456789: \x01\r\n\r\n",
		    "the value of field 1 holds the byte 0x01"),
		EXAMPLE("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		    "0\r\nglpat-0123456789: \x01\r\n\r\n",
		    "the value of trailer 1 holds the byte 0x01"),
	};

	(void)state;
	check_all(CODEC_CLIENT, examples, N(examples));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_refused_request_line_is_told_by_part_and_byte),
		cmocka_unit_test(
		    a_refused_field_is_told_by_its_number_or_name),
		cmocka_unit_test(
		    a_refused_chunk_or_trailer_is_told_without_a_byte_of_the_body),
		cmocka_unit_test(a_refused_response_is_told_the_same_way),
		cmocka_unit_test(a_key_for_the_name_of_a_field_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
