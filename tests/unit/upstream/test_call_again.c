/*
 * upstream/call: how often a request is sent, with how many keys, when several
 * things happen to it, over a network in memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "call_rig.h"
#include "policy/key_state.h"

#define OK		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define CODE		"X-Cloud-Error-Codes: root.unauthenticated\r\n"
#define REFUSED		"HTTP/1.1 401 x\r\n" CODE "Content-Length: 3\r\n\r\nno!"
#define CLOSED		"HTTP/1.1 401 x\r\nConnection: close\r\n"
#define CHUNKED		"Transfer-Encoding: chunked\r\n\r\n"

struct world {
	struct call_rig rig;
	struct rig_client client;
};

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	*state = w;
	call_rig_start(&w->rig);
	w->rig.route.n_keys = 3;
	rig_client_init(&w->client, &w->rig);
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	rig_client_end(&w->client);
	call_rig_end(&w->rig);
	free(w);
	return 0;
}

static void
start(struct world *w, const char *method, enum body_framing framing)
{
	rig_client_open(&w->client, method, framing);
	assert_true(memory_connect(true));
}

/* A connection of the key that serves now served one request, and is idle. */
static struct wire *
leave_idle(struct world *w)
{
	struct wire *wire;

	start(w, "GET", BODY_NONE);
	wire = memory_wires();
	call_rig_feed(OK);
	assert_true(rig_client_got(&w->client, 200, "ok"));
	rig_client_reset(&w->client);
	return wire;
}

/* A request goes by an idle connection, which has ended already. */
static void
send_in_vain(struct world *w)
{
	struct wire *wire = leave_idle(w);

	rig_client_open(&w->client, "GET", BODY_NONE);
	assert_int_equal(w->client.record.attempts, 1);
	assert_true(memory_eof(wire, true));
	assert_int_equal(w->client.faults, 0);
}

/* -- how often -- */

static void
a_request_is_sent_three_times_at_most(void **state)
{
	struct world *w = *state;

	/* The next key has a connection that may have ended as well. */
	call_rig_decide(&w->rig, 0, KEY_OFF_EXPIRED);
	(void)leave_idle(w);
	call_rig_decide(&w->rig, 0, 0);
	send_in_vain(w);
	assert_true(memory_connect(true));
	assert_true(call_rig_sent(BY_A));
	call_rig_feed(REFUSED);
	assert_true(memory_connect(true));
	assert_true(call_rig_sent(BY_B));
	assert_false(w->client.record.reused);
	assert_int_equal(w->client.record.attempts, 3);
	assert_true(memory_eof(memory_wires(), true));
	assert_int_equal(w->client.faults, 1);
	assert_false(memory_connect(true));
}

/* The second try of one goes by a connection that the upstream closes. */
static void
try_again_in_vain(struct world *w)
{
	struct wire *idle;

	call_rig_decide(&w->rig, 0, KEY_OFF_EXPIRED);
	idle = leave_idle(w);
	call_rig_decide(&w->rig, 0, 0);
	start(w, "GET", BODY_NONE);
	call_rig_feed(REFUSED);
	assert_int_equal(w->client.record.attempts, 2);
	assert_true(w->client.record.reused);
	assert_true(memory_eof(idle, true));
}

static void
a_second_try_that_found_its_connection_closed_is_sent_again(void **state)
{
	struct world *w = *state;

	try_again_in_vain(w);
	assert_true(memory_connect(true));
	assert_true(call_rig_sent(BY_B));
	call_rig_feed(REFUSED);
	assert_true(rig_client_got(&w->client, 401, "no!"));
	assert_int_equal(w->client.record.attempts, 3);
	assert_false(call_rig_ever_sent(BY_C));
}

/* -- with how many keys -- */

static void
a_key_that_was_sent_and_is_switched_off_then_has_been_tried(void **state)
{
	struct world *w = *state;

	send_in_vain(w);
	call_rig_decide(&w->rig, 0, KEY_OFF_REJECTED);
	caller_obey(w->rig.caller);
	memory_turn();
	/* The connection of the first key is not needed any more. */
	assert_true(memory_connect(true));
	assert_true(memory_connect(true));
	assert_true(call_rig_sent(BY_B));
	call_rig_feed(REFUSED);
	assert_true(rig_client_got(&w->client, 401, "no!"));
	assert_false(call_rig_ever_sent(BY_C));
}

