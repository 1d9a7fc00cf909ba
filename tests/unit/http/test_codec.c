/*
 * The contract of codec.h.  A case joins a client and a server codec of one
 * protocol by their bytes and looks at what either tells; every case runs
 * with every protocol.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trace.h"

static const struct protocol {
	const char *name;
	codec_new_fn *make;
} protocols[] = {
	{ "HTTP/1.1", h1_codec_new },
};

static const struct protocol *protocol;
static struct trace client, server;

static void
start(size_t credit)
{
	const struct trace_habits habits = { .credit = credit };

	trace_init(&client, protocol->make, CODEC_CLIENT, habits, NULL);
	trace_init(&server, protocol->make, CODEC_SERVER, habits, NULL);
	client.habits.plain = server.habits.plain = true;
}

static void
stop(void)
{
	trace_release(&client);
	trace_release(&server);
}

/* Moves bytes, at most n at a time; true where there were some. */
static bool
move(struct trace *from, struct trace *to, size_t n)
{
	struct text out = codec_output(from->codec);

	if (out.n == 0 || !codec_wants_input(to->codec))
		return false;
	if (out.n < n)
		n = out.n;
	trace_feed(to, out.p, n);
	codec_output_done(from->codec, n);
	trace_settle(from);
	return true;
}

static void
pump_by(size_t n)
{
	bool client_moved, server_moved;

	do {
		client_moved = move(&client, &server, n);
		server_moved = move(&server, &client, n);
	} while (client_moved || server_moved);
}

static void
pump(void)
{
	pump_by(1 << 20);
}

static stream_id
ask(const char *method, enum body_framing framing, uint64_t length, bool end)
{
	stream_id s = trace_open(&client);

	assert_int_not_equal(s, STREAM_NONE);
	trace_request(&client, s, method, "/x", framing, length, end);
	return s;
}

static void
expect(struct trace *t, const char *want)
{
	assert_string_equal(trace_take(t), want);
}

static void
exchanges_follow_each_other_on_a_link(void **state)
{
	stream_id last = STREAM_NONE, s;

	(void)state;
	start(1 << 20);
	for (int i = 0; i < 5; i++) {
		s = ask("GET", BODY_NONE, 0, true);
		assert_int_not_equal(s, last);
		last = s;
		pump();
		expect(&server, "GET /x h\nend\n");
		trace_respond(&server, server.last, 200, BODY_LENGTH, 2, false);
		trace_body(&server, server.last, "ok", true);
		pump();
		expect(&client, "200\ndata ok\nend\n");
		assert_int_equal(codec_state(client.codec), CODEC_IDLE);
		assert_int_equal(codec_state(server.codec), CODEC_IDLE);
	}
	stop();
}

static void
bodies_of_both_framings_go_both_ways(void **state)
{
	(void)state;
	start(1 << 20);
	for (size_t by = 1; by < 30; by++) {
		stream_id s = ask("POST", by % 2 ? BODY_STREAM : BODY_LENGTH,
		    10, false);

		trace_body(&client, s, "hello", false);
		pump_by(by);
		trace_body(&client, s, "world", true);
		pump_by(by);
		expect(&server, "POST /x h\ndata helloworld\nend\n");
		trace_respond(&server, server.last, 201, by % 3 ? BODY_STREAM :
		    BODY_LENGTH, 4, false);
		trace_body(&server, server.last, "ab", false);
		pump_by(by);
		trace_body(&server, server.last, "cd", false);
		trace_body(&server, server.last, "", by % 3 != 0);
		if (by % 3 == 0)
			trace_body(&server, server.last, "", true);
		pump_by(by);
		expect(&client, "201\ndata abcd\nend\n");
	}
	stop();
}

static void
an_empty_stream_is_complete(void **state)
{
	stream_id s;

	(void)state;
	start(1);
	s = ask("POST", BODY_STREAM, 0, false);
	trace_body(&client, s, "", true);
	pump();
	expect(&server, "POST /x h\nend\n");
	trace_respond(&server, server.last, 200, BODY_STREAM, 0, true);
	pump();
	expect(&client, "200\nend\n");
	stop();
}

static void
no_more_body_comes_than_there_is_credit_for(void **state)
{
	stream_id s;

	(void)state;
	start(0);
	s = ask("POST", BODY_LENGTH, 6, false);
	trace_body(&client, s, "abcdef", true);
	pump();
	expect(&server, "POST /x h\n");
	assert_false(codec_has_events(server.codec));
	trace_credit(&server, server.last, 2);
	trace_settle(&server);
	pump();
	expect(&server, "data ab\n");
	trace_credit(&server, server.last, 3);
	trace_settle(&server);
	pump();
	expect(&server, "data cde\n");
	trace_credit(&server, server.last, 9);
	trace_settle(&server);
	pump();
	expect(&server, "data f\nend\n");
	trace_respond(&server, server.last, 200, BODY_STREAM, 0, false);
	trace_body(&server, server.last, "xyz", true);
	pump();
	expect(&client, "200\n");
	trace_credit(&client, s, 2);
	trace_settle(&client);
	pump();
	expect(&client, "data xy\n");
	trace_credit(&client, s, 1);
	trace_settle(&client);
	pump();
	expect(&client, "data z\nend\n");
	stop();
}

