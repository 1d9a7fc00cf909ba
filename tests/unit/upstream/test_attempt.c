/*
 * upstream/attempt: how a request gets to an upstream and its response back,
 * over a network in memory.
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
#include "base/clock.h"
#include "pool_rig.h"
#include "upstream/attempt.h"

#define SECONDS		INT64_C(1000)
#define REPLAY		100		/* bytes */
#define OK_2		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

struct world {
	struct pool_rig rig;
	struct attempt attempt;
	struct record record;
	struct head request;
	struct fields fields;		/* of the request */
	uint64_t length;		/* its body's */
	bool sends;			/* what the owner's send() does */
	unsigned heads, rooms, faults;
	bool ended;
	enum fault fault;
	char detail[128];
	struct buf body;
};

/* -- the owner -- */

static bool
on_send(void *owner, struct codec *codec, stream_id id, bool end)
{
	struct world *w = owner;

	if (w->sends)
		codec_send_head(codec, id, &w->request, end);
	else
		attempt_fail(&w->attempt, FAULT_KEY_UNAVAILABLE, "no");
	return w->sends;
}

static bool
on_head(void *owner, const struct head *head, bool end)
{
	struct world *w = owner;

	w->heads++;
	w->ended = end;
	if (head->kind == HEAD_RESPONSE && !end)
		attempt_credit(&w->attempt, 1000);
	return true;
}

static bool
on_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	struct world *w = owner;

	buf_append(&w->body, p, n);
	w->ended = end;
	return true;
}

static void
on_room(void *owner)
{
	struct world *w = owner;

	w->rooms++;
}

static void
on_fault(void *owner, enum fault fault, const char *detail)
{
	struct world *w = owner;

	w->faults++;
	w->fault = fault;
	(void)snprintf(w->detail, sizeof(w->detail), "%s", detail);
}

static const struct attempt_events events = {
	.send = on_send,
	.head = on_head,
	.body = on_body,
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

	w->sends = true;
	buf_init(&w->body, NULL);
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	attempt_close(&w->attempt);
	pool_rig_end(&w->rig);
	fields_release(&w->fields);
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
		.length = w->length,
		.fields = w->fields,
	};
	w->record = (struct record){ .attempts = 0 };
	w->ended = false;
	buf_release(&w->body);
	attempt_close(&w->attempt);
	attempt_init(&w->attempt, &(struct attempt_of){
		.loop = w->rig.loop,
		.upstream = &w->rig.upstream,
		.request = &w->request,
		.replay = REPLAY,
		.record = &w->record,
		.events = &events,
		.owner = w,
	});
	attempt_start(&w->attempt, w->rig.pool);
	memory_turn();
}

static bool
feed(const char *text)
{
	return memory_feed(memory_wires(), text, strlen(text));
}

static void
say(struct world *w, const char *text, bool end)
{
	attempt_body(&w->attempt, (const uint8_t *)text, strlen(text), end);
	memory_turn();
}

/* A connection that served one exchange. */
static void
make_used(struct world *w)
{
	start(w, "GET", BODY_NONE);
	assert_true(memory_connect(true));
	assert_true(feed(OK_2));
	assert_true(w->ended);
	attempt_close(&w->attempt);
}

static bool
was_sent(const struct wire *wire, const char *what)
{
	return memmem(buf_data(&wire->out), buf_len(&wire->out), what,
	    strlen(what)) != NULL;
}

/* -- one request -- */

static void
a_response_comes_back_and_its_connection_is_kept(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	assert_int_equal(w->record.attempts, 0);
	assert_true(memory_connect(true));
	assert_true(was_sent(memory_wires(), "GET / HTTP/1.1\r\n"));
	assert_int_equal(w->record.attempts, 1);
	assert_false(w->record.reused);
	assert_true(feed(OK_2));
	assert_int_equal(w->heads, 1);
	assert_true(w->ended);
	assert_int_equal(buf_len(&w->body), 2);
	assert_int_equal(pool_count_idle(w->rig.pool), 1);
}

static void
the_next_request_uses_the_same_connection(void **state)
{
	struct world *w = *state;
	const struct wire *first;

	make_used(w);
	first = memory_wires();
	start(w, "GET", BODY_NONE);
	assert_ptr_equal(memory_wires(), first);
	assert_true(w->record.reused);
	assert_true(feed(OK_2));
	assert_true(w->ended);
}

static void
a_connection_that_nobody_used_is_not_reused(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	attempt_close(&w->attempt);
	assert_true(memory_connect(true));
	start(w, "GET", BODY_NONE);
	assert_int_equal(w->record.attempts, 1);
	assert_false(w->record.reused);
}

