/*
 * upstream/attempt: a response that its owner looks at before it is passed
 * on, over a network in memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../sim/memory.h"
#include "base/alloc.h"
#include "pool_rig.h"
#include "upstream/attempt.h"

#define SECONDS		INT64_C(1000)
#define HEAD(n)		"HTTP/1.1 401 x\r\nContent-Length: " #n "\r\n\r\n"
#define CHUNKED		"HTTP/1.1 401 x\r\nTransfer-Encoding: chunked\r\n\r\n"
#define OK_2		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define MUCH		20000

/* What the owner does when it has seen enough. */
enum answer { PASS, RESTART, CLOSE };

struct world {
	struct pool_rig rig;
	struct pool *other;
	struct blocks *blocks;
	struct arena arena;
	struct attempt attempt;
	struct record record;
	struct head request;
	enum answer answer;
	size_t credit;			/* given with the response's head */
	bool busy;			/* an operation is called */

	/* What came. */
	unsigned looks, heads, interims, faults;
	size_t seen;			/* of the body, when it looked */
	bool whole;
	struct buf body;
	unsigned status;
	bool ended, trailers;
	enum fault fault;
};

/* -- the owner -- */

static bool
on_send(void *owner, struct codec *codec, stream_id id, bool end)
{
	struct world *w = owner;

	codec_send_head(codec, id, &w->request, end);
	return true;
}

static bool
wants_look(void *owner, const struct head *head)
{
	struct world *w = owner;

	assert_false(w->busy);
	return head->status == 401;
}

static bool
on_look(void *owner, const struct head *head, struct text body, bool whole)
{
	struct world *w = owner;

	assert_false(w->busy);
	assert_int_equal(head->status, 401);
	assert_int_equal(w->heads, 0);
	w->looks++;
	w->seen = body.n;
	w->whole = whole;
	for (size_t i = 0; i < body.n; i++)
		assert_int_equal(body.p[i], 'a' + i % 26);
	switch (w->answer) {
	case PASS:
		break;
	case RESTART:
		assert_true(attempt_can_restart(&w->attempt));
		attempt_rewind(&w->attempt);
		attempt_start(&w->attempt, w->other);
		break;
	case CLOSE:
		attempt_close(&w->attempt);
		break;
	}
	return w->answer == PASS;
}

static void
give_credit(struct world *w, size_t n)
{
	bool was = w->busy;

	w->busy = true;
	attempt_credit(&w->attempt, n);
	w->busy = was;
}

static bool
on_head(void *owner, const struct head *head, bool end)
{
	struct world *w = owner;

	assert_false(w->busy);
	assert_false(w->ended);
	w->ended = end;
	if (head->kind == HEAD_INTERIM) {
		w->interims++;
		return true;
	}
	w->trailers |= head->kind == HEAD_TRAILERS;
	if (head->kind != HEAD_RESPONSE)
		return true;
	w->heads++;
	w->status = head->status;
	if (w->credit != 0)
		give_credit(w, w->credit);
	return true;
}

static bool
on_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	struct world *w = owner;

	assert_false(w->busy);
	assert_false(w->ended);
	assert_int_equal(w->heads, 1);
	buf_append(&w->body, p, n);
	w->ended = end;
	return true;
}

static void
on_room(void *owner)
{
	(void)owner;
}

static void
on_fault(void *owner, enum fault fault, const char *detail)
{
	struct world *w = owner;

	assert_non_null(detail);
	assert_false(w->busy);
	w->faults++;
	w->fault = fault;
}

static const struct attempt_events events = {
	.send = on_send,
	.head = on_head,
	.body = on_body,
	.wants_look = wants_look,
	.look = on_look,
	.room = on_room,
	.fault = on_fault,
};

/* -- the world -- */

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	*state = w;
	pool_rig_start(&w->rig);
	w->other = pool_new(&(struct pool_conf){
		.loop = w->rig.loop,
		.tls = w->rig.tls,
		.upstream = &w->rig.upstream,
		.codec = &w->rig.codec,
		.counts = &w->rig.counts,
		.contact = w->rig.contact,
	});
	w->blocks = blocks_new(4096, 4);
	arena_init(&w->arena, w->blocks);
	buf_init(&w->body, NULL);
	w->credit = 1000000;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	attempt_close(&w->attempt);
	memory_turn();
	pool_free(w->other);
	pool_rig_end(&w->rig);
	arena_release(&w->arena);
	blocks_free(w->blocks);
	buf_release(&w->body);
	free(w);
	return 0;
}

