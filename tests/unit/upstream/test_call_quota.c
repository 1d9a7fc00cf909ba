/*
 * upstream/call: requests and the quota of their key, whichever they get, over
 * a network in memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "call_rig.h"
#include "policy/key_state.h"
#include "stats/decided.h"
#include "stats/quota.h"
#include "upstream/quota_queue.h"

#define CLIENTS		30
#define WINDOW_S	3600
#define OK		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define CODE		"X-Cloud-Error-Codes: root.unauthenticated\r\n"
#define REFUSED		"HTTP/1.1 401 x\r\n" CODE "Content-Length: 3\r\n\r\nno!"

struct world {
	struct call_rig rig;
	struct rig_client clients[CLIENTS];
	uint32_t promotions;
};

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	*state = w;
	call_rig_start(&w->rig);
	w->rig.upstream.quota = CONF_QUOTA_WAIT;
	for (size_t i = 0; i < CLIENTS; i++)
		rig_client_init(&w->clients[i], &w->rig);
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < CLIENTS; i++)
		rig_client_end(&w->clients[i]);
	call_rig_end(&w->rig);
	free(w);
	return 0;
}

/* The quota of a key is spent, and this second's request has gone. */
static void
spend(struct world *w, size_t key)
{
	struct quota_gate *g = quota_gate_of(w->rig.stats, key);
	const struct quota_told told = { .limit = 100,
		.interval_s = WINDOW_S };
	const int64_t now = loop_now(w->rig.loop);
	int64_t wait;

	(void)quota_gate_tell(g, &told, now, now);
	(void)quota_gate_pass(g, true, now, &wait);
}

static struct rig_client *
ask(struct world *w, size_t i)
{
	rig_client_open(&w->clients[i], "GET", BODY_NONE);
	return &w->clients[i];
}

/* Of those who wait, one may go on. */
static bool
goes_with(const char *key)
{
	memory_pass(0);
	return memory_connect(true) && call_rig_sent(key);
}

static bool
nobody_goes(void)
{
	memory_pass(0);
	return !memory_connect(true);
}

static void
decide(struct world *w, size_t key, unsigned facts)
{
	call_rig_decide(&w->rig, key, facts);
	caller_obey(w->rig.caller);
}

static void
promote(struct world *w, size_t key)
{
	stats_decide(stats_shared(w->rig.stats),
	    stats_numbers(w->rig.stats)->keys[key],
	    (struct stats_decision){ .promoted = ++w->promotions });
	caller_obey(w->rig.caller);
}

static int64_t
closed_for(const struct world *w, size_t key)
{
	return quota_gate_closed(quota_gate_of(w->rig.stats, key),
	    loop_now(w->rig.loop));
}

/* -- what a response says -- */

static void
what_a_response_says_of_the_quota_closes_its_key(void **state)
{
	static const struct {
		const char *head;
		int64_t seconds;
	} cases[] = {
		{ "200 OK\r\nX-RateLimit-Remaining: 0\r\n"
		    "X-RateLimit-Interval: 60\r\n", 60 },
		{ "429 x\r\nX-RateLimit-Remaining: 0\r\n"
		    "X-RateLimit-Interval: 1m\r\n", 60 },
		/* Where the window cannot be read. */
		{ "200 OK\r\nX-RateLimit-Remaining: 0\r\n", 10 },
		{ "200 OK\r\nX-RateLimit-Remaining: 0\r\n"
		    "X-RateLimit-Interval: soon\r\n", 10 },
		{ "200 OK\r\nX-RateLimit-Remaining: 0\r\n"
		    "X-RateLimit-Interval: 60\r\n"
		    "X-RateLimit-Interval: 61\r\n", 10 },
		/* What closes nothing: a bare 429 is its caller's. */
		{ "429 x\r\n", 0 },
		{ "429 x\r\nRetry-After: 60\r\n", 0 },
		{ "429 x\r\nX-RateLimit-Remaining: none\r\n", 0 },
		{ "200 OK\r\nX-RateLimit-Remaining: 1\r\n", 0 },
	};
	struct world *w = *state;
	struct rig_client *c = &w->clients[0];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		*quota_gate_of(w->rig.stats, 0) = (struct quota_gate){
			.limit = 0
		};
		(void)ask(w, 0);
		assert_true(goes_with(BY_A));
		call_rig_feed("HTTP/1.1 ");
		call_rig_feed(cases[i].head);
		call_rig_feed("Connection: close\r\nContent-Length: 0\r\n"
		    "\r\n");
		assert_true(c->ended);
		assert_int_equal(closed_for(w, 0), cases[i].seconds *
		    NS_PER_S);
		rig_client_reset(c);
	}
}