static void
what_cannot_be_sent_again_uses_no_connection_that_has_ended(void **state)
{
	static const char *const methods[] = { "POST", "PATCH", "PUT" };
	struct world *w = *state;

	make_used(w);
	for (size_t i = 0; i < 3; i++) {
		memory_wires()->unnoticed = true;
		start(w, methods[i], BODY_STREAM);
		assert_null(memory_wires()->link);
		assert_true(memory_connect(true));
		say(w, "x", true);
		assert_true(feed(OK_2));
		assert_true(w->ended);
		attempt_close(&w->attempt);
	}
	assert_int_equal(w->faults, 0);
}

static void
without_credit_a_body_stays_where_it_is(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	assert_true(memory_connect(true));
	assert_true(feed("HTTP/1.1 200 OK\r\nContent-Length: 1002\r\n\r\n"));
	for (unsigned i = 0; i < 167; i++)
		(void)feed("sixsix");
	assert_int_equal(buf_len(&w->body), 1000);
	assert_false(w->ended);
	attempt_credit(&w->attempt, 2);
	memory_turn();
	assert_int_equal(buf_len(&w->body), 1002);
	assert_true(w->ended);
}

/* The head of a response of n bytes and more of them than there is credit. */
static void
feed_past_the_credit(struct world *w, const char *head, unsigned n)
{
	start(w, "GET", BODY_NONE);
	assert_true(memory_connect(true));
	assert_true(feed(head));
	for (unsigned i = 0; i < n; i++)
		(void)feed("sixsix");
	assert_int_equal(buf_len(&w->body), 1000);
}

static void
what_came_before_a_connection_broke_still_gets_there(void **state)
{
	struct world *w = *state;

	feed_past_the_credit(w, "HTTP/1.1 200 OK\r\nContent-Length: 1002"
	    "\r\n\r\n", 167);
	memory_fail(memory_wires());
	assert_int_equal(w->faults, 0);
	attempt_credit(&w->attempt, 1);
	memory_turn();
	assert_int_equal(buf_len(&w->body), 1001);
	attempt_credit(&w->attempt, 1);
	memory_turn();
	assert_int_equal(buf_len(&w->body), 1002);
	assert_true(w->ended);
	assert_int_equal(w->faults, 0);
	assert_int_equal(pool_count(w->rig.pool), 0);
}

static void
a_broken_connection_is_told_behind_what_came_on_it(void **state)
{
	static const char *const heads[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n",
		"HTTP/1.1 200 OK\r\n\r\n",
	};
	struct world *w = *state;

	for (unsigned i = 0; i < 2; i++) {
		feed_past_the_credit(w, heads[i], 167);
		memory_fail(memory_wires());
		assert_int_equal(w->faults, i);
		attempt_credit(&w->attempt, 10);
		memory_turn();
		assert_int_equal(buf_len(&w->body), 1002);
		assert_int_equal(w->faults, i + 1);
		assert_int_equal(w->fault, FAULT_UPSTREAM_PROTOCOL);
		assert_int_equal(pool_count(w->rig.pool), 0);
	}
}

static void
who_waits_for_credit_may_leave_a_broken_connection(void **state)
{
	struct world *w = *state;

	feed_past_the_credit(w, "HTTP/1.1 200 OK\r\nContent-Length: 1002"
	    "\r\n\r\n", 167);
	memory_fail(memory_wires());
	attempt_close(&w->attempt);
	memory_turn();
	assert_int_equal(pool_count(w->rig.pool), 0);
}

static void
there_is_room_for_a_body_when_there_is_a_connection(void **state)
{
	struct world *w = *state;

	start(w, "POST", BODY_STREAM);
	assert_int_equal(attempt_room(&w->attempt), 0);
	assert_true(memory_connect(true));
	assert_true(w->rooms != 0);
	assert_true(attempt_room(&w->attempt) != 0);
	attempt_body(&w->attempt, (const uint8_t *)"abc", 3, true);
	assert_int_equal(attempt_room(&w->attempt), 0);
	memory_turn();
	assert_true(was_sent(memory_wires(), "3\r\nabc\r\n0\r\n\r\n"));
}

static void
an_end_that_comes_before_a_connection_is_held(void **state)
{
	struct world *w = *state;

	start(w, "POST", BODY_STREAM);
	attempt_body(&w->attempt, NULL, 0, true);
	assert_true(memory_connect(true));
	assert_true(was_sent(memory_wires(), "\r\n\r\n0\r\n\r\n"));
}

static void
a_response_before_the_requests_end_spoils_the_connection(void **state)
{
	struct world *w = *state;

	start(w, "POST", BODY_STREAM);
	assert_true(memory_connect(true));
	assert_true(feed(OK_2));
	assert_true(w->ended);
	assert_int_equal(pool_count(w->rig.pool), 0);
}