static void
start(struct world *w, const char *method, enum body_framing framing)
{
	w->request = (struct head){
		.kind = HEAD_REQUEST, .version = 11,
		.method = text_of(method), .target = TEXT("/"),
		.authority = TEXT("api.example"), .framing = framing,
	};
	w->record = (struct record){ .attempts = 0 };
	attempt_init(&w->attempt, &(struct attempt_of){
		.loop = w->rig.loop,
		.upstream = &w->rig.upstream,
		.request = &w->request,
		.replay = 100,
		.record = &w->record,
		.arena = &w->arena,
		.events = &events,
		.owner = w,
	});
	attempt_start(&w->attempt, w->rig.pool);
	memory_turn();
	/* There may be one that is idle. */
	if (w->record.attempts == 0)
		assert_true(memory_connect(true));
}

static void
feed(const char *text)
{
	assert_true(memory_feed(memory_wires(), text, strlen(text)));
}

/* Bytes of a body from a place on; false where not all are read. */
static bool
feed_bytes(size_t at, size_t n)
{
	char bytes[MUCH];

	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)('a' + (at + i) % 26);
	return memory_feed(memory_wires(), bytes, n);
}

/* The same as a chunk. */
static void
feed_chunk(size_t at, size_t n)
{
	char line[20];

	(void)snprintf(line, sizeof(line), "%zx\r\n", n);
	feed(line);
	assert_true(feed_bytes(at, n));
	feed("\r\n");
}