/* -- keys that change while a request waits -- */

static void
who_waits_leaves_a_key_that_is_switched_off(void **state)
{
	static const unsigned reasons[] = {
		KEY_OFF_DISABLED, KEY_OFF_REJECTED, KEY_OFF_EXPIRED,
	};
	struct world *w = *state;
	struct rig_client *c;

	spend(w, 0);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		c = ask(w, 0);
		assert_true(nobody_goes());
		decide(w, 0, reasons[i]);
		assert_true(goes_with(BY_B));
		assert_string_equal(c->record.key, "b");
		call_rig_feed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
		    "Connection: close\r\n\r\nok");
		assert_true(rig_client_got(c, 200, "ok"));
		rig_client_reset(c);
		decide(w, 0, 0);
	}
	assert_false(call_rig_ever_sent(BY_A));
}

static void
who_waits_goes_with_the_key_that_is_promoted(void **state)
{
	struct world *w = *state;

	spend(w, 0);
	(void)ask(w, 0);
	promote(w, 1);
	assert_true(goes_with(BY_B));
}

static void
who_waits_for_the_last_key_is_told_that_there_is_none(void **state)
{
	struct world *w = *state;
	struct rig_client *c;

	call_rig_decide(&w->rig, 1, KEY_OFF_EXPIRED);
	spend(w, 0);
	c = ask(w, 0);
	decide(w, 0, KEY_OFF_DISABLED);
	memory_turn();
	assert_true(rig_client_failed(c, FAULT_KEY_UNAVAILABLE));
	assert_string_equal(c->detail, "all are disabled or expired");
}

static void
the_next_key_has_a_gate_of_its_own(void **state)
{
	struct world *w = *state;

	spend(w, 0);
	spend(w, 1);
	(void)ask(w, 0);
	decide(w, 0, KEY_OFF_DISABLED);
	assert_true(nobody_goes());
	memory_pass(1001);
	assert_true(goes_with(BY_B));
}

static void
another_key_gives_nobody_more_time(void **state)
{
	struct world *w = *state;
	struct rig_client *last = &w->clients[CLIENTS - 1];
	size_t gone = 0;

	w->rig.upstream.max_connections = CLIENTS;
	spend(w, 0);
	spend(w, 1);
	for (size_t i = 0; i < CLIENTS; i++)
		(void)ask(w, i);
	for (int s = 0; s < 15; s++) {
		memory_pass(1000);
		gone += memory_connect(true);
	}
	memory_pass(500);
	decide(w, 0, KEY_OFF_REJECTED);
	for (int s = 0; s < 4; s++) {
		memory_pass(1000);
		gone += memory_connect(true);
	}
	assert_int_equal(last->faults, 0);
	memory_pass(1000);
	gone += memory_connect(true);
	assert_true(rig_client_failed(last, FAULT_RATE_LIMITED));
	assert_in_range(last->record.retry_s, WINDOW_S - 21, WINDOW_S - 20);
	assert_in_range(gone, 18, 20);
	for (size_t i = 0; i < CLIENTS; i++)
		assert_int_equal(w->clients[i].faults, i >= gone);
}

static void
who_came_first_goes_first_with_the_next_key_too(void **state)
{
	struct world *w = *state;

	spend(w, 0);
	spend(w, 1);
	for (size_t i = 0; i < 2; i++) {
		(void)ask(w, i);
		memory_pass(1);
	}
	/* One that came later waits for the next key already. */
	promote(w, 1);
	(void)ask(w, 2);
	promote(w, 0);
	promote(w, 1);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(w->clients[i].record.attempts, 0);
		memory_pass(1001);
		assert_true(memory_connect(true));
		assert_true(call_rig_sent(BY_B));
		assert_int_equal(w->clients[i].record.attempts, 1);
		call_close(&w->clients[i].call);
	}
}