static void
a_response_that_came_before_its_request_is_none(void **state)
{
	struct world *w = *state;

	make_used(w);
	w->heads = 0;
	start(w, "GET", BODY_NONE);
	/* None of its bytes, but all of those before. */
	memory_wires()->latent = true;
	memory_wires()->read = buf_len(&memory_wires()->out) / 2;
	assert_true(feed(OK_2));
	assert_int_equal(w->heads, 0);
	assert_int_equal(w->fault, FAULT_UPSTREAM_PROTOCOL);
	assert_string_equal(w->detail, "a response came before its request");
	assert_int_equal(pool_count(w->rig.pool), 0);
}

static void
a_response_before_its_request_was_even_written_is_none(void **state)
{
	struct world *w = *state;

	make_used(w);
	w->heads = 0;
	memory_set_room(memory_wires(), 0);
	start(w, "GET", BODY_NONE);
	assert_true(feed(OK_2));
	assert_int_equal(w->heads, 0);
	assert_int_equal(w->fault, FAULT_UPSTREAM_PROTOCOL);
	assert_string_equal(w->detail, "a response came before its request");
}

static void
a_response_that_overtook_a_body_spoils_the_connection(void **state)
{
	struct world *w = *state;

	start(w, "POST", BODY_STREAM);
	assert_true(memory_connect(true));
	say(w, "{}", true);
	memory_wires()->latent = true;
	memory_wires()->read--;
	assert_true(feed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"));
	/* That it arrived in the meantime does not say that it is read. */
	memory_wires()->read++;
	assert_true(feed("ok"));
	assert_true(w->ended);
	assert_int_equal(w->faults, 0);
	assert_int_equal(pool_count(w->rig.pool), 0);
}

static void
a_word_to_go_on_spoils_nothing(void **state)
{
	struct world *w = *state;

	start(w, "POST", BODY_STREAM);
	assert_true(memory_connect(true));
	assert_true(feed("HTTP/1.1 100 Continue\r\n\r\n"));
	say(w, "{}", true);
	assert_true(feed(OK_2));
	assert_true(w->ended);
	assert_int_equal(pool_count_idle(w->rig.pool), 1);
}

static void
a_connection_is_kept_no_longer_than_its_upstream_keeps_it(void **state)
{
	static const struct {
		const char *said;
		int64_t ms;
	} cases[] = {
		{ "timeout=5", 4000 }, { "max=9, Timeout = 10", 9000 },
		{ "timeout=2", 1000 }, { "timeout=1,max=1", 500 },
		{ "timeout=600", 50000 }, { "timeout=x", 50000 },
		{ "timeout", 50000 }, { "max=3", 50000 }, { "", 50000 },
		{ "timeout=99999999999", 50000 },
	};
	struct world *w = *state;
	char response[200];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(w, "GET", BODY_NONE);
		assert_true(memory_connect(true));
		(void)snprintf(response, sizeof(response),
		    "HTTP/1.1 204 x\r\nKeep-Alive: %s\r\n\r\n",
		    cases[i].said);
		assert_true(feed(response));
		assert_true(w->ended);
		memory_pass(cases[i].ms - 1);
		if (pool_count_idle(w->rig.pool) != 1)
			fail_msg("too early: %s", cases[i].said);
		memory_pass(1);
		if (pool_count(w->rig.pool) != 0)
			fail_msg("too late: %s", cases[i].said);
	}
}

static void
a_connection_that_is_not_kept_at_all_is_not_used_again(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	assert_true(memory_connect(true));
	assert_true(feed("HTTP/1.1 204 x\r\nKeep-Alive: timeout=0\r\n\r\n"));
	start(w, "GET", BODY_NONE);
	assert_int_equal(w->record.attempts, 0);
	assert_true(memory_connect(true));
}

/* -- ends -- */

static void
assert_ended(const struct world *w, enum link_end how)
{
	assert_null(memory_wires()->link);
	assert_int_equal(memory_wires()->end, how);
	assert_int_equal(pool_count(w->rig.pool), 0);
}

static void
the_last_response_of_a_connection_ends_it_in_peace(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	assert_true(memory_connect(true));
	assert_true(feed("HTTP/1.1 200 OK\r\nConnection: close\r\n"
	    "Content-Length: 2\r\n\r\nok"));
	assert_true(w->ended);
	assert_ended(w, LINK_END_LINGER);
}

static void
a_response_that_ends_with_its_connection_ends_it_in_peace(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	assert_true(memory_connect(true));
	assert_true(feed("HTTP/1.1 200 OK\r\n\r\nok"));
	assert_true(memory_eof(memory_wires(), true));
	assert_true(w->ended);
	assert_ended(w, LINK_END_NOW);
}

static void
an_idle_connection_that_the_upstream_ends_ends_in_peace(void **state)
{
	struct world *w = *state;

	make_used(w);
	assert_true(memory_eof(memory_wires(), true));
	assert_ended(w, LINK_END_NOW);
}