static void
assert_body(const struct world *w, size_t n)
{
	assert_int_equal(buf_len(&w->body), n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(buf_data(&w->body)[i], 'a' + i % 26);
}

static void
assert_passed(const struct world *w, size_t n)
{
	assert_int_equal(w->looks, 1);
	assert_int_equal(w->status, 401);
	assert_true(w->ended);
	assert_int_equal(w->faults, 0);
	assert_body(w, n);
	assert_int_equal(pool_count_idle(w->rig.pool), 1);
}

/* -- passed on -- */

static void
what_was_looked_at_is_passed_on_in_order(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	feed(HEAD(30));
	assert_true(feed_bytes(0, 10));
	assert_int_equal(w->looks, 0);
	assert_int_equal(w->heads, 0);
	assert_true(feed_bytes(10, 20));
	assert_int_equal(w->seen, 30);
	assert_true(w->whole);
	assert_passed(w, 30);
}

static void
of_a_longer_body_the_first_is_enough(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	feed(HEAD(20000));
	assert_true(feed_bytes(0, LOOK_MOST - 1));
	assert_int_equal(w->looks, 0);
	assert_true(feed_bytes(LOOK_MOST - 1, 1000));
	assert_int_equal(w->looks, 1);
	assert_int_equal(w->seen, LOOK_MOST);
	assert_false(w->whole);
	assert_body(w, LOOK_MOST + 999);
	assert_true(feed_bytes(LOOK_MOST + 999, MUCH - LOOK_MOST - 999));
	assert_passed(w, MUCH);
}

static void
a_body_that_just_fits_is_whole(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	feed(HEAD(8192));
	assert_true(feed_bytes(0, LOOK_MOST));
	assert_int_equal(w->seen, LOOK_MOST);
	assert_true(w->whole);
	assert_passed(w, LOOK_MOST);
}

static void
no_body_at_all_is_seen_at_once(void **state)
{
	static const char *const responses[] = { HEAD(0), CHUNKED };
	struct world *w = *state;

	for (unsigned i = 0; i < 2; i++) {
		w->looks = w->heads = 0;
		w->ended = false;
		start(w, i == 0 ? "GET" : "HEAD", BODY_NONE);
		feed(responses[i]);
		assert_int_equal(w->seen, 0);
		assert_true(w->whole);
		assert_passed(w, 0);
		attempt_close(&w->attempt);
	}
}

static void
an_empty_body_that_ends_later_is_passed_on_with_its_end(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	feed(CHUNKED);
	assert_int_equal(w->looks, 0);
	feed("0\r\n\r\n");
	assert_passed(w, 0);
}

static void
interim_responses_are_passed_on_before(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	feed("HTTP/1.1 103 x\r\n\r\n");
	assert_int_equal(w->interims, 1);
	feed(HEAD(3));
	assert_int_equal(w->heads, 0);
	assert_true(feed_bytes(0, 3));
	assert_passed(w, 3);
}

static void
trailers_come_behind_what_was_looked_at(void **state)
{
	struct world *w = *state;

	w->credit = 0;
	start(w, "GET", BODY_NONE);
	feed(CHUNKED);
	feed_chunk(0, 30);
	feed("0\r\nX-Late: 1\r\n\r\n");
	assert_true(w->whole);
	assert_int_equal(w->heads, 1);
	assert_false(w->trailers);
	assert_int_equal(pool_count_idle(w->rig.pool), 1);
	give_credit(w, 30);
	memory_turn();
	assert_true(w->trailers);
	assert_passed(w, 30);
}

static void
nothing_waits_longer_than_a_second_to_be_seen(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	feed(HEAD(30));
	assert_true(feed_bytes(0, 10));
	memory_pass(SECONDS - 1);
	assert_int_equal(w->looks, 0);
	memory_pass(1);
	assert_int_equal(w->looks, 1);
	assert_int_equal(w->seen, 10);
	assert_false(w->whole);
	assert_body(w, 10);
	memory_pass(30 * SECONDS);
	assert_true(feed_bytes(10, 20));
	assert_passed(w, 30);
}

/* -- credit -- */

static void
nothing_is_passed_on_without_credit(void **state)
{
	struct world *w = *state;

	w->credit = 0;
	start(w, "GET", BODY_NONE);
	feed(HEAD(30));
	assert_true(feed_bytes(0, 30));
	assert_int_equal(w->heads, 1);
	assert_body(w, 0);
	/* The connection need not wait for the client. */
	assert_int_equal(pool_count_idle(w->rig.pool), 1);
	give_credit(w, 10);
	assert_body(w, 0);
	memory_turn();
	assert_body(w, 10);
	assert_false(w->ended);
	/* Nor is an upstream late whose part is done. */
	memory_pass(3600 * SECONDS);
	give_credit(w, 5);
	give_credit(w, 15);
	memory_turn();
	assert_body(w, 30);
	assert_true(w->ended);
	assert_int_equal(w->faults, 0);
}

static void
no_more_is_read_than_is_looked_at_without_credit(void **state)
{
	struct world *w = *state;
	size_t at = 0;

	w->credit = 0;
	start(w, "GET", BODY_NONE);
	feed(HEAD(20000));
	while (feed_bytes(at, 1000))
		at += 1000;
	assert_in_range(at, LOOK_MOST, LOOK_MOST + 2000);
	assert_int_equal(w->looks, 1);
	assert_body(w, 0);
	assert_true(buf_len(&w->attempt.look.body) <= LOOK_MOST);
	/* What was read without credit is paid for first. */
	for (unsigned i = 0; i < 9; i++) {
		give_credit(w, 1000);
		memory_turn();
		assert_body(w, 1000 * (i + 1));
		assert_true(buf_len(&w->attempt.look.body) <= LOOK_MOST);
	}
	/* Then nothing goes through here any more. */
	assert_int_equal(w->attempt.look.state, LOOK_OFF);
	while (at < MUCH && feed_bytes(at, 1000))
		at += 1000;
	assert_true(at < MUCH);
	assert_body(w, 9000);
}

static void
what_comes_after_the_look_has_no_more_credit_than_was_given(void **state)
{
	struct world *w = *state;

	w->credit = 20;
	start(w, "GET", BODY_NONE);
	feed(HEAD(100));
	assert_true(feed_bytes(0, 10));
	memory_pass(SECONDS);
	assert_body(w, 10);
	assert_true(feed_bytes(10, 50));
	assert_body(w, 20);
	give_credit(w, 30);
	memory_turn();
	assert_body(w, 50);
	give_credit(w, 1000);
	memory_turn();
	assert_body(w, 60);
	assert_true(feed_bytes(60, 40));
	assert_passed(w, 100);
}

static void
credit_given_before_the_response_counts(void **state)
{
	struct world *w = *state;

	w->credit = 0;
	start(w, "GET", BODY_NONE);
	give_credit(w, 40);
	feed(HEAD(50));
	assert_true(feed_bytes(0, 50));
	assert_body(w, 40);
	give_credit(w, 10);
	memory_turn();
	assert_passed(w, 50);
}

static void
credit_survives_a_restart(void **state)
{
	struct world *w = *state;

	w->credit = 0;
	w->answer = RESTART;
	start(w, "GET", BODY_NONE);
	give_credit(w, 1);
	feed(HEAD(0));
	assert_true(memory_connect(true));
	feed(OK_2);
	assert_int_equal(buf_len(&w->body), 1);
	give_credit(w, 1);
	memory_turn();
	assert_int_equal(buf_len(&w->body), 2);
	assert_true(w->ended);
}

/* -- restarted -- */

static void
assert_restarted(struct world *w)
{
	assert_int_equal(w->looks, 1);
	assert_int_equal(w->heads, 0);
	assert_int_equal(w->faults, 0);
	assert_true(memory_connect(true));
	assert_int_equal(w->record.attempts, 2);
	assert_int_equal(w->record.upstream_head_ns, 0);
	feed(OK_2);
	assert_int_equal(w->status, 200);
	assert_true(w->ended);
	assert_int_equal(buf_len(&w->body), 2);
	assert_int_equal(pool_count_idle(w->other), 1);
}

static void
nothing_is_seen_of_a_response_that_was_not_wanted(void **state)
{
	struct world *w = *state;

	w->answer = RESTART;
	start(w, "POST", BODY_STREAM);
	attempt_body(&w->attempt, (const uint8_t *)"abc", 3, true);
	memory_turn();
	feed(HEAD(30));
	assert_true(feed_bytes(0, 30));
	assert_int_equal(pool_count_idle(w->rig.pool), 1);
	assert_restarted(w);
	assert_non_null(memmem(buf_data(&memory_wires()->out),
	    buf_len(&memory_wires()->out), "\r\n3\r\nabc\r\n0\r\n\r\n", 15));
}

static void
a_response_that_goes_on_is_cut_where_it_is_not_wanted(void **state)
{
	struct world *w = *state;

	w->answer = RESTART;
	start(w, "GET", BODY_NONE);
	feed(HEAD(20000));
	assert_true(feed_bytes(0, LOOK_MOST));
	assert_int_equal(pool_count(w->rig.pool), 0);
	assert_restarted(w);
}

static void
a_restart_has_the_time_that_was_left_for_the_first(void **state)
{
	struct world *w = *state;

	w->answer = RESTART;
	start(w, "GET", BODY_NONE);
	memory_pass(20 * SECONDS);
	feed(HEAD(30));
	memory_pass(SECONDS);
	assert_int_equal(w->looks, 1);
	memory_pass(4 * SECONDS);
	assert_true(memory_connect(true));
	assert_int_equal(w->record.attempts, 2);
	memory_pass(SECONDS - 1);
	assert_int_equal(w->faults, 0);
	memory_pass(1);
	assert_int_equal(w->fault, FAULT_UPSTREAM_TIMEOUT);
}

/* -- ends -- */

static void
a_response_that_is_cut_is_seen_and_told_as_one(void **state)
{
	struct world *w = *state;

	w->credit = 0;
	start(w, "GET", BODY_NONE);
	feed(HEAD(30));
	assert_true(feed_bytes(0, 10));
	memory_fail(memory_wires());
	assert_int_equal(w->looks, 1);
	assert_int_equal(w->seen, 10);
	assert_false(w->whole);
	assert_int_equal(w->heads, 1);
	assert_int_equal(w->faults, 0);
	give_credit(w, 9);
	memory_turn();
	assert_int_equal(w->faults, 0);
	give_credit(w, 9);
	memory_turn();
	assert_body(w, 10);
	assert_int_equal(w->faults, 1);
	assert_int_equal(w->fault, FAULT_UPSTREAM_PROTOCOL);
	assert_false(w->ended);
}

static void
a_response_that_is_cut_need_not_be_passed_on(void **state)
{
	struct world *w = *state;

	w->answer = RESTART;
	start(w, "GET", BODY_NONE);
	feed(HEAD(30));
	assert_true(feed_bytes(0, 10));
	memory_fail(memory_wires());
	assert_restarted(w);
}

static void
a_response_that_breaks_off_after_the_look_is_told_behind_it(void **state)
{
	struct world *w = *state;

	w->credit = 5;
	start(w, "GET", BODY_NONE);
	feed(HEAD(30));
	assert_true(feed_bytes(0, 10));
	memory_pass(SECONDS);
	assert_body(w, 5);
	assert_true(feed_bytes(10, 10));
	memory_fail(memory_wires());
	assert_int_equal(w->faults, 0);
	give_credit(w, 100);
	memory_turn();
	assert_body(w, 20);
	assert_int_equal(w->fault, FAULT_UPSTREAM_PROTOCOL);
}

static void
an_upstream_may_be_late_while_it_is_looked_at(void **state)
{
	struct world *w = *state;

	w->rig.upstream.timeouts.body = 300;
	start(w, "GET", BODY_NONE);
	feed(HEAD(30));
	assert_true(feed_bytes(0, 10));
	memory_pass(299);
	assert_int_equal(w->looks, 0);
	memory_pass(1);
	assert_int_equal(w->looks, 1);
	assert_int_equal(w->heads, 1);
	assert_body(w, 10);
	assert_int_equal(w->fault, FAULT_UPSTREAM_TIMEOUT);
	assert_int_equal(pool_count(w->rig.pool), 0);
}

static void
an_upstream_may_be_late_after_it_was_looked_at(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	feed(HEAD(30));
	assert_true(feed_bytes(0, 10));
	memory_pass(59 * SECONDS);
	assert_int_equal(w->looks, 1);
	assert_int_equal(w->faults, 0);
	memory_pass(SECONDS);
	assert_int_equal(w->fault, FAULT_UPSTREAM_TIMEOUT);
}

static void
it_may_be_closed_while_it_is_looked_at(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	feed(HEAD(30));
	assert_true(feed_bytes(0, 10));
	attempt_close(&w->attempt);
	memory_pass(100 * SECONDS);
	assert_int_equal(w->looks, 0);
	assert_int_equal(w->faults, 0);
	assert_int_equal(pool_count(w->rig.pool), 0);
}

static void
its_owner_may_close_it_when_it_has_seen_enough(void **state)
{
	struct world *w = *state;

	w->answer = CLOSE;
	start(w, "GET", BODY_NONE);
	feed(HEAD(30));
	assert_true(feed_bytes(0, 30));
	assert_int_equal(w->looks, 1);
	assert_int_equal(w->heads, 0);
	assert_int_equal(w->faults, 0);
}

static void
it_may_be_closed_with_credit_under_way(void **state)
{
	struct world *w = *state;

	w->credit = 0;
	start(w, "GET", BODY_NONE);
	feed(HEAD(30));
	assert_true(feed_bytes(0, 30));
	give_credit(w, 30);
	attempt_close(&w->attempt);
	memory_turn();
	assert_body(w, 0);
	assert_false(w->ended);
}

static void
what_is_not_to_be_looked_at_goes_straight_on(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	feed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
	assert_int_equal(w->heads, 1);
	feed("ok");
	assert_int_equal(w->looks, 0);
	assert_true(w->ended);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_looked_at_is_passed_on_in_order),
		TEST(of_a_longer_body_the_first_is_enough),
		TEST(a_body_that_just_fits_is_whole),
		TEST(no_body_at_all_is_seen_at_once),
		TEST(an_empty_body_that_ends_later_is_passed_on_with_its_end),
		TEST(interim_responses_are_passed_on_before),
		TEST(trailers_come_behind_what_was_looked_at),
		TEST(nothing_waits_longer_than_a_second_to_be_seen),
		TEST(nothing_is_passed_on_without_credit),
		TEST(no_more_is_read_than_is_looked_at_without_credit),
		TEST(
	     what_comes_after_the_look_has_no_more_credit_than_was_given),
		TEST(credit_given_before_the_response_counts),
		TEST(credit_survives_a_restart),
		TEST(nothing_is_seen_of_a_response_that_was_not_wanted),
		TEST(a_response_that_goes_on_is_cut_where_it_is_not_wanted),
		TEST(a_restart_has_the_time_that_was_left_for_the_first),
		TEST(a_response_that_is_cut_is_seen_and_told_as_one),
		TEST(a_response_that_is_cut_need_not_be_passed_on),
		TEST(
	     a_response_that_breaks_off_after_the_look_is_told_behind_it),
		TEST(an_upstream_may_be_late_while_it_is_looked_at),
		TEST(an_upstream_may_be_late_after_it_was_looked_at),
		TEST(it_may_be_closed_while_it_is_looked_at),
		TEST(its_owner_may_close_it_when_it_has_seen_enough),
		TEST(it_may_be_closed_with_credit_under_way),
		TEST(what_is_not_to_be_looked_at_goes_straight_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