static void
interim_responses_come_before_the_final_one(void **state)
{
	(void)state;
	start(1 << 20);
	ask("GET", BODY_NONE, 0, true);
	pump();
	trace_respond(&server, server.last, 100, BODY_NONE, 0, false);
	trace_respond(&server, server.last, 103, BODY_NONE, 0, false);
	trace_respond(&server, server.last, 204, BODY_NONE, 0, true);
	pump();
	expect(&client, "100\n103\n204\nend\n");
	stop();
}

static void
trailers_of_a_response_arrive(void **state)
{
	struct fields list = { .v = NULL };
	struct head h = { .kind = HEAD_TRAILERS };

	(void)state;
	start(1 << 20);
	ask("GET", BODY_NONE, 0, true);
	pump();
	trace_respond(&server, server.last, 200, BODY_STREAM, 0, false);
	trace_body(&server, server.last, "a", false);
	fields_add(&list, FIELD_OTHER, TEXT("x-sum"), TEXT("1"));
	h.fields = list;
	codec_send_head(server.codec, server.last, &h, true);
	fields_release(&list);
	pump();
	expect(&client, "200\ndata a\n x-sum: 1\nend\n");
	assert_int_equal(codec_state(client.codec), CODEC_IDLE);
	stop();
}

static void
a_response_without_body_is_over_with_its_head(void **state)
{
	static const struct {
		const char *method;
		unsigned status;
	} cases[] = { { "HEAD", 200 }, { "GET", 204 }, { "GET", 304 } };

	(void)state;
	start(1 << 20);
	for (size_t i = 0; i < 3; i++) {
		ask(cases[i].method, BODY_NONE, 0, true);
		pump();
		trace_respond(&server, server.last, cases[i].status,
		    cases[i].status == 204 ? BODY_NONE : BODY_LENGTH, 955,
		    true);
		pump();
		assert_int_equal(client.n_ends, i + 1);
		assert_null(strstr(trace_take(&client), "data"));
		assert_int_equal(codec_state(client.codec), CODEC_IDLE);
		assert_int_equal(codec_state(server.codec), CODEC_IDLE);
	}
	stop();
}

static void
room_runs_out_and_is_told_when_it_is_back(void **state)
{
	static char much[100000];

	(void)state;
	start(1 << 20);
	server.habits.plain = false;
	ask("GET", BODY_NONE, 0, true);
	pump();
	trace_take(&server);
	assert_int_equal(codec_room(server.codec, server.last), 0);
	trace_respond(&server, server.last, 200, BODY_STREAM, 0, false);
	assert_int_not_equal(codec_room(server.codec, server.last), 0);
	memset(much, 'x', sizeof(much) - 1);
	trace_body(&server, server.last, much, false);
	assert_int_equal(codec_room(server.codec, server.last), 0);
	trace_settle(&server);
	assert_int_equal(buf_len(&server.text), 0);
	pump();
	assert_non_null(strstr(trace_take(&server), "room\n"));
	assert_int_not_equal(codec_room(server.codec, server.last), 0);
	trace_settle(&server);
	expect(&server, "");
	stop();
}

static void
a_reset_response_is_never_complete(void **state)
{
	static const enum body_framing framings[] = {
		BODY_LENGTH, BODY_STREAM
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		start(1 << 20);
		client.habits.plain = false;
		ask("GET", BODY_NONE, 0, true);
		pump();
		trace_respond(&server, server.last, 200, framings[i], 9, false);
		trace_body(&server, server.last, "half", false);
		codec_reset(server.codec, server.last, CODEC_CANCEL);
		trace_body(&server, server.last, "rest!", true);
		pump();
		trace_eof(&client, codec_state(server.codec) == CODEC_DONE);
		assert_int_equal(client.n_ends, 0);
		assert_non_null(strstr(trace_take(&client), "reset"));
		stop();
	}
}

static void
a_cancelled_request_is_never_complete(void **state)
{
	stream_id s;

	(void)state;
	start(1 << 20);
	server.habits.plain = false;
	s = ask("POST", BODY_STREAM, 0, false);
	trace_body(&client, s, "half", false);
	pump();
	codec_reset(client.codec, s, CODEC_CANCEL);
	pump();
	if (codec_state(client.codec) != CODEC_IDLE)
		trace_eof(&server, false);
	assert_int_equal(server.n_ends, 0);
	assert_non_null(strstr(trace_take(&server), "reset"));
	expect(&client, "");
	stop();
}