static void
a_response_that_was_cut_ends_without_a_word(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	assert_true(memory_connect(true));
	assert_true(feed("HTTP/1.1 200 OK\r\n\r\nok"));
	assert_true(memory_eof(memory_wires(), false));
	assert_int_equal(w->faults, 1);
	assert_ended(w, LINK_END_ABORT);
}

static void
a_request_that_was_cut_ends_without_a_word(void **state)
{
	struct world *w = *state;

	start(w, "POST", BODY_STREAM);
	assert_true(memory_connect(true));
	say(w, "x", false);
	attempt_close(&w->attempt);
	memory_turn();
	assert_ended(w, LINK_END_ABORT);
}

static void
an_answer_before_all_of_a_body_left_ends_without_a_word(void **state)
{
	struct world *w = *state;

	start(w, "POST", BODY_STREAM);
	assert_true(memory_connect(true));
	memory_set_room(memory_wires(), 2);
	say(w, "xxxx", true);
	assert_true(feed("HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n"));
	assert_true(w->ended);
	assert_ended(w, LINK_END_ABORT);
}

static void
an_owner_that_does_not_send_has_its_fault(void **state)
{
	struct world *w = *state;

	w->sends = false;
	start(w, "GET", BODY_NONE);
	assert_true(memory_connect(true));
	assert_int_equal(w->faults, 1);
	assert_int_equal(w->fault, FAULT_KEY_UNAVAILABLE);
	assert_int_equal(w->record.attempts, 0);
	assert_int_equal(buf_len(&memory_wires()->out), 0);
}

static void
no_connection_is_a_fault(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	assert_true(memory_connect(false));
	assert_int_equal(w->faults, 1);
	assert_int_equal(w->fault, FAULT_UPSTREAM_TLS);
}

/* The pool looks who waits no longer by whole milliseconds. */
static void
who_gets_a_connection_at_the_last_moment_has_a_deadline(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	w->attempt.waiter.until_ns += NS_PER_MS;
	memory_pass(25 * SECONDS);
	assert_int_equal(w->faults, 0);
	assert_true(memory_connect(true));
	assert_int_equal(w->record.attempts, 1);
	memory_pass(1);
	assert_int_equal(w->faults, 1);
	assert_int_equal(w->fault, FAULT_UPSTREAM_TIMEOUT);
}

static void
closing_cancels_what_runs(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	attempt_close(&w->attempt);
	assert_true(memory_connect(true));
	assert_int_equal(buf_len(&memory_wires()->out), 0);
	assert_int_equal(pool_count_idle(w->rig.pool), 1);
	start(w, "GET", BODY_NONE);
	assert_true(feed("HTTP/1.1 200 OK\r\n"));
	attempt_close(&w->attempt);
	memory_turn();
	assert_null(memory_wires()->link);
	assert_int_equal(pool_count(w->rig.pool), 0);
	attempt_close(&w->attempt);
	assert_int_equal(w->faults, 0);
}

static void
a_body_of_too_slow_a_response_is_a_fault(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	assert_true(memory_connect(true));
	assert_true(feed("HTTP/1.1 200 OK\r\nContent-Length: 1002\r\n\r\n"));
	memory_pass(59 * SECONDS);
	assert_int_equal(w->faults, 0);
	memory_pass(SECONDS);
	assert_int_equal(w->fault, FAULT_UPSTREAM_TIMEOUT);
	assert_null(memory_wires()->link);
}

/* -- time -- */

static void
pass_to_the_timeout(struct world *w, int64_t ms)
{
	memory_pass(ms - 1);
	assert_int_equal(w->faults, 0);
	memory_pass(1);
	assert_int_equal(w->faults, 1);
	assert_int_equal(w->fault, FAULT_UPSTREAM_TIMEOUT);
}

static void
a_retry_gets_no_time_of_its_own(void **state)
{
	struct world *w = *state;

	make_used(w);
	start(w, "GET", BODY_NONE);
	memory_pass(20 * SECONDS);
	memory_fail(memory_wires());
	memory_pass(2 * SECONDS);
	assert_true(memory_connect(true));
	assert_int_equal(w->record.attempts, 2);
	pass_to_the_timeout(w, 3 * SECONDS);
}

static void
a_retry_does_not_wait_longer_for_a_connection(void **state)
{
	struct world *w = *state;

	make_used(w);
	start(w, "GET", BODY_NONE);
	memory_pass(20 * SECONDS);
	memory_fail(memory_wires());
	memory_pass(5 * SECONDS - 1);
	assert_int_equal(w->faults, 0);
	memory_pass(1);
	assert_int_equal(w->faults, 1);
}