static void
a_key_that_changes_before_a_connection_is_there_passes_its_gate(
    void **state)
{
	struct world *w = *state;

	spend(w, 1);
	(void)ask(w, 0);
	/* Nobody told the worker. */
	call_rig_decide(&w->rig, 0, KEY_OFF_REJECTED);
	assert_true(memory_connect(true));
	assert_true(nobody_goes());
	memory_pass(1001);
	assert_true(goes_with(BY_B));
	assert_false(call_rig_ever_sent(BY_A));
}

/* -- the second try -- */

static void
a_second_try_passes_the_gate_of_its_key(void **state)
{
	struct world *w = *state;
	struct rig_client *c = ask(w, 0);

	spend(w, 1);
	assert_true(goes_with(BY_A));
	call_rig_feed(REFUSED);
	assert_true(nobody_goes());
	assert_int_equal(c->heads + c->faults, 0);
	memory_pass(1001);
	assert_true(goes_with(BY_B));
	assert_int_equal(c->record.attempts, 2);
	call_rig_feed(OK);
	assert_true(rig_client_got(c, 200, "ok"));
}

static void
a_body_goes_on_while_its_second_try_waits(void **state)
{
	struct world *w = *state;
	struct rig_client *c = &w->clients[0];

	spend(w, 1);
	rig_client_open(c, "POST", BODY_STREAM);
	assert_true(goes_with(BY_A));
	rig_client_say(c, "abc", false);
	call_rig_feed(REFUSED);
	rig_client_say(c, "def", true);
	memory_pass(1001);
	assert_true(goes_with(BY_B));
	assert_true(call_rig_sent("6\r\nabcdef\r\n0\r\n\r\n"));
	call_rig_feed(OK);
	assert_true(rig_client_got(c, 200, "ok"));
}

static void
a_second_try_that_waits_in_vain_is_told_when_to_come_again(void **state)
{
	struct world *w = *state;
	struct rig_client *c;

	/* Four fifths of it are less than this second's rest. */
	w->rig.upstream.timeouts.response = 900;
	spend(w, 1);
	c = ask(w, 0);
	assert_true(goes_with(BY_A));
	memory_pass(200);
	call_rig_feed(REFUSED);
	memory_pass(500);
	assert_int_equal(c->faults, 0);
	memory_pass(50);
	assert_true(rig_client_failed(c, FAULT_RATE_LIMITED));
	assert_int_equal(c->record.retry_s, WINDOW_S);
	assert_int_equal(c->record.attempts, 1);
	assert_string_equal(c->record.refused_key, "a");
	assert_non_null(c->record.diagnosis);
	memory_pass(1000);
	assert_false(memory_connect(true));
}

static void
what_a_refusal_says_of_the_quota_is_of_the_key_that_was_refused(
    void **state)
{
	struct world *w = *state;
	struct rig_client *c = ask(w, 0);

	assert_true(goes_with(BY_A));
	call_rig_feed("HTTP/1.1 401 x\r\n" CODE "X-RateLimit-Remaining: 0\r\n"
	    "X-RateLimit-Interval: 60\r\nContent-Length: 0\r\n\r\n");
	assert_true(goes_with(BY_B));
	call_rig_feed(OK);
	assert_true(rig_client_got(c, 200, "ok"));
	assert_int_equal(closed_for(w, 0), 60 * NS_PER_S);
	assert_int_equal(closed_for(w, 1), 0);
}

/* Its answer is the upstream's own; no word of ours would be right. */
static void
a_second_try_that_loses_its_key_goes_with_the_first_one(void **state)
{
	static const unsigned reasons[] = {
		KEY_OFF_DISABLED, KEY_OFF_REJECTED, KEY_OFF_EXPIRED,
	};
	struct world *w = *state;
	struct rig_client *c;

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		spend(w, 1);
		c = ask(w, 0);
		assert_true(goes_with(BY_A));
		call_rig_feed("HTTP/1.1 401 x\r\n" CODE "Content-Length: 0\r\n"
		    "Connection: close\r\n\r\n");
		/* Rejected a moment ago, it would serve a first try. */
		stats_decide(stats_shared(w->rig.stats),
		    stats_numbers(w->rig.stats)->keys[1],
		    (struct stats_decision){ .facts = reasons[i],
		    .rejected_ns = loop_boot(w->rig.loop) });
		caller_obey(w->rig.caller);
		memory_turn();
		assert_true(goes_with(BY_A));
		assert_int_equal(c->record.attempts, 2);
		call_rig_feed("HTTP/1.1 401 x\r\n" CODE "Content-Length: 3\r\n"
		    "Connection: close\r\n\r\nno!");
		assert_true(rig_client_got(c, 401, "no!"));
		rig_client_reset(c);
		decide(w, 1, 0);
	}
	assert_false(call_rig_ever_sent(BY_B));
}