static void
of_that_key_nothing_comes_back_either(void **state)
{
	struct world *w = *state;

	send_in_vain(w);
	call_rig_decide(&w->rig, 0, KEY_OFF_REJECTED);
	assert_true(memory_connect(true));
	assert_true(memory_connect(true));
	assert_true(call_rig_sent(BY_B));
	call_rig_feed("HTTP/1.1 200 OK\r\nX: " KEY_A "\r\n\r\n");
	assert_true(rig_client_failed(&w->client, FAULT_KEY_REFLECTED));
}

static void
when_the_second_key_goes_too_the_first_is_tried_once_more(void **state)
{
	struct world *w = *state;

	try_again_in_vain(w);
	call_rig_decide(&w->rig, 1, KEY_OFF_DISABLED);
	caller_obey(w->rig.caller);
	memory_turn();
	/* The connection of the second key is not needed any more. */
	(void)memory_connect(true);
	(void)memory_connect(true);
	assert_true(call_rig_sent(BY_A));
	call_rig_feed(REFUSED);
	assert_true(rig_client_got(&w->client, 401, "no!"));
	assert_int_equal(w->client.record.attempts, 3);
	assert_false(call_rig_ever_sent(BY_C));
}

static void
when_both_keys_go_no_third_is_tried(void **state)
{
	struct world *w = *state;

	try_again_in_vain(w);
	call_rig_decide(&w->rig, 0, KEY_OFF_REJECTED);
	call_rig_decide(&w->rig, 1, KEY_OFF_DISABLED);
	caller_obey(w->rig.caller);
	memory_turn();
	assert_true(rig_client_failed(&w->client, FAULT_KEY_UNAVAILABLE));
	assert_string_equal(w->client.detail,
	    "both that it was sent with were switched off");
	(void)memory_connect(true);
	assert_false(call_rig_ever_sent(BY_C));
}

static void
a_key_that_was_not_sent_yet_has_not_been_tried(void **state)
{
	struct world *w = *state;

	rig_client_open(&w->client, "GET", BODY_NONE);
	call_rig_decide(&w->rig, 0, KEY_OFF_DISABLED);
	caller_obey(w->rig.caller);
	memory_turn();
	assert_true(memory_connect(true));
	assert_true(call_rig_sent(BY_B));
	call_rig_feed(REFUSED);
	assert_true(memory_connect(true));
	assert_true(call_rig_sent(BY_C));
	call_rig_feed(OK);
	assert_true(rig_client_got(&w->client, 200, "ok"));
	assert_false(call_rig_ever_sent(BY_A));
}

/* -- a refusal that is held up -- */

static void
a_refused_request_of_any_method_outlives_its_key(void **state)
{
	struct world *w = *state;

	start(w, "POST", BODY_STREAM);
	rig_client_say(&w->client, "abc", true);
	call_rig_feed("HTTP/1.1 401 x\r\nContent-Length: 9\r\n\r\n{");
	call_rig_decide(&w->rig, 0, KEY_OFF_DISABLED);
	caller_obey(w->rig.caller);
	memory_turn();
	assert_int_equal(w->client.heads + w->client.faults, 0);
	assert_true(memory_connect(true));
	assert_true(call_rig_sent(BY_B));
	assert_true(call_rig_sent("3\r\nabc\r\n0\r\n\r\n"));
	call_rig_feed(OK);
	assert_true(rig_client_got(&w->client, 200, "ok"));
}

static void
a_refusal_that_is_cut_has_its_code_in_the_head(void **state)
{
	struct world *w = *state;

	start(w, "POST", BODY_NONE);
	call_rig_feed("HTTP/1.1 401 x\r\n" CODE "Content-Length: 9\r\n\r\n{");
	assert_true(memory_eof(memory_wires(), true));
	assert_true(memory_connect(true));
	assert_true(call_rig_sent(BY_B));
	call_rig_feed(OK);
	assert_true(rig_client_got(&w->client, 200, "ok"));
}

static void
a_refusal_that_is_cut_and_says_nothing_is_passed_on(void **state)
{
	struct world *w = *state;

	start(w, "POST", BODY_NONE);
	call_rig_feed("HTTP/1.1 401 x\r\nContent-Length: 9\r\n\r\n{");
	assert_true(memory_eof(memory_wires(), true));
	assert_false(memory_connect(true));
	assert_int_equal(w->client.heads, 1);
	assert_int_equal(w->client.faults, 1);
	assert_false(w->client.ended);
}

/*
 * Where the first refusal is passed on, because it is about something else or
 * because the request's body was not kept.
 */