static void
a_body_gives_no_time_back_that_a_connection_took(void **state)
{
	struct world *w = *state;

	start(w, "POST", BODY_STREAM);
	memory_pass(20 * SECONDS);
	assert_true(memory_connect(true));
	say(w, "{}", true);
	pass_to_the_timeout(w, 5 * SECONDS);
}

static void
the_client_is_waited_for_at_its_own_cost(void **state)
{
	struct world *w = *state;

	start(w, "POST", BODY_STREAM);
	assert_true(memory_connect(true));
	memory_pass(3600 * SECONDS);
	say(w, "{", false);
	memory_pass(3600 * SECONDS);
	assert_int_equal(w->faults, 0);
	say(w, "}", true);
	pass_to_the_timeout(w, 25 * SECONDS);
}

static void
a_body_of_a_known_length_may_end_before_it_is_said(void **state)
{
	struct world *w = *state;

	start(w, "POST", BODY_STREAM);
	w->request.framing = BODY_LENGTH;
	w->request.length = 2;
	assert_true(memory_connect(true));
	say(w, "{}", false);
	memory_pass(100 * SECONDS);
	say(w, "", true);
	pass_to_the_timeout(w, 25 * SECONDS);
}

static void
an_upstream_that_takes_a_body_slowly_is_not_late(void **state)
{
	struct world *w = *state;
	static const uint8_t piece[50000];

	start(w, "POST", BODY_STREAM);
	assert_true(memory_connect(true));
	memory_set_room(memory_wires(), 0);
	attempt_body(&w->attempt, piece, sizeof(piece), true);
	for (unsigned i = 0; i < 100; i++) {
		memory_pass(20 * SECONDS);
		memory_set_room(memory_wires(), 400);
	}
	assert_int_equal(w->faults, 0);
	pass_to_the_timeout(w, 25 * SECONDS);
}

static void
an_upstream_that_takes_a_trickle_is(void **state)
{
	struct world *w = *state;
	static const uint8_t piece[50000];
	unsigned n = 0;

	start(w, "POST", BODY_STREAM);
	assert_true(memory_connect(true));
	memory_set_room(memory_wires(), 0);
	attempt_body(&w->attempt, piece, sizeof(piece), true);
	while (w->faults == 0 && n < 100) {
		memory_pass(2 * SECONDS);
		memory_set_room(memory_wires(), 1);
		n++;
	}
	assert_in_range(n, 13, 14);
	assert_int_equal(w->fault, FAULT_UPSTREAM_TIMEOUT);
}

static void
start_with_expectation(struct world *w)
{
	fields_add(&w->fields, FIELD_EXPECT, TEXT("Expect"),
	    TEXT("100-Continue"));
	start(w, "POST", BODY_STREAM);
	assert_true(memory_connect(true));
}

static void
an_upstream_that_does_not_say_whether_to_go_on_is_late(void **state)
{
	struct world *w = *state;

	start_with_expectation(w);
	pass_to_the_timeout(w, 25 * SECONDS);
}

static void
a_client_that_may_go_on_is_waited_for(void **state)
{
	struct world *w = *state;

	start_with_expectation(w);
	assert_true(feed("HTTP/1.1 100 Continue\r\n\r\n"));
	memory_pass(3600 * SECONDS);
	assert_int_equal(w->faults, 0);
	say(w, "{}", true);
	pass_to_the_timeout(w, 25 * SECONDS);
}

static void
a_client_that_goes_on_unasked_is_waited_for_too(void **state)
{
	struct world *w = *state;

	start_with_expectation(w);
	memory_pass(SECONDS);
	say(w, "{", false);
	memory_pass(3600 * SECONDS);
	assert_int_equal(w->faults, 0);
}

