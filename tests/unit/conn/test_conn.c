/*
 * conn/conn: what comes out of a link goes into its codec, and the other
 * way round.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../sim/memory.h"
#include "base/alloc.h"
#include "conn/conn.h"

#define REQUEST		"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
#define BODY		"0123456789"

/* An owner that answers each request at once. */
struct owner {
	struct conn conn;
	struct loop *loop;
	struct fields scratch;
	struct codec_shared shared;
	struct wire *wire;
	stream_id stream;
	unsigned n_inputs, n_settled, n_failed, n_late, n_freed, n_requests;
	size_t n_sent;			/* of bodies */
	bool closes;			/* on input */
	bool in_chunks;			/* the body follows later */
	bool stops_reading;
};

/* -- the codec's events -- */

static void
on_head(void *owner, const struct head *head, bool end)
{
	(void)owner;
	(void)head;
	(void)end;
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
on_stream(void *owner)
{
	(void)owner;
}

static void
on_sent(void *owner, size_t n)
{
	struct owner *o = owner;

	o->n_sent += n;
}

static void
on_reset(void *owner, enum codec_error why)
{
	(void)owner;
	(void)why;
}

static const struct stream_events stream_events = {
	.head = on_head,
	.body = on_body,
	.room = on_stream,
	.sent = on_sent,
	.closed = on_stream,
	.reset = on_reset,
};

static void
on_request(void *owner, stream_id id, const struct head *head, bool end)
{
	struct owner *o = owner;
	struct head answer = { .kind = HEAD_RESPONSE, .version = 11,
	    .status = 200, .framing = BODY_LENGTH, .length = strlen(BODY) };

	(void)head;
	(void)end;
	o->n_requests++;
	o->stream = id;
	codec_own(o->conn.codec, id, &stream_events, o);
	if (o->in_chunks) {
		answer.framing = BODY_STREAM;
		codec_send_head(o->conn.codec, id, &answer, false);
		return;
	}
	codec_send_head(o->conn.codec, id, &answer, false);
	codec_send_body(o->conn.codec, id, (const uint8_t *)BODY,
	    strlen(BODY), true);
}

static void
on_refused(void *owner, stream_id id, enum codec_error why,
    const struct head *read)
{
	(void)owner;
	(void)id;
	(void)why;
	(void)read;
}

static const struct codec_events codec_events = {
	.request = on_request,
	.refused = on_refused,
};

/* -- the conn's -- */

static void
on_input(void *owner)
{
	struct owner *o = owner;

	o->n_inputs++;
	if (o->closes)
		conn_close(&o->conn, LINK_END_NOW);
}

static void
on_settle(void *owner)
{
	struct owner *o = owner;

	o->n_settled++;
	while (codec_has_events(o->conn.codec))
		codec_input(o->conn.codec, NULL, 0);
	conn_go_on(&o->conn, !o->stops_reading);
}

static void
on_failed(void *owner)
{
	struct owner *o = owner;

	o->n_failed++;
	conn_close(&o->conn, LINK_END_ABORT);
}

static void
on_late(void *owner)
{
	struct owner *o = owner;

	o->n_late++;
}

static void
on_freed(void *owner)
{
	struct owner *o = owner;

	o->n_freed++;
}

static const struct conn_events events = {
	.input = on_input,
	.settle = on_settle,
	.failed = on_failed,
	.late = on_late,
	.freed = on_freed,
};

/* -- the world -- */

static int
set_up(void **state)
{
	struct owner *o = xcalloc(1, sizeof(*o));
	int fd;

	*state = o;
	o->loop = loop_new();
	memory_start(o->loop);
	o->shared = (struct codec_shared){
		.limits = &codec_limits_default,
		.blocks = loop_blocks(o->loop),
		.scratch = &o->scratch,
	};
	o->wire = memory_client(&fd);
	conn_init(&o->conn, o->loop, h1_codec_new(CODEC_SERVER,
	    &o->shared, &codec_events, o), link_new(o->loop, fd,
	    &conn_link_events, &o->conn), &events, o);
	return 0;
}

static int
tear_down(void **state)
{
	struct owner *o = *state;

	if (!o->conn.closed)
		conn_close(&o->conn, LINK_END_NOW);
	memory_turn();
	assert_int_equal(o->n_freed, 1);
	loop_free(o->loop);
	memory_end();
	fields_release(&o->scratch);
	free(o);
	return 0;
}

static bool
feed(struct owner *o, const char *text)
{
	return memory_feed(o->wire, text, strlen(text));
}

/* -- the tests -- */

static void
what_comes_goes_to_the_codec_and_its_answer_leaves(void **state)
{
	struct owner *o = *state;

	assert_true(feed(o, REQUEST));
	assert_int_equal(o->n_inputs, 1);
	assert_int_equal(o->n_requests, 1);
	assert_true(o->n_settled != 0);
	assert_memory_equal(buf_data(&o->wire->out), "HTTP/1.1 200 ", 13);
	assert_int_equal(o->n_sent, strlen(BODY));
}

static void
what_does_not_leave_is_not_told_as_sent(void **state)
{
	struct owner *o = *state;

	memory_set_room(o->wire, 0);
	assert_true(feed(o, REQUEST));
	assert_int_equal(o->n_sent, 0);
	memory_set_room(o->wire, SIZE_MAX);
	assert_int_equal(o->n_sent, strlen(BODY));
}

/* The end of a chunk is no news for its stream. */
static void
a_link_that_is_blocked_no_more_is_settled(void **state)
{
	struct owner *o = *state;
	unsigned before;

	o->in_chunks = true;
	assert_true(feed(o, REQUEST));
	memory_set_room(o->wire, strlen("a\r\n" BODY));
	codec_send_body(o->conn.codec, o->stream, (const uint8_t *)BODY,
	    strlen(BODY), false);
	conn_wake(&o->conn);
	memory_turn();
	assert_true(link_is_blocked(o->conn.link));
	assert_int_equal(o->n_sent, strlen(BODY));
	before = o->n_settled;
	memory_set_room(o->wire, SIZE_MAX);
	assert_false(link_is_blocked(o->conn.link));
	assert_int_equal(o->n_sent, strlen(BODY));
	assert_true(o->n_settled > before);
}

static void
an_owner_that_closes_on_input_gets_no_more_of_it(void **state)
{
	struct owner *o = *state;

	o->closes = true;
	assert_true(feed(o, REQUEST));
	assert_int_equal(o->n_requests, 0);
	assert_int_equal(o->n_settled, 0);
	assert_null(o->wire->link);
	assert_int_equal(o->wire->end, LINK_END_NOW);
	assert_int_equal(o->n_freed, 1);
}

static void
input_that_is_not_wanted_waits(void **state)
{
	struct owner *o = *state;

	o->stops_reading = true;
	assert_true(feed(o, REQUEST));
	assert_false(feed(o, REQUEST));
	o->stops_reading = false;
	conn_wake(&o->conn);
	memory_turn();
	assert_true(feed(o, REQUEST));
	assert_int_equal(o->n_requests, 2);
}

static void
an_end_is_noted_and_settled(void **state)
{
	struct owner *o = *state;

	assert_true(memory_eof(o->wire, true));
	assert_true(o->conn.ended);
	assert_int_equal(o->n_settled, 1);
	assert_int_equal(o->n_failed, 0);
}

static void
a_link_that_fails_is_told_once(void **state)
{
	struct owner *o = *state;

	memory_fail(o->wire);
	assert_int_equal(o->n_failed, 1);
	assert_true(o->conn.ended);
	assert_int_equal(o->wire->end, LINK_END_ABORT);
	assert_int_equal(o->n_freed, 1);
}

static void
waking_it_settles_once_at_the_end_of_the_turn(void **state)
{
	struct owner *o = *state;

	conn_wake(&o->conn);
	conn_wake(&o->conn);
	assert_int_equal(o->n_settled, 0);
	memory_turn();
	assert_int_equal(o->n_settled, 1);
}

static void
what_is_closed_is_neither_settled_nor_late(void **state)
{
	struct owner *o = *state;

	timer_set(&o->conn.timer, 1000);
	conn_wake(&o->conn);
	conn_close(&o->conn, LINK_END_NOW);
	conn_wake(&o->conn);
	memory_turn();
	assert_int_equal(o->n_settled, 0);
	memory_pass(2000);
	assert_int_equal(o->n_late, 0);
}

static void
its_deadline_is_told(void **state)
{
	struct owner *o = *state;

	timer_set(&o->conn.timer, 1000);
	memory_pass(999);
	assert_int_equal(o->n_late, 0);
	memory_pass(1);
	assert_int_equal(o->n_late, 1);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_comes_goes_to_the_codec_and_its_answer_leaves),
		TEST(what_does_not_leave_is_not_told_as_sent),
		TEST(a_link_that_is_blocked_no_more_is_settled),
		TEST(an_owner_that_closes_on_input_gets_no_more_of_it),
		TEST(input_that_is_not_wanted_waits),
		TEST(an_end_is_noted_and_settled),
		TEST(a_link_that_fails_is_told_once),
		TEST(waking_it_settles_once_at_the_end_of_the_turn),
		TEST(what_is_closed_is_neither_settled_nor_late),
		TEST(its_deadline_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