static void
the_end_of_the_link_within_a_response_is_told(void **state)
{
	(void)state;
	start(1 << 20);
	client.habits.plain = false;
	ask("GET", BODY_NONE, 0, true);
	pump();
	trace_respond(&server, server.last, 200, BODY_LENGTH, 9, false);
	trace_body(&server, server.last, "half", false);
	pump();
	trace_eof(&client, true);
	assert_int_equal(client.n_ends, 0);
	assert_non_null(strstr(trace_take(&client), "reset truncated"));
	assert_int_equal(trace_open(&client), STREAM_NONE);
	stop();
}

static void
an_early_response_is_delivered(void **state)
{
	stream_id s;

	(void)state;
	start(1 << 20);
	s = ask("POST", BODY_STREAM, 0, false);
	trace_body(&client, s, "part", false);
	pump();
	trace_respond(&server, server.last, 413, BODY_LENGTH, 2, false);
	trace_body(&server, server.last, "no", true);
	pump();
	expect(&client, "413\ndata no\nend\n");
	assert_int_equal(client.n_ends, 1);
	stop();
}

static void
calls_about_a_stream_that_is_over_are_ignored(void **state)
{
	stream_id s;

	(void)state;
	start(1 << 20);
	s = ask("GET", BODY_NONE, 0, true);
	pump();
	trace_respond(&server, server.last, 204, BODY_NONE, 0, true);
	pump();
	trace_body(&client, s, "x", true);
	trace_body(&server, server.last, "x", true);
	trace_respond(&server, server.last, 200, BODY_NONE, 0, true);
	codec_credit(client.codec, s, 5);
	codec_reset(client.codec, s, CODEC_CANCEL);
	codec_reset(server.codec, server.last, CODEC_CANCEL);
	assert_int_equal(codec_room(client.codec, s), 0);
	assert_int_equal(codec_output(client.codec).n, 0);
	assert_int_equal(codec_output(server.codec).n, 0);
	assert_int_equal(codec_state(client.codec), CODEC_IDLE);
	assert_int_equal(codec_state(server.codec), CODEC_IDLE);
	stop();
}

static void
a_drained_client_opens_no_stream(void **state)
{
	(void)state;
	start(1 << 20);
	ask("GET", BODY_NONE, 0, true);
	codec_drain(client.codec);
	pump();
	trace_respond(&server, server.last, 204, BODY_NONE, 0, true);
	pump();
	assert_int_equal(client.n_ends, 1);
	assert_int_equal(trace_open(&client), STREAM_NONE);
	stop();
}

static void
idle_codecs_hold_no_input(void **state)
{
	(void)state;
	start(1 << 20);
	ask("GET", BODY_NONE, 0, true);
	pump_by(3);
	trace_respond(&server, server.last, 200, BODY_STREAM, 0, false);
	trace_body(&server, server.last, "ok", true);
	pump_by(3);
	assert_int_equal(codec_held(client.codec), 0);
	assert_int_equal(codec_held(server.codec), 0);
	assert_true(codec_wants_input(client.codec));
	assert_true(codec_wants_input(server.codec));
	assert_false(codec_has_events(client.codec));
	assert_false(codec_has_events(server.codec));
	stop();
}

/* However the output is cut, and whatever frames the body. */
static void
what_has_left_of_a_response_is_told(void **state)
{
	(void)state;
	for (size_t by = 1; by < 40; by++) {
		bool chunked = by % 2 != 0;

		start(1 << 20);
		ask("GET", BODY_NONE, 0, true);
		pump();
		trace_respond(&server, server.last, 200, chunked ? BODY_STREAM :
		    BODY_LENGTH, 10, false);
		trace_body(&server, server.last, "hello", false);
		assert_int_equal(server.n_sent, 0);
		while (move(&server, &client, by)) {
			assert_true(server.n_sent >= client.n_data);
			assert_true(server.n_sent <= client.n_data + 5);
		}
		assert_int_equal(server.n_sent, 5);
		trace_body(&server, server.last, "world", true);
		while (move(&server, &client, by))
			assert_int_equal(server.n_closed,
			    codec_output(server.codec).n == 0);
		assert_int_equal(server.n_sent, 10);
		expect(&client, "200\ndata helloworld\nend\n");
		stop();
	}
}