/* It answers at once, and says more when it has all of the request. */
static void
start_with_early_head(struct world *w)
{
	start(w, "POST", BODY_STREAM);
	assert_true(memory_connect(true));
	assert_true(feed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"));
}

static void
the_client_is_waited_for_at_its_own_cost_behind_an_early_head(void **state)
{
	struct world *w = *state;

	start_with_early_head(w);
	memory_pass(3600 * SECONDS);
	say(w, "{", false);
	memory_pass(3600 * SECONDS);
	assert_int_equal(w->faults, 0);
	say(w, "}", true);
	pass_to_the_timeout(w, 60 * SECONDS);
}

static void
a_body_may_be_taken_slowly_behind_an_early_head(void **state)
{
	struct world *w = *state;
	static const uint8_t piece[50000];

	start_with_early_head(w);
	memory_set_room(memory_wires(), 0);
	attempt_body(&w->attempt, piece, sizeof(piece), true);
	for (unsigned i = 0; i < 100; i++) {
		memory_pass(50 * SECONDS);
		memory_set_room(memory_wires(), 501);
	}
	assert_int_equal(w->faults, 0);
	memory_pass(60 * SECONDS);
	assert_int_equal(w->fault, FAULT_UPSTREAM_TIMEOUT);
}

/* A response that is late with its body, of which n bytes come at a time. */
static void
pass_with_bytes(struct world *w, unsigned times, const char *bytes)
{
	for (unsigned i = 0; i < times; i++) {
		memory_pass(10 * SECONDS);
		assert_true(feed(bytes));
	}
	assert_int_equal(w->faults, 0);
}

static void
start_with_body_rate(struct world *w, uint64_t rate)
{
	w->rig.upstream.body_rate = rate;
	start(w, "GET", BODY_NONE);
	assert_true(memory_connect(true));
	memory_pass(20 * SECONDS);
	assert_true(feed("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"));
}

static void
a_responses_body_has_a_time_of_its_own(void **state)
{
	struct world *w = *state;

	start_with_body_rate(w, 2);
	/* Five seconds for each ten: thirty are left. */
	pass_with_bytes(w, 6, "0123456789");
	memory_pass(30 * SECONDS - 1);
	assert_int_equal(w->faults, 0);
	memory_pass(1);
	assert_int_equal(w->fault, FAULT_UPSTREAM_TIMEOUT);
	assert_string_equal(w->detail,
	    "the response's body came too slowly");
}

static void
without_a_rate_any_byte_of_a_response_is_enough(void **state)
{
	struct world *w = *state;

	start_with_body_rate(w, 0);
	pass_with_bytes(w, 100, "0");
	pass_to_the_timeout(w, 60 * SECONDS);
}

/* -- the retry -- */

static void
assert_tried_again(struct world *w)
{
	assert_int_equal(w->faults, 0);
	assert_true(memory_connect(true));
	assert_true(was_sent(memory_wires(), " / HTTP/1.1\r\n"));
	assert_int_equal(w->record.attempts, 2);
	assert_false(w->record.reused);
	assert_true(feed(OK_2));
	assert_true(w->ended);
}

static void
assert_not_tried_again(struct world *w)
{
	assert_int_equal(w->faults, 1);
	assert_int_equal(w->fault, FAULT_UPSTREAM_PROTOCOL);
	assert_int_equal(w->record.attempts, 1);
	assert_false(memory_connect(true));
}

static void
a_get_is_sent_again_where_a_used_connection_ends(void **state)
{
	struct world *w = *state;

	make_used(w);
	start(w, "GET", BODY_NONE);
	assert_true(memory_eof(memory_wires(), true));
	assert_tried_again(w);
}

static void
a_get_is_sent_again_where_a_used_connection_fails(void **state)
{
	struct world *w = *state;

	make_used(w);
	start(w, "GET", BODY_NONE);
	memory_fail(memory_wires());
	assert_tried_again(w);
}

static void
what_was_sent_again_is_not_sent_a_third_time(void **state)
{
	struct world *w = *state;

	make_used(w);
	start(w, "GET", BODY_NONE);
	memory_fail(memory_wires());
	assert_true(memory_connect(true));
	memory_fail(memory_wires());
	assert_int_equal(w->faults, 1);
	assert_int_equal(w->record.attempts, 2);
}

static void
nothing_is_sent_again_after_a_byte_of_the_response(void **state)
{
	struct world *w = *state;

	make_used(w);
	start(w, "GET", BODY_NONE);
	assert_true(feed("H"));
	memory_fail(memory_wires());
	assert_not_tried_again(w);
}

static void
nothing_is_sent_again_where_a_fresh_connection_ends(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	assert_true(memory_connect(true));
	memory_fail(memory_wires());
	assert_not_tried_again(w);
}

static void
a_post_is_not_sent_again(void **state)
{
	struct world *w = *state;

	make_used(w);
	start(w, "POST", BODY_NONE);
	memory_fail(memory_wires());
	assert_not_tried_again(w);
}

static void
a_body_that_was_taken_is_sent_again_whole(void **state)
{
	struct world *w = *state;

	make_used(w);
	start(w, "PUT", BODY_STREAM);
	say(w, "ab", false);
	say(w, "c", true);
	memory_fail(memory_wires());
	assert_tried_again(w);
	assert_true(was_sent(memory_wires(), "\r\n3\r\nabc\r\n0\r\n\r\n"));
}

static void
a_body_of_which_a_part_was_taken_goes_on_behind_it(void **state)
{
	struct world *w = *state;

	make_used(w);
	start(w, "DELETE", BODY_STREAM);
	say(w, "ab", false);
	memory_fail(memory_wires());
	say(w, "c", false);
	assert_int_equal(attempt_room(&w->attempt), 0);
	assert_true(memory_connect(true));
	assert_true(attempt_room(&w->attempt) != 0);
	say(w, "d", true);
	assert_true(was_sent(memory_wires(),
	    "\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"));
	assert_true(feed(OK_2));
	assert_true(w->ended);
	assert_int_equal(w->record.attempts, 2);
}

static const char *
bytes(size_t n)
{
	static char all[2 * REPLAY + 1];

	memset(all, 'x', n);
	all[n] = '\0';
	return all;
}

static void
a_body_that_outgrew_what_is_kept_is_not_sent_again(void **state)
{
	struct world *w = *state;

	make_used(w);
	start(w, "PUT", BODY_STREAM);
	say(w, bytes(REPLAY), false);
	say(w, "x", true);
	memory_fail(memory_wires());
	assert_not_tried_again(w);
}

static void
a_body_that_just_fits_is(void **state)
{
	struct world *w = *state;

	make_used(w);
	start(w, "PUT", BODY_STREAM);
	say(w, bytes(REPLAY), true);
	memory_fail(memory_wires());
	assert_tried_again(w);
}

static void
what_comes_between_two_attempts_may_outgrow_it_and_is_not_kept(void **state)
{
	struct world *w = *state;

	make_used(w);
	start(w, "PUT", BODY_STREAM);
	memory_fail(memory_wires());
	say(w, bytes(2 * REPLAY), true);
	assert_int_equal(buf_len(&w->attempt.replay.bytes), 2 * REPLAY);
	assert_tried_again(w);
	assert_true(was_sent(memory_wires(), bytes(2 * REPLAY)));
	assert_false(attempt_can_restart(&w->attempt));
}

static void
nothing_is_kept_once_the_response_is_passed_on(void **state)
{
	struct world *w = *state;

	start(w, "PUT", BODY_STREAM);
	assert_true(memory_connect(true));
	say(w, "abc", true);
	assert_int_equal(buf_len(&w->attempt.replay.bytes), 3);
	assert_true(feed("HTTP/1.1 200 OK\r\n"));
	assert_true(attempt_can_restart(&w->attempt));
	assert_true(feed("Content-Length: 2\r\n\r\n"));
	assert_int_equal(buf_len(&w->attempt.replay.bytes), 0);
	assert_false(attempt_can_restart(&w->attempt));
}

static void
what_surely_can_be_sent_again_takes_any_connection(void **state)
{
	struct world *w = *state;

	make_used(w);
	memory_wires()->unnoticed = true;
	w->length = REPLAY;
	start(w, "PUT", BODY_LENGTH);
	assert_int_equal(w->record.attempts, 1);
	assert_true(w->record.reused);
	attempt_close(&w->attempt);

	make_used(w);
	memory_wires()->unnoticed = true;
	w->length = REPLAY + 1;
	start(w, "PUT", BODY_LENGTH);
	assert_int_equal(w->record.attempts, 0);
}

static void
a_body_that_comes_between_two_attempts_is_sent_with_the_second(void **state)
{
	struct world *w = *state;

	make_used(w);
	start(w, "PUT", BODY_STREAM);
	memory_fail(memory_wires());
	attempt_body(&w->attempt, (const uint8_t *)"x", 1, false);
	attempt_body(&w->attempt, (const uint8_t *)"y", 1, true);
	assert_tried_again(w);
	assert_true(was_sent(memory_wires(), "2\r\nxy\r\n0\r\n\r\n"));
}

/* -- the restart -- */

static struct pool *
other_pool(struct world *w)
{
	return pool_new(&(struct pool_conf){
		.loop = w->rig.loop,
		.tls = w->rig.tls,
		.upstream = &w->rig.upstream,
		.codec = &w->rig.codec,
		.counts = &w->rig.counts,
		.contact = w->rig.contact,
	});
}

static void
a_request_goes_to_the_connections_of_another_pool(void **state)
{
	struct world *w = *state;
	struct pool *other = other_pool(w);
	const struct wire *first;

	start(w, "POST", BODY_STREAM);
	assert_true(memory_connect(true));
	first = memory_wires();
	say(w, "ab", false);
	memory_pass(20 * SECONDS);
	attempt_rewind(&w->attempt);
	attempt_start(&w->attempt, other);
	memory_turn();
	assert_null(first->link);
	assert_true(memory_connect(true));
	assert_true(memory_wires() != first);
	assert_true(was_sent(memory_wires(), "POST / HTTP/1.1\r\n"));
	assert_int_equal(w->record.attempts, 2);
	say(w, "c", true);
	assert_true(was_sent(memory_wires(),
	    "\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"));
	/* Whoever takes part in it has no more time than one alone. */
	memory_pass(5 * SECONDS - 1);
	assert_int_equal(w->faults, 0);
	assert_true(feed(OK_2));
	assert_true(w->ended);
	assert_int_equal(pool_count(w->rig.pool), 0);
	assert_int_equal(pool_count_idle(other), 1);
	attempt_close(&w->attempt);
	pool_free(other);
}

static void
a_request_that_waits_can_wait_elsewhere(void **state)
{
	struct world *w = *state;
	struct pool *other = other_pool(w);

	start(w, "GET", BODY_NONE);
	attempt_rewind(&w->attempt);
	attempt_start(&w->attempt, other);
	memory_turn();
	assert_true(memory_connect(true));
	assert_int_equal(w->record.attempts, 0);
	assert_true(memory_connect(true));
	assert_int_equal(w->record.attempts, 1);
	assert_true(feed(OK_2));
	assert_true(w->ended);
	attempt_close(&w->attempt);
	pool_free(other);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_response_comes_back_and_its_connection_is_kept),
		TEST(the_next_request_uses_the_same_connection),
		TEST(a_connection_that_nobody_used_is_not_reused),
		TEST(
	    what_cannot_be_sent_again_uses_no_connection_that_has_ended),
		TEST(without_credit_a_body_stays_where_it_is),
		TEST(what_came_before_a_connection_broke_still_gets_there),
		TEST(a_broken_connection_is_told_behind_what_came_on_it),
		TEST(who_waits_for_credit_may_leave_a_broken_connection),
		TEST(there_is_room_for_a_body_when_there_is_a_connection),
		TEST(an_end_that_comes_before_a_connection_is_held),
		TEST(a_response_before_the_requests_end_spoils_the_connection),
		TEST(a_response_that_came_before_its_request_is_none),
		TEST(a_response_before_its_request_was_even_written_is_none),
		TEST(a_response_that_overtook_a_body_spoils_the_connection),
		TEST(a_word_to_go_on_spoils_nothing),
		TEST(a_connection_is_kept_no_longer_than_its_upstream_keeps_it),
		TEST(a_connection_that_is_not_kept_at_all_is_not_used_again),
		TEST(the_last_response_of_a_connection_ends_it_in_peace),
		TEST(
	    a_response_that_ends_with_its_connection_ends_it_in_peace),
		TEST(an_idle_connection_that_the_upstream_ends_ends_in_peace),
		TEST(a_response_that_was_cut_ends_without_a_word),
		TEST(a_request_that_was_cut_ends_without_a_word),
		TEST(an_answer_before_all_of_a_body_left_ends_without_a_word),
		TEST(an_owner_that_does_not_send_has_its_fault),
		TEST(no_connection_is_a_fault),
		TEST(who_gets_a_connection_at_the_last_moment_has_a_deadline),
		TEST(closing_cancels_what_runs),
		TEST(a_body_of_too_slow_a_response_is_a_fault),
		TEST(a_retry_gets_no_time_of_its_own),
		TEST(a_retry_does_not_wait_longer_for_a_connection),
		TEST(a_body_gives_no_time_back_that_a_connection_took),
		TEST(the_client_is_waited_for_at_its_own_cost),
		TEST(a_body_of_a_known_length_may_end_before_it_is_said),
		TEST(an_upstream_that_takes_a_body_slowly_is_not_late),
		TEST(an_upstream_that_takes_a_trickle_is),
		TEST(an_upstream_that_does_not_say_whether_to_go_on_is_late),
		TEST(a_client_that_may_go_on_is_waited_for),
		TEST(a_client_that_goes_on_unasked_is_waited_for_too),
		TEST(
	    the_client_is_waited_for_at_its_own_cost_behind_an_early_head),
		TEST(a_body_may_be_taken_slowly_behind_an_early_head),
		TEST(a_responses_body_has_a_time_of_its_own),
		TEST(without_a_rate_any_byte_of_a_response_is_enough),
		TEST(a_get_is_sent_again_where_a_used_connection_ends),
		TEST(a_get_is_sent_again_where_a_used_connection_fails),
		TEST(what_was_sent_again_is_not_sent_a_third_time),
		TEST(nothing_is_sent_again_after_a_byte_of_the_response),
		TEST(nothing_is_sent_again_where_a_fresh_connection_ends),
		TEST(a_post_is_not_sent_again),
		TEST(a_body_that_was_taken_is_sent_again_whole),
		TEST(a_body_of_which_a_part_was_taken_goes_on_behind_it),
		TEST(a_body_that_outgrew_what_is_kept_is_not_sent_again),
		TEST(a_body_that_just_fits_is),
		TEST(
	    what_comes_between_two_attempts_may_outgrow_it_and_is_not_kept),
		TEST(nothing_is_kept_once_the_response_is_passed_on),
		TEST(what_surely_can_be_sent_again_takes_any_connection),
		TEST(
	    a_body_that_comes_between_two_attempts_is_sent_with_the_second),
		TEST(a_request_goes_to_the_connections_of_another_pool),
		TEST(a_request_that_waits_can_wait_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
