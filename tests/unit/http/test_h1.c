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
	s = codec_open(t.codec);
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

/* -- as client -- */

static void
a_response_by_length_leaves_the_link_reusable(void **state)
{
	(void)state;
	as_client("GET");
	trace_feed_str(&t, "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok");
	expect_events("1 HTTP/11 200, length 2\n Content-Length: 2\n"
	    "1 data ok\n1 end\n");
	expect_state(CODEC_IDLE);
	assert_int_equal(codec_open(t.codec), 2);
	trace_release(&t);
}

static void
bytes_behind_a_response_make_the_link_useless(void **state)
{
	(void)state;
	as_client("GET");
	trace_feed_str(&t, "HTTP/1.1 204 No Content\r\n\r\nx");
	expect_events("1 HTTP/11 204, no body\n1 end\n");
	expect_state(CODEC_DONE);
	assert_int_equal(codec_open(t.codec), STREAM_NONE);
	trace_release(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_without_body_is_one_head),
		cmocka_unit_test(bodies_by_length_and_in_chunks_arrive),
		cmocka_unit_test(the_next_request_waits_for_the_response),
		cmocka_unit_test(a_response_by_length_leaves_the_link_reusable),
		cmocka_unit_test(bytes_behind_a_response_make_the_link_useless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