static void
what_a_request_sends_is_told_to_it(void **state)
{
	stream_id s;

	(void)state;
	start(1 << 20);
	client.habits.sent = true;
	s = ask("POST", BODY_LENGTH, 7, false);
	pump();
	trace_body(&client, s, "abc", false);
	pump();
	trace_body(&client, s, "defg", true);
	pump();
	expect(&client, "sent 0\nsent 3\nsent 4\n");
	trace_respond(&server, server.last, 204, BODY_NONE, 0, true);
	pump();
	ask("GET", BODY_NONE, 0, true);
	pump();
	expect(&client, "204\nend\n");
	stop();
}

static void
a_stream_without_a_body_is_closed_when_its_head_has_left(void **state)
{
	(void)state;
	start(1 << 20);
	ask("HEAD", BODY_NONE, 0, true);
	pump();
	trace_respond(&server, server.last, 200, BODY_LENGTH, 9, true);
	assert_false(codec_has_events(server.codec));
	assert_int_equal(server.n_closed, 0);
	pump();
	assert_int_equal(server.n_sent, 0);
	assert_int_equal(server.n_closed, 1);
	stop();
}

/* What was sent before still leaves, and is told. */
static void
a_reset_stream_of_a_server_is_closed_when_its_rest_has_left(void **state)
{
	(void)state;
	start(1 << 20);
	client.habits.plain = false;
	server.habits.sent = true;
	ask("GET", BODY_NONE, 0, true);
	pump();
	expect(&server, "GET /x h\nend\n");
	trace_respond(&server, server.last, 200, BODY_LENGTH, 9, false);
	trace_body(&server, server.last, "half", false);
	codec_reset(server.codec, server.last, CODEC_INTERNAL);
	assert_int_equal(server.n_closed, 0);
	pump();
	expect(&server, "sent 4\nclosed\n");
	stop();
}

static void
a_server_that_resets_before_it_answered_closes_at_once(void **state)
{
	(void)state;
	start(1 << 20);
	ask("GET", BODY_NONE, 0, true);
	pump();
	codec_reset(server.codec, server.last, CODEC_CANCEL);
	assert_int_equal(server.n_closed, 0);
	trace_settle(&server);
	assert_int_equal(server.n_closed, 1);
	stop();
}

static void
a_request_that_is_over_is_told_nothing_of_its_rest(void **state)
{
	stream_id s;

	(void)state;
	start(1 << 20);
	s = ask("POST", BODY_STREAM, 0, false);
	pump();
	trace_body(&client, s, "more that does not leave", false);
	trace_respond(&server, server.last, 413, BODY_NONE, 0, true);
	while (move(&server, &client, 1 << 20))
		;
	client.n_sent = 0;
	assert_int_equal(client.n_ends, 1);
	codec_output_done(client.codec, codec_output(client.codec).n);
	trace_settle(&client);
	assert_int_equal(client.n_sent, 0);
	stop();
}

static void
freeing_nothing_is_fine(void **state)
{
	(void)state;
	codec_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exchanges_follow_each_other_on_a_link),
		cmocka_unit_test(bodies_of_both_framings_go_both_ways),
		cmocka_unit_test(an_empty_stream_is_complete),
		cmocka_unit_test(no_more_body_comes_than_there_is_credit_for),
		cmocka_unit_test(interim_responses_come_before_the_final_one),
		cmocka_unit_test(trailers_of_a_response_arrive),
		cmocka_unit_test(a_response_without_body_is_over_with_its_head),
		cmocka_unit_test(room_runs_out_and_is_told_when_it_is_back),
		cmocka_unit_test(a_reset_response_is_never_complete),
		cmocka_unit_test(a_cancelled_request_is_never_complete),
		cmocka_unit_test(the_end_of_the_link_within_a_response_is_told),
		cmocka_unit_test(an_early_response_is_delivered),
		cmocka_unit_test(calls_about_a_stream_that_is_over_are_ignored),
		cmocka_unit_test(a_drained_client_opens_no_stream),
		cmocka_unit_test(idle_codecs_hold_no_input),
		cmocka_unit_test(what_has_left_of_a_response_is_told),
		cmocka_unit_test(what_a_request_sends_is_told_to_it),
		cmocka_unit_test(
		    a_stream_without_a_body_is_closed_when_its_head_has_left),
		cmocka_unit_test(
		    a_reset_stream_of_a_server_is_closed_when_its_rest_has_left),
		cmocka_unit_test(
		    a_server_that_resets_before_it_answered_closes_at_once),
		cmocka_unit_test(
		    a_request_that_is_over_is_told_nothing_of_its_rest),
		cmocka_unit_test(freeing_nothing_is_fine),
	};
	int failed = 0;

	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		protocol = &protocols[i];
		failed += cmocka_run_group_tests_name(protocol->name, tests,
		    NULL, NULL);
	}
	return failed;
}