/* It was off when the request was moved, and may be the only one now. */
static void
a_key_that_is_enabled_again_serves_who_left_it(void **state)
{
	struct world *w = *state;
	struct rig_client *c = ask(w, 0);

	spend(w, 1);
	assert_true(goes_with(BY_A));
	decide(w, 0, KEY_OFF_DISABLED);
	assert_true(nobody_goes());
	/* Nobody told the worker. */
	call_rig_decide(&w->rig, 0, 0);
	decide(w, 1, KEY_OFF_DISABLED);
	assert_true(goes_with(BY_A));
	call_rig_feed(OK);
	assert_true(rig_client_got(c, 200, "ok"));
	assert_int_equal(c->record.attempts, 2);
}

static void
a_second_try_without_any_key_is_told_why(void **state)
{
	struct world *w = *state;
	struct rig_client *c = ask(w, 0);

	spend(w, 1);
	assert_true(goes_with(BY_A));
	call_rig_feed("HTTP/1.1 401 x\r\n" CODE "Content-Length: 0\r\n"
	    "Connection: close\r\n\r\n");
	call_rig_decide(&w->rig, 0, KEY_OFF_EXPIRED);
	decide(w, 1, KEY_OFF_DISABLED);
	memory_turn();
	assert_true(rig_client_failed(c, FAULT_KEY_UNAVAILABLE));
	assert_string_equal(c->detail, "all are disabled or expired");
}

static void
a_probe_waits_for_no_quota(void **state)
{
	struct world *w = *state;
	struct rig_client *c = &w->clients[0];

	spend(w, 0);
	w->rig.route.n_keys = 1;
	c->probe = true;
	(void)ask(w, 0);
	assert_true(goes_with(BY_A));
}

/* It would wait to go nowhere. */
static void
who_waits_is_answered_when_the_key_of_the_proxy_is_disabled(void **state)
{
	static char proxy[] = "proxy.example";
	struct world *w = *state;
	struct rig_client *c;

	w->rig.upstream.proxy = (struct conf_proxy){ .host = proxy,
		.port = 3128, .key = 2 };
	call_rig_restart(&w->rig);
	spend(w, 0);
	c = ask(w, 0);
	assert_true(nobody_goes());
	decide(w, 1, KEY_OFF_DISABLED);
	assert_true(nobody_goes());
	assert_int_equal(c->fault, FAULT_NONE);
	decide(w, 2, KEY_OFF_DISABLED);
	memory_turn();
	assert_true(rig_client_failed(c, FAULT_KEY_UNAVAILABLE));
	assert_string_equal(c->detail, "the key of its proxy is disabled");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		CASE(what_a_response_says_of_the_quota_closes_its_key),
		CASE(who_waits_leaves_a_key_that_is_switched_off),
		CASE(who_waits_goes_with_the_key_that_is_promoted),
		CASE(who_waits_for_the_last_key_is_told_that_there_is_none),
		CASE(the_next_key_has_a_gate_of_its_own),
		CASE(another_key_gives_nobody_more_time),
		CASE(who_came_first_goes_first_with_the_next_key_too),
		CASE(
	    a_key_that_changes_before_a_connection_is_there_passes_its_gate),
		CASE(a_second_try_passes_the_gate_of_its_key),
		CASE(a_body_goes_on_while_its_second_try_waits),
		CASE(
		    a_second_try_that_waits_in_vain_is_told_when_to_come_again),
		CASE(
	    what_a_refusal_says_of_the_quota_is_of_the_key_that_was_refused),
		CASE(a_second_try_that_loses_its_key_goes_with_the_first_one),
		CASE(a_key_that_is_enabled_again_serves_who_left_it),
		CASE(a_second_try_without_any_key_is_told_why),
		CASE(a_probe_waits_for_no_quota),
		CASE(who_waits_is_answered_when_the_key_of_the_proxy_is_disabled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
