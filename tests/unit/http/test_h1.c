/*
 * What is HTTP/1.1's own, byte by byte; the contract that it shares with other
 * codecs is in test_codec.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trace.h"

static const struct trace_habits plain = { .credit = 1 << 20 };
static const struct trace_habits answering = {
	.credit = 1 << 20, .answer = true, .answer_refused = true
};

static struct trace t;

static void
as_server(struct trace_habits habits)
{
	trace_init(&t, h1_codec_new, CODEC_SERVER, habits, NULL);
}

/* A client whose first stream has sent a request of that method. */
static stream_id
as_client(const char *method)
{
	stream_id s;

	trace_init(&t, h1_codec_new, CODEC_CLIENT, plain, NULL);
	s = trace_open(&t);
	assert_int_equal(s, 1);
	trace_request(&t, s, method, "/x", BODY_NONE, 0, true);
	trace_output(&t);
	return s;
}

static void
expect_events(const char *want)
{
	assert_string_equal(trace_take(&t), want);
}

static void
expect_state(enum codec_state want)
{
	assert_int_equal(codec_state(t.codec), want);
}

/* -- as server -- */

static void
a_request_without_body_is_one_head(void **state)
{
	(void)state;
	as_server(plain);
	expect_state(CODEC_IDLE);
	trace_feed_str(&t, "GET /a?b=c HTTP/1.1\r\nHost: h:80\r\nX-Y:  z \r\n"
	    "\r\n");
	expect_events("1 GET /a?b=c HTTP/11 at h:80, no body\n"
	    " Host: h:80\n X-Y: z\n1 end\n");
	expect_state(CODEC_BUSY);
	trace_respond(&t, 1, 200, BODY_LENGTH, 2, false);
	trace_body(&t, 1, "ok", true);
	assert_string_equal(trace_output(&t),
	    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	expect_state(CODEC_IDLE);
	assert_int_equal(codec_held(t.codec), 0);
	trace_release(&t);
}

static void
bodies_by_length_and_in_chunks_arrive(void **state)
{
	(void)state;
	as_server(answering);
	trace_feed_str(&t, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n"
	    "\r\nhelloPOST / HTTP/1.1\r\nHost: h\r\n"
	    "Transfer-Encoding: Chunked\r\n\r\n"
	    "3;a=\"b;\\\"\"\r\nhel\r\n02\r\nlo\r\n0\r\nT: u\r\n\r\n");
	expect_events("1 POST / HTTP/11 at h, length 5\n"
	    " Host: h\n Content-Length: 5\n1 data hello\n1 end\n"
	    "2 POST / HTTP/11 at h, stream\n"
	    " Host: h\n Transfer-Encoding: Chunked\n2 data hello\n"
	    "2 trailers\n T: u\n2 end\n");
	expect_state(CODEC_IDLE);
	trace_release(&t);
}

static void
the_next_request_waits_for_the_response(void **state)
{
	const char *get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

	(void)state;
	as_server(plain);
	trace_feed_str(&t, get);
	trace_feed_str(&t, get);
	assert_int_equal(t.n_requests, 1);
	assert_false(codec_wants_input(t.codec));
	assert_false(codec_has_events(t.codec));
	trace_respond(&t, 1, 200, BODY_STREAM, 0, false);
	trace_body(&t, 1, "a", false);
	assert_false(codec_has_events(t.codec));
	trace_body(&t, 1, "", true);
	assert_true(codec_has_events(t.codec));
	trace_settle(&t);
	assert_int_equal(t.n_requests, 2);
	assert_int_equal(codec_held(t.codec), 0);
	assert_string_equal(trace_output(&t), "HTTP/1.1 200 OK\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n");
	trace_release(&t);
}

static void
the_tolerated_empty_line_is_one(void **state)
{
	(void)state;
	as_server(plain);
	trace_feed_str(&t, "\r\n");
	expect_state(CODEC_IDLE);
	assert_int_equal(codec_held(t.codec), 0);
	trace_feed_str(&t, "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_events("1 reset bad-message\n");
	trace_release(&t);
	as_server(answering);
	trace_feed_str(&t, "\r");
	trace_feed_str(&t, "\nGET / HTTP/1.0\r\n\r\n");
	assert_int_equal(t.n_requests, 1);
	trace_release(&t);
}

static void
a_refused_head_can_be_answered_and_ends_the_link(void **state)
{
	(void)state;
	as_server(answering);
	trace_feed_str(&t, "GET / HTTP/1.1\r\nHost : h\r\n\r\nGET /");
	expect_events("1 reset bad-message\n");
	assert_string_equal(trace_output(&t), "HTTP/1.1 400 Bad Request\r\n"
	    "Content-Length: 3\r\nConnection: close\r\n\r\nbad");
	expect_state(CODEC_DONE);
	assert_false(codec_wants_input(t.codec));
	assert_int_equal(codec_held(t.codec), 0);
	trace_feed_str(&t, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_events("");
	trace_release(&t);
}

static void
a_broken_chunk_ends_the_stream_and_can_be_answered(void **state)
{
	(void)state;
	as_server(answering);
	trace_feed_str(&t, "POST / HTTP/1.1\r\nHost: h\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n2\r\nabX");
	expect_events("1 POST / HTTP/11 at h, stream\n Host: h\n"
	    " Transfer-Encoding: chunked\n1 data ab\n1 reset bad-message\n");
	assert_non_null(strstr(trace_output(&t), "400 Bad Request"));
	expect_state(CODEC_DONE);
	trace_release(&t);
}

static void
each_limit_has_its_own_error(void **state)
{
	static const struct {
		const char *s, *events;
	} cases[] = {
		{ "GET /234567890 HTTP/1.1\r\n", "1 reset target-too-long\n" },
		{ "GET /23456789012345678901234567890123456789012345678901234",
		  "1 reset target-too-long\n" },
		{ "GET / HTTP/1.1\r\nA: 678901234567890123456789012345678901",
		  "1 reset head-too-large\n" },
		{ "GET / HTTP/1.1\r\nA:\r\nA:\r\nA:\r\n",
		  "1 reset head-too-large\n" },
	};
	const struct codec_limits limits = {
		.head = 50, .target = 9, .fields = 2, .trailers = 10,
		.interim = 1, .room = 100
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		trace_init(&t, h1_codec_new, CODEC_SERVER, plain, &limits);
		trace_feed_str(&t, cases[i].s);
		expect_events(cases[i].events);
		trace_release(&t);
	}
}

static void
a_head_that_comes_too_slowly_can_be_refused(void **state)
{
	struct head read;

	(void)state;
	as_server(plain);
	assert_int_equal(codec_refuse(t.codec, &read), STREAM_NONE);
	trace_feed_str(&t, "GET / HT");
	expect_state(CODEC_BUSY);
	assert_int_equal(codec_refuse(t.codec, &read), 1);
	assert_true(text_eq(read.method, TEXT("GET")));
	assert_true(text_eq(read.target, TEXT("/")));
	assert_int_equal(read.version, 0);
	trace_respond(&t, 1, 408, BODY_NONE, 0, true);
	assert_string_equal(trace_output(&t), "HTTP/1.1 408 Request Timeout\r\n"
	    "Content-Length: 0\r\nConnection: close\r\n\r\n");
	expect_state(CODEC_DONE);
	expect_events("");
	trace_release(&t);
}

static void
what_was_read_of_a_refused_head_is_told(void **state)
{
	/* The limit of targets is 8, that of heads 35. */
	static const struct { const char *s, *read; } cases[] = {
		{ "GET /a?b HTTP/1.1\r\n\r\n", "GET /a?b HTTP/11" },
		{ "GET /a HTTP/1.0\r\nA : b\r\n", "GET /a HTTP/10" },
		{ "GET /a HTTP/1.1\nHost: h\n\n", "GET /a HTTP/11" },
		{ "GET http:///a HTTP/1.1\r\n\r\n",
		  "GET /a HTTP/11" },
		{ "OPTIONS * HTTP/1.1\r\n\r\n", "OPTIONS * HTTP/11" },
		{ "GET /a HTTP/9.9\r\n", "GET /a -" },
		{ "GET /a HTTP/1.1x\r\n", "GET /a -" },
		{ "GET /a HTTP/1.1", "GET /a -" },
		{ "GET /a b HTTP/1.1\r\n", "GET /a -" },
		{ "GET /a\r\n", "GET /a -" },
		{ "GET /a", "GET - -" },
		{ "GET /\x01 HTTP/1.1\r\n", "GET - -" },
		{ "GET /%zz HTTP/1.1\r\n\r\n", "GET - HTTP/11" },
		{ "GET ftp://h/ HTTP/1.1\r\n\r\n", "GET - HTTP/11" },
		{ "GET  / HTTP/1.1\r\n\r\n", "GET - -" },
		{ "CONNECT h:443 HTTP/1.1\r\n", "CONNECT - HTTP/11" },
		{ "GET", "- - -" },
		{ "G(T / HTTP/1.1\r\n", "- - -" },
		{ " / HTTP/1.1\r\n", "- - -" },
		{ "GET /23456789 HTTP/1.1\r\n", "GET /23456789 HTTP/11" },
		{ "GET /23456789", "GET /23456789 -" },
		{ "GET /2345678901234567890123456789012345",
		  "GET /234567890123456789012345678901 -" },
		{ "GET /23456789\x80", "GET - -" },
	};
	struct codec_limits limits = codec_limits_default;
	const struct trace_habits habits = { .refused = true };
	const char *s;

	(void)state;
	limits.target = 8;
	limits.head = 35;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		trace_init(&t, h1_codec_new, CODEC_SERVER, habits, &limits);
		trace_feed_str(&t, cases[i].s);
		trace_eof(&t, true);
		s = strchr(strstr(trace_take(&t), "reset") + 6, ' ') + 1;
		if (strncmp(s, cases[i].read, strlen(cases[i].read)) != 0 ||
		    s[strlen(cases[i].read)] != '\n')
			fail_msg("%s: %s", cases[i].s, s);
		trace_release(&t);
	}
}

static void
a_head_request_that_is_refused_gets_no_body(void **state)
{
	static const char *const cases[] = {
		"HEAD / HTTP/1.1\r\nA : b\r\n", "HEAD /%zz HTTP/1.1\r\n",
		"HEAD / HTTP/1.1\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		as_server((struct trace_habits){ .answer_refused = true });
		trace_feed_str(&t, cases[i]);
		assert_string_equal(trace_output(&t),
		    "HTTP/1.1 400 Bad Request\r\n"
		    "Content-Length: 3\r\nConnection: close\r\n\r\n");
		expect_state(CODEC_DONE);
		trace_release(&t);
	}
}

/* What is answered to a request head, with the body "ok" where there is one. */
static const char *
answer_to(const char *request, unsigned status, enum body_framing framing,
    uint64_t length, bool end)
{
	as_server(plain);
	trace_feed_str(&t, request);
	assert_int_equal(t.n_requests, 1);
	trace_respond(&t, 1, status, framing, length, end);
	if (!end)
		trace_body(&t, 1, "ok", true);
	return trace_output(&t);
}

#define GET	"GET / HTTP/1.1\r\nHost: h\r\n"
#define OLD	"GET / HTTP/1.0\r\n"

static void
responses_are_framed_for_their_request(void **state)
{
	static const struct {
		const char *request;
		unsigned status;
		enum body_framing framing;
		uint64_t length;
		bool end;
		const char *want;
		enum codec_state then;
	} cases[] = {
		{ GET "\r\n", 200, BODY_LENGTH, 2, false,
		  "Content-Length: 2\r\n\r\nok", CODEC_IDLE },
		{ GET "\r\n", 200, BODY_NONE, 9, true,
		  "Content-Length: 0\r\n\r\n", CODEC_IDLE },
		{ GET "\r\n", 200, BODY_STREAM, 0, false,
		  "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
		  CODEC_IDLE },
		{ GET "\r\n", 200, BODY_UNTIL_CLOSE, 0, false,
		  "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
		  CODEC_IDLE },
		{ GET "\r\n", 204, BODY_LENGTH, 0, true, "\r\n", CODEC_IDLE },
		{ GET "\r\n", 304, BODY_LENGTH, 9, true,
		  "Content-Length: 9\r\n\r\n", CODEC_IDLE },
		{ GET "\r\n", 304, BODY_NONE, 0, true, "\r\n", CODEC_IDLE },
		{ GET "\r\n", 304, BODY_STREAM, 0, false, "\r\n", CODEC_IDLE },
		{ GET "Connection: x, Close\r\n\r\n", 200, BODY_LENGTH, 2,
		  false, "Content-Length: 2\r\nConnection: close\r\n\r\nok",
		  CODEC_DONE },
		{ "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", 200, BODY_LENGTH, 9,
		  false, "Content-Length: 9\r\n\r\n", CODEC_IDLE },
		{ "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", 200, BODY_STREAM, 0,
		  true, "Transfer-Encoding: chunked\r\n\r\n", CODEC_IDLE },
		{ "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", 200, BODY_NONE, 0,
		  true, "\r\n", CODEC_IDLE },
		{ OLD "\r\n", 200, BODY_LENGTH, 2, false,
		  "Content-Length: 2\r\nConnection: close\r\n\r\nok",
		  CODEC_DONE },
		{ OLD "Connection: keep-alive\r\n\r\n", 200, BODY_LENGTH, 2,
		  false,
		  "Content-Length: 2\r\nConnection: keep-alive\r\n\r\nok",
		  CODEC_IDLE },
		{ OLD "Connection: keep-alive\r\n\r\n", 200, BODY_STREAM, 0,
		  false, "Connection: close\r\n\r\nok", CODEC_DONE },
		{ "HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200,
		  BODY_STREAM, 0, true, "Connection: keep-alive\r\n\r\n",
		  CODEC_IDLE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *out = answer_to(cases[i].request, cases[i].status,
		    cases[i].framing, cases[i].length, cases[i].end);

		if (strcmp(strchr(out, '\n') + 1, cases[i].want) != 0)
			fail_msg("case %zu: %s", i, out);
		expect_state(cases[i].then);
		trace_release(&t);
	}
}

static void
fields_that_frame_are_ours_alone(void **state)
{
	struct fields list = { .v = NULL };
	struct head h = {
		.kind = HEAD_RESPONSE, .status = 200, .framing = BODY_LENGTH
	};

	(void)state;
	as_server(plain);
	trace_feed_str(&t, GET "\r\n");
	fields_add(&list, FIELD_CONTENT_LENGTH, TEXT("content-length"),
	    TEXT("5"));
	fields_add(&list, FIELD_OTHER, TEXT("X"), TEXT("y"));
	fields_add(&list, FIELD_CONNECTION, TEXT("connection"), TEXT("x"));
	fields_add(&list, FIELD_TRANSFER_ENCODING, TEXT("transfer-encoding"),
	    TEXT("chunked"));
	h.fields = list;
	codec_send_head(t.codec, 1, &h, true);
	assert_string_equal(trace_output(&t),
	    "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 0\r\n\r\n");
	fields_release(&list);
	trace_release(&t);
}

static void
interim_responses_go_to_1_1_only(void **state)
{
	(void)state;
	as_server(plain);
	trace_feed_str(&t, GET "\r\n");
	trace_respond(&t, 1, 103, BODY_NONE, 0, false);
	assert_string_equal(trace_output(&t),
	    "HTTP/1.1 103 Early Hints\r\n\r\n");
	expect_state(CODEC_BUSY);
	trace_release(&t);
	as_server(plain);
	trace_feed_str(&t, OLD "\r\n");
	trace_respond(&t, 1, 100, BODY_NONE, 0, false);
	assert_string_equal(trace_output(&t), "");
	trace_release(&t);
}

static void
an_early_response_closes_the_link(void **state)
{
	(void)state;
	as_server(plain);
	trace_feed_str(&t, "POST / HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: 5\r\n\r\nhe");
	trace_respond(&t, 1, 401, BODY_LENGTH, 2, false);
	expect_state(CODEC_BUSY);
	trace_body(&t, 1, "no", true);
	assert_string_equal(trace_output(&t), "HTTP/1.1 401 Unauthorized\r\n"
	    "Content-Length: 2\r\nConnection: close\r\n\r\nno");
	expect_state(CODEC_DONE);
	trace_take(&t);
	trace_feed_str(&t, "lloGET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_events("");
	trace_release(&t);
}

/* Answers within the event, as an owner may. */
static void
answer_early(struct trace *trace, stream_id s, const struct head *h,
    struct text body, bool end)
{
	(void)body;
	if (h == NULL || end)
		return;
	trace_respond(trace, s, 413, BODY_NONE, 0, true);
}

static void
a_response_from_within_the_head_event_stops_the_body(void **state)
{
	(void)state;
	as_server(plain);
	t.then = answer_early;
	trace_feed_str(&t, "POST / HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: 5\r\n\r\nhello" GET "\r\n");
	expect_events("1 POST / HTTP/11 at h, length 5\n Host: h\n"
	    " Content-Length: 5\n");
	expect_state(CODEC_DONE);
	assert_int_equal(codec_held(t.codec), 0);
	trace_release(&t);
}

static void
a_cut_response_never_looks_complete(void **state)
{
	(void)state;
	as_server(plain);
	trace_feed_str(&t, GET "\r\n");
	trace_respond(&t, 1, 200, BODY_STREAM, 0, false);
	trace_body(&t, 1, "x", false);
	codec_reset(t.codec, 1, CODEC_CANCEL);
	expect_state(CODEC_DONE);
	assert_null(strstr(trace_output(&t), "\r\n0\r\n"));
	trace_body(&t, 1, "y", true);
	assert_string_equal(trace_output(&t), "");
	trace_release(&t);

	/* A close would complete it, so it must not be closed cleanly. */
	as_server(plain);
	trace_feed_str(&t, OLD "\r\n");
	trace_respond(&t, 1, 200, BODY_STREAM, 0, false);
	trace_body(&t, 1, "x", false);
	codec_reset(t.codec, 1, CODEC_CANCEL);
	expect_state(CODEC_BROKEN);
	assert_string_equal(trace_output(&t), "");
	trace_release(&t);
}

static void
a_body_of_the_wrong_length_is_cut(void **state)
{
	(void)state;
	as_server(plain);
	trace_feed_str(&t, GET "\r\n");
	trace_respond(&t, 1, 200, BODY_LENGTH, 3, false);
	trace_body(&t, 1, "ab", true);
	expect_state(CODEC_DONE);
	trace_release(&t);
	as_server(plain);
	trace_feed_str(&t, GET "\r\n");
	trace_respond(&t, 1, 200, BODY_LENGTH, 3, false);
	trace_body(&t, 1, "abcd", true);
	assert_string_equal(trace_output(&t) + 17,
	    "Content-Length: 3\r\n\r\nabc");
	expect_state(CODEC_IDLE);
	trace_release(&t);
}

static void
a_half_closed_client_gets_all_its_responses(void **state)
{
	(void)state;
	as_server(answering);
	t.habits.answer = false;
	trace_feed_str(&t, GET "\r\n" GET "\r\n");
	trace_eof(&t, true);
	expect_state(CODEC_BUSY);
	trace_respond(&t, 1, 200, BODY_NONE, 0, true);
	assert_null(strstr(trace_output(&t), "close"));
	trace_settle(&t);
	assert_int_equal(t.n_requests, 2);
	trace_respond(&t, 2, 200, BODY_NONE, 0, true);
	assert_non_null(strstr(trace_output(&t), "close"));
	expect_state(CODEC_DONE);
	trace_release(&t);
}

static void
an_end_within_a_request_is_told(void **state)
{
	(void)state;
	as_server(plain);
	trace_eof(&t, true);
	expect_events("");
	expect_state(CODEC_DONE);
	trace_release(&t);
	as_server(plain);
	trace_feed_str(&t, "GET /");
	trace_eof(&t, true);
	expect_events("1 reset truncated\n");
	expect_state(CODEC_DONE);
	trace_release(&t);
	as_server(plain);
	t.habits.credit = 0;
	trace_feed_str(&t, "POST / HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: 5\r\n\r\nhe");
	trace_eof(&t, true);
	trace_take(&t);
	assert_false(codec_has_events(t.codec));
	trace_credit(&t, 1, 9);
	assert_true(codec_has_events(t.codec));
	trace_settle(&t);
	expect_events("1 data he\n1 reset truncated\n");
	trace_release(&t);
}

static void
a_client_that_does_not_read_gets_no_more_answers(void **state)
{
	struct codec_limits limits = codec_limits_default;
	unsigned asked = 0;

	(void)state;
	limits.room = 1600;
	trace_init(&t, h1_codec_new, CODEC_SERVER, answering, &limits);
	for (; codec_wants_input(t.codec); asked += 2)
		trace_feed_str(&t, GET "\r\n" GET "\r\n");
	assert_int_equal(t.n_requests, 3);
	assert_int_equal(asked, 4);
	trace_eof(&t, true);
	assert_null(strstr(trace_take(&t), "reset"));
	trace_output(&t);
	assert_true(codec_has_events(t.codec));
	trace_settle(&t);
	assert_int_equal(t.n_requests, 4);
	expect_state(CODEC_DONE);
	trace_release(&t);
}

static void
drain_says_close_with_the_next_response(void **state)
{
	(void)state;
	as_server(plain);
	trace_feed_str(&t, GET "\r\n");
	codec_drain(t.codec);
	trace_respond(&t, 1, 200, BODY_NONE, 0, true);
	assert_non_null(strstr(trace_output(&t), "Connection: close\r\n"));
	expect_state(CODEC_DONE);
	trace_release(&t);
}

/* -- as client -- */

static void
requests_are_written_from_their_parts(void **state)
{
	struct fields list = { .v = NULL };
	struct head h = {
		.kind = HEAD_REQUEST, .method = TEXT("POST"),
		.target = TEXT("/a?b"), .authority = TEXT("u.example"),
		.framing = BODY_LENGTH, .length = 2
	};
	stream_id s;

	(void)state;
	trace_init(&t, h1_codec_new, CODEC_CLIENT, plain, NULL);
	fields_add(&list, FIELD_HOST, TEXT("host"), TEXT("local"));
	fields_add(&list, FIELD_OTHER, TEXT("X"), TEXT("y"));
	fields_add(&list, FIELD_CONTENT_LENGTH, TEXT("Content-length"),
	    TEXT("9"));
	h.fields = list;
	s = trace_open(&t);
	codec_send_head(t.codec, s, &h, false);
	trace_body(&t, s, "ok", true);
	assert_string_equal(trace_output(&t), "POST /a?b HTTP/1.1\r\n"
	    "Host: u.example\r\nX: y\r\nContent-Length: 2\r\n\r\nok");
	fields_release(&list);
	trace_release(&t);
}

static void
what_was_sent_of_a_sensitive_field_is_overwritten(void **state)
{
	static const struct field key = {
		.id = FIELD_AUTHORIZATION, .name = { "Authorization", 13 },
		.value = { "ApiKey SECRET", 13 },
		.sensitive = true,
	};
	struct head h = {
		.kind = HEAD_REQUEST, .method = TEXT("POST"),
		.target = TEXT("/"), .authority = TEXT("h"),
		.framing = BODY_STREAM,
		.fields = { .v = (struct field[]){ key }, .n = 1, .cap = 1 }
	};
	struct text out;

	(void)state;
	trace_init(&t, h1_codec_new, CODEC_CLIENT, plain, NULL);
	codec_send_head(t.codec, trace_open(&t), &h, false);
	trace_body(&t, 1, "a body that stays for a while", false);
	out = codec_output(t.codec);
	assert_true(text_contains(out, TEXT("SECRET")));
	codec_output_done(t.codec, 70);
	codec_output_done(t.codec, 40);
	assert_int_equal(codec_output(t.codec).p - out.p, 110);
	assert_false(text_contains(out, TEXT("SECRET")));
	assert_true(text_contains(out, TEXT("stays")));
	trace_release(&t);
}

static void
request_bodies_are_framed_as_told(void **state)
{
	static const struct {
		enum body_framing framing;
		const char *body, *want;
	} cases[] = {
		{ BODY_NONE, NULL, "\r\n" },
		{ BODY_LENGTH, NULL, "Content-Length: 0\r\n\r\n" },
		{ BODY_STREAM, "hello",
		  "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
		  "0\r\n\r\n" },
	};
	const char *start = "POST /x HTTP/1.1\r\nHost: h\r\n";

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		trace_init(&t, h1_codec_new, CODEC_CLIENT, plain, NULL);
		trace_request(&t, trace_open(&t), "POST", "/x",
		    cases[i].framing, 0, cases[i].body == NULL);
		if (cases[i].body != NULL)
			trace_body(&t, 1, cases[i].body, true);
		assert_string_equal(trace_output(&t) + strlen(start),
		    cases[i].want);
		trace_release(&t);
	}
}

static void
a_response_by_length_leaves_the_link_reusable(void **state)
{
	(void)state;
	as_client("GET");
	trace_feed_str(&t, "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok");
	expect_events("1 HTTP/11 200, length 2\n Content-Length: 2\n"
	    "1 data ok\n1 end\n");
	expect_state(CODEC_IDLE);
	assert_int_equal(trace_open(&t), 2);
	trace_release(&t);
}

static void
note_state_at_end(struct trace *trace, stream_id s, const struct head *h,
    struct text body, bool end)
{
	enum codec_state *at_end = trace->arg;

	(void)s, (void)h, (void)body;
	if (end)
		*at_end = codec_state(trace->codec);
}

/* The pieces meet in the codec: what it holds is not what came too late. */
static void
the_end_of_a_response_in_pieces_finds_the_link_idle(void **state)
{
	static const char *const cases[][2] = {
		{ "HTTP/1.1 204 No Con", "tent\r\n\r\n" },
		{ "HTTP/1.1 200\r\nContent-Length: 2\r\n", "\r\nok" },
		{ "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n"
		  "2\r\nok\r\n0\r", "\n\r\n" },
		{ "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n"
		  "2\r\nok\r\n0\r\nA: b", "\r\n\r\n" },
	};
	enum codec_state at_end;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		as_client("GET");
		at_end = CODEC_BROKEN;
		t.then = note_state_at_end;
		t.arg = &at_end;
		trace_feed_str(&t, cases[i][0]);
		trace_feed_str(&t, cases[i][1]);
		assert_int_equal(t.n_ends, 1);
		assert_int_equal(at_end, CODEC_IDLE);
		expect_state(CODEC_IDLE);
		trace_release(&t);
	}
}

/* As fixed widths for sizes make it; a request may not. */
static void
blanks_behind_the_chunk_sizes_of_a_response_are_dropped(void **state)
{
	(void)state;
	as_client("GET");
	trace_feed_str(&t, "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "2   \r\nok\r\n0 \t\r\n\r\n");
	assert_int_equal(t.n_ends, 1);
	assert_non_null(strstr(trace_take(&t), "1 data ok\n1 end\n"));
	expect_state(CODEC_IDLE);
	trace_release(&t);
	as_server((struct trace_habits){ .credit = 1000 });
	trace_feed_str(&t, "POST / HTTP/1.1\r\nHost: h\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n2   \r\nok\r\n0\r\n\r\n");
	assert_int_equal(t.n_ends, 0);
	assert_non_null(strstr(trace_take(&t), "1 reset bad-message\n"));
	trace_release(&t);
}

static void
some_responses_leave_the_link_of_no_use(void **state)
{
	static const char *const cases[] = {
		"HTTP/1.1 204 No Content\r\n\r\nx",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
		"HTTP/1.1 204 x\r\nConnection: close\r\n\r\n",
		"HTTP/1.1 204 x\r\nConnection: a\r\nconnection: b,CLOSE\r\n"
		"\r\n",
		"HTTP/1.0 200 x\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n"
		"0\r\n\r\nHTTP/1.1 200",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		as_client("GET");
		trace_feed_str(&t, cases[i]);
		assert_int_equal(t.n_ends, 1);
		assert_null(strstr(trace_take(&t), "reset"));
		expect_state(CODEC_DONE);
		assert_int_equal(trace_open(&t), STREAM_NONE);
		assert_int_equal(codec_held(t.codec), 0);
		trace_release(&t);
	}
	as_client("GET");
	trace_feed_str(&t, "HTTP/1.0 204 x\r\nConnection: Keep-Alive\r\n\r\n");
	expect_state(CODEC_IDLE);
	trace_feed_str(&t, "x");
	expect_state(CODEC_DONE);
	trace_release(&t);
}

static void
a_body_until_close_needs_a_clean_end(void **state)
{
	(void)state;
	as_client("GET");
	trace_feed_str(&t, "HTTP/1.1 200 OK\r\n\r\nall");
	trace_eof(&t, true);
	expect_events("1 HTTP/11 200, until close\n1 data all\n1 end\n");
	expect_state(CODEC_DONE);
	trace_release(&t);
	as_client("GET");
	trace_feed_str(&t, "HTTP/1.1 200 OK\r\n\r\nall");
	trace_eof(&t, false);
	expect_events("1 HTTP/11 200, until close\n1 data all\n"
	    "1 reset truncated\n");
	expect_state(CODEC_BROKEN);
	trace_release(&t);
}

static void
an_end_waits_for_the_body_before_it(void **state)
{
	(void)state;
	as_client("GET");
	t.habits.credit = 0;
	trace_feed_str(&t, "HTTP/1.1 200 OK\r\n\r\nall");
	trace_eof(&t, true);
	expect_events("1 HTTP/11 200, until close\n");
	assert_int_equal(codec_held(t.codec), 3);
	trace_credit(&t, 1, 2);
	trace_settle(&t);
	expect_events("1 data al\n");
	trace_credit(&t, 1, 2);
	trace_settle(&t);
	expect_events("1 data l\n1 end\n");
	trace_release(&t);
}

static void
a_response_to_head_and_304_have_no_body(void **state)
{
	(void)state;
	as_client("HEAD");
	trace_feed_str(&t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
	expect_events("1 HTTP/11 200, length 9\n Content-Length: 9\n1 end\n");
	expect_state(CODEC_IDLE);
	trace_release(&t);
	as_client("GET");
	trace_feed_str(&t, "HTTP/1.1 304\r\nTransfer-Encoding: chunked\r\n\r\n");
	assert_int_equal(t.n_ends, 1);
	expect_state(CODEC_IDLE);
	trace_release(&t);
}

static void
interim_responses_are_bounded(void **state)
{
	struct codec_limits limits = codec_limits_default;

	(void)state;
	limits.interim = 2;
	trace_init(&t, h1_codec_new, CODEC_CLIENT, plain, &limits);
	trace_request(&t, trace_open(&t), "GET", "/", BODY_NONE, 0, true);
	trace_output(&t);
	trace_feed_str(&t, "HTTP/1.1 100 x\r\n\r\nHTTP/1.1 103\r\nA: b\r\n\r\n"
	    "HTTP/1.1 102\r\n\r\n");
	expect_events("1 interim 100\n1 interim 103\n A: b\n"
	    "1 reset too-many-interim\n");
	expect_state(CODEC_BROKEN);
	trace_release(&t);
}

static void
a_response_before_its_request_is_unexpected(void **state)
{
	(void)state;
	trace_init(&t, h1_codec_new, CODEC_CLIENT, plain, NULL);
	trace_open(&t);
	trace_feed_str(&t, "HTTP/1.1 204 x\r\n\r\n");
	expect_events("1 reset unexpected\n");
	expect_state(CODEC_BROKEN);
	trace_release(&t);
}

static void
a_response_before_all_of_its_head_has_left_is_unexpected(void **state)
{
	(void)state;
	trace_init(&t, h1_codec_new, CODEC_CLIENT, plain, NULL);
	trace_request(&t, trace_open(&t), "GET", "/", BODY_NONE, 0, true);
	codec_output_done(t.codec, codec_output(t.codec).n - 1);
	trace_feed_str(&t, "HTTP/1.1 204 x\r\n\r\n");
	expect_events("1 reset unexpected\n");
	expect_state(CODEC_BROKEN);
	trace_release(&t);
}

static void
a_response_before_the_last_byte_has_left_ends_the_link(void **state)
{
	(void)state;
	trace_init(&t, h1_codec_new, CODEC_CLIENT, plain, NULL);
	trace_request(&t, trace_open(&t), "PUT", "/", BODY_LENGTH, 2,
	    false);
	trace_body(&t, 1, "ab", true);
	codec_output_done(t.codec, codec_output(t.codec).n - 1);
	trace_feed_str(&t, "HTTP/1.1 204 x\r\n\r\n");
	assert_int_equal(t.n_ends, 1);
	expect_state(CODEC_DONE);
	trace_release(&t);
}

static void
a_response_before_the_end_of_its_request_ends_the_link(void **state)
{
	(void)state;
	trace_init(&t, h1_codec_new, CODEC_CLIENT, plain, NULL);
	trace_request(&t, trace_open(&t), "PUT", "/", BODY_STREAM, 0,
	    false);
	trace_output(&t);
	trace_feed_str(&t, "HTTP/1.1 401 x\r\nContent-Length: 2\r\n\r\n");
	expect_state(CODEC_BUSY);
	trace_feed_str(&t, "no");
	assert_int_equal(t.n_ends, 1);
	expect_state(CODEC_DONE);
	trace_output(&t);
	trace_body(&t, 1, "more", true);
	assert_string_equal(trace_output(&t), "");
	trace_release(&t);
}

static void
a_cancelled_stream_leaves_nothing_to_write(void **state)
{
	(void)state;
	trace_init(&t, h1_codec_new, CODEC_CLIENT, plain, NULL);
	codec_reset(t.codec, trace_open(&t), CODEC_CANCEL);
	expect_state(CODEC_IDLE);
	trace_request(&t, trace_open(&t), "PUT", "/", BODY_STREAM, 0,
	    false);
	codec_reset(t.codec, 2, CODEC_CANCEL);
	expect_state(CODEC_BROKEN);
	assert_string_equal(trace_output(&t), "");
	trace_release(&t);
}

/* -- both -- */

/* Byte strings, and the lines that come of them however they are cut. */
static void
check_splits(enum codec_role role, const char *s)
{
	static char want[4096];
	size_t n = strlen(s);

	for (size_t cut = 0; cut <= n; cut++) {
		trace_init(&t, h1_codec_new, role, answering, NULL);
		if (role == CODEC_CLIENT)
			trace_request(&t, trace_open(&t), "GET", "/",
			    BODY_NONE, 0, true);
		trace_feed(&t, s, cut);
		trace_feed(&t, s + cut, n - cut);
		if (cut == 0)
			strcpy(want, trace_take(&t));
		else
			expect_events(want);
		trace_release(&t);
	}
}

static void
every_cut_gives_the_same_events(void **state)
{
	(void)state;
	check_splits(CODEC_SERVER, "\r\nPOST /a?b HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: 5\r\nA:  b\t\r\n\r\nhello\r\n"
	    "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "3;a=\"\\\"\"\r\nabc\r\n01 ; b\r\nd\r\n0\r\nT: u\r\n\r\n"
	    "GET http://h/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
	    "GET / HTTP/1.1\r\nHost: h\r\n b\r\n\r\n");
	check_splits(CODEC_CLIENT, "HTTP/1.1 100 Continue\r\n\r\n"
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "a\r\n0123456789\r\n0\r\nA: b\r\nC:d\r\n\r\n");
	check_splits(CODEC_CLIENT,
	    "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc");
	check_splits(CODEC_CLIENT, "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n");
}

static void
an_idle_codec_holds_nothing(void **state)
{
	size_t held;

	(void)state;
	as_server(answering);
	held = codec_held(t.codec);
	assert_int_equal(held, 0);
	for (int i = 0; i < 3; i++) {
		trace_feed_str(&t, "GET / HT");
		assert_int_equal(codec_held(t.codec), 8);
		trace_feed_str(&t, "TP/1.1\r\nHost: h\r\n\r\n");
		trace_output(&t);
		assert_int_equal(codec_held(t.codec), 0);
		expect_state(CODEC_IDLE);
	}
	trace_release(&t);
}

static void
a_request_that_is_not_read_can_be_answered(void **state)
{
	static const uint8_t body[] = "{}";
	struct head head = {
		.kind = HEAD_RESPONSE, .version = 11, .status = 503,
		.framing = BODY_LENGTH, .length = 2,
	};
	struct buf out;

	(void)state;
	buf_init(&out, NULL);
	fields_add(&head.fields, FIELD_OTHER, TEXT("Retry-After"), TEXT("1"));
	h1_answer_unread(&out, &head, body, 2);
	assert_true(text_eq(buf_text(&out), TEXT(
	    "HTTP/1.1 503 Service Unavailable\r\n"
	    "Retry-After: 1\r\n"
	    "Content-Length: 2\r\n"
	    "Connection: close\r\n\r\n{}")));
	fields_release(&head.fields);
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_that_is_not_read_can_be_answered),
		cmocka_unit_test(a_request_without_body_is_one_head),
		cmocka_unit_test(bodies_by_length_and_in_chunks_arrive),
		cmocka_unit_test(the_next_request_waits_for_the_response),
		cmocka_unit_test(the_tolerated_empty_line_is_one),
		cmocka_unit_test(
		    a_refused_head_can_be_answered_and_ends_the_link),
		cmocka_unit_test(
		    a_broken_chunk_ends_the_stream_and_can_be_answered),
		cmocka_unit_test(each_limit_has_its_own_error),
		cmocka_unit_test(a_head_that_comes_too_slowly_can_be_refused),
		cmocka_unit_test(what_was_read_of_a_refused_head_is_told),
		cmocka_unit_test(a_head_request_that_is_refused_gets_no_body),
		cmocka_unit_test(responses_are_framed_for_their_request),
		cmocka_unit_test(fields_that_frame_are_ours_alone),
		cmocka_unit_test(interim_responses_go_to_1_1_only),
		cmocka_unit_test(an_early_response_closes_the_link),
		cmocka_unit_test(
		    a_response_from_within_the_head_event_stops_the_body),
		cmocka_unit_test(a_cut_response_never_looks_complete),
		cmocka_unit_test(a_body_of_the_wrong_length_is_cut),
		cmocka_unit_test(a_half_closed_client_gets_all_its_responses),
		cmocka_unit_test(an_end_within_a_request_is_told),
		cmocka_unit_test(
		    a_client_that_does_not_read_gets_no_more_answers),
		cmocka_unit_test(drain_says_close_with_the_next_response),
		cmocka_unit_test(requests_are_written_from_their_parts),
		cmocka_unit_test(
		    what_was_sent_of_a_sensitive_field_is_overwritten),
		cmocka_unit_test(request_bodies_are_framed_as_told),
		cmocka_unit_test(a_response_by_length_leaves_the_link_reusable),
		cmocka_unit_test(
		    the_end_of_a_response_in_pieces_finds_the_link_idle),
		cmocka_unit_test(
		    blanks_behind_the_chunk_sizes_of_a_response_are_dropped),
		cmocka_unit_test(some_responses_leave_the_link_of_no_use),
		cmocka_unit_test(a_body_until_close_needs_a_clean_end),
		cmocka_unit_test(an_end_waits_for_the_body_before_it),
		cmocka_unit_test(a_response_to_head_and_304_have_no_body),
		cmocka_unit_test(interim_responses_are_bounded),
		cmocka_unit_test(a_response_before_its_request_is_unexpected),
		cmocka_unit_test(
		    a_response_before_all_of_its_head_has_left_is_unexpected),
		cmocka_unit_test(
		    a_response_before_the_last_byte_has_left_ends_the_link),
		cmocka_unit_test(
		    a_response_before_the_end_of_its_request_ends_the_link),
		cmocka_unit_test(a_cancelled_stream_leaves_nothing_to_write),
		cmocka_unit_test(every_cut_gives_the_same_events),
		cmocka_unit_test(an_idle_codec_holds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