static void
a_refusal_that_is_passed_on_has_no_key_in_it(void **state)
{
	static const char *const answers[] = {
		CLOSED "X: " KEY_A "\r\nContent-Length: 0\r\n\r\n",
		CLOSED "Content-Length: 44\r\n\r\n" KEY_A,
		CLOSED CHUNKED "1\r\nx\r\n0\r\nX: " KEY_A
		    "\r\n\r\n",
		CLOSED CHUNKED "9\r\nQUFBQUFBQ\r\n0\r\n"
		    "X: UFBQUFBQUFBQTpBQUFBQUFBQUFBQUFBQQ==\r\n\r\n",
	};
	char lost[CALL_RIG_REPLAY + 2] = "";
	struct world *w = *state;

	memset(lost, 'x', sizeof(lost) - 1);
	for (size_t i = 0; i < 2 * sizeof(answers) / sizeof(*answers); i++) {
		start(w, "POST", BODY_STREAM);
		rig_client_say(&w->client, i % 2 == 0 ? "x" : lost, true);
		call_rig_feed(answers[i / 2]);
		assert_true(rig_client_failed(&w->client,
		    FAULT_KEY_REFLECTED));
		assert_false(memory_connect(true));
		rig_client_reset(&w->client);
	}
}

/* -- a client that waits for 100 -- */

static void
start_expecting(struct world *w)
{
	fields_add(&w->client.fields, FIELD_EXPECT, TEXT("Expect"),
	    TEXT("100-continue"));
	start(w, "POST", BODY_STREAM);
}

static void
a_refusal_instead_of_100_lets_the_next_one_say_it(void **state)
{
	struct world *w = *state;

	start_expecting(w);
	call_rig_feed(REFUSED);
	assert_true(memory_connect(true));
	assert_true(call_rig_sent(BY_B));
	assert_true(call_rig_sent("Expect: 100-continue\r\n"));
	call_rig_feed("HTTP/1.1 100 Continue\r\n\r\n");
	rig_client_say(&w->client, "abc", true);
	assert_true(call_rig_sent("3\r\nabc\r\n0\r\n\r\n"));
	call_rig_feed(OK);
	assert_true(rig_client_got(&w->client, 200, "ok"));
}

static void
a_body_that_came_after_100_is_sent_without_waiting_for_another(void **state)
{
	struct world *w = *state;

	start_expecting(w);
	call_rig_feed("HTTP/1.1 100 Continue\r\n\r\n");
	rig_client_say(&w->client, "abc", false);
	call_rig_feed(REFUSED);
	assert_true(memory_connect(true));
	assert_true(call_rig_sent(BY_B));
	assert_true(call_rig_sent("3\r\nabc\r\n"));
	rig_client_say(&w->client, "def", true);
	assert_true(call_rig_sent("3\r\ndef\r\n0\r\n\r\n"));
	call_rig_feed(OK);
	assert_true(rig_client_got(&w->client, 200, "ok"));
}

/* -- clients that leave -- */

static void
who_leaves_in_the_middle_leaves_nothing_behind(void **state)
{
	struct world *w = *state;

	/* While it is held up, sent again, and refused again. */
	for (int i = 0; i < 3; i++) {
		start(w, "POST", BODY_STREAM);
		rig_client_say(&w->client, "abc", false);
		call_rig_feed(CLOSED CODE "Content-Length: 3\r\n\r\nn");
		if (i > 0) {
			call_rig_feed("o!");
			assert_true(memory_connect(true));
			assert_true(call_rig_sent(BY_B));
		}
		if (i > 1)
			call_rig_feed(CLOSED "\r\nx");
		rig_client_reset(&w->client);
		assert_null(memory_wires()->link);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		CASE(a_request_is_sent_three_times_at_most),
		CASE(
		a_second_try_that_found_its_connection_closed_is_sent_again),
		CASE(
		a_key_that_was_sent_and_is_switched_off_then_has_been_tried),
		CASE(of_that_key_nothing_comes_back_either),
		CASE(when_the_second_key_goes_too_the_first_is_tried_once_more),
		CASE(when_both_keys_go_no_third_is_tried),
		CASE(a_key_that_was_not_sent_yet_has_not_been_tried),
		CASE(a_refused_request_of_any_method_outlives_its_key),
		CASE(a_refusal_that_is_cut_has_its_code_in_the_head),
		CASE(a_refusal_that_is_cut_and_says_nothing_is_passed_on),
		CASE(a_refusal_that_is_passed_on_has_no_key_in_it),
		CASE(a_refusal_instead_of_100_lets_the_next_one_say_it),
		CASE(
		a_body_that_came_after_100_is_sent_without_waiting_for_another
		    ),
		CASE(who_leaves_in_the_middle_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
