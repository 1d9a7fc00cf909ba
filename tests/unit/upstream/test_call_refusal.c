/*
 * upstream/call: requests that the upstream refuses, and the one try with the
 * next key, over a network in memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "call_rig.h"
#include "base/clock.h"
#include "policy/key_state.h"
#include "stats/decided.h"
#include "stats/reader.h"

#define OK_2		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define CODE		"X-Cloud-Error-Codes: root.unauthenticated\r\n"
#define REFUSED		"HTTP/1.1 401 x\r\n" CODE "Content-Length: 3\r\n\r\nno!"
#define BODY		"{\"errors\":[{\"code\":\"root.unauthorized\"}]}"

struct world {
	struct call_rig rig;
	struct rig_client client;
	unsigned suspects;
	size_t suspect;			/* the last one */
};

static void
on_suspect(void *owner, size_t key, size_t upstream)
{
	struct world *w = owner;

	assert_int_equal(upstream, 0);
	w->suspects++;
	w->suspect = key;
}

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	*state = w;
	call_rig_start(&w->rig);
	caller_set_events(w->rig.caller, &(struct caller_events){
		.suspect = on_suspect, .owner = w,
	});
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

static void
assert_got(const struct world *w, unsigned status, const char *body)
{
	assert_true(rig_client_got(&w->client, status, body));
}

/* The request came again, on a connection of its own, with the next key. */
static void
assert_second_try(const struct world *w)
{
	assert_int_equal(w->client.heads + w->client.faults, 0);
	assert_true(memory_connect(true));
	assert_true(call_rig_sent(BY_B));
	assert_int_equal(w->client.record.attempts, 2);
	assert_string_equal(w->client.record.key, "b");
	assert_string_equal(w->client.record.refused_key, "a");
}

/* Nobody was asked a second time. */
static void
assert_one_try(const struct world *w)
{
	assert_false(memory_connect(true));
	assert_int_equal(w->client.record.attempts, 1);
	assert_null(w->client.record.refused_key);
}

/* -- tests -- */

static void
the_next_key_is_tried_and_its_answer_passed_on(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	assert_true(call_rig_sent(BY_A));
	call_rig_feed(REFUSED);
	assert_second_try(w);
	assert_int_equal(w->suspects, 1);
	assert_int_equal(w->suspect, 0);
	assert_non_null(w->client.record.diagnosis);
	call_rig_feed(OK_2);
	assert_got(w, 200, "ok");
	call_close(&w->client.call);
}

static void
the_code_may_be_in_the_body(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	call_rig_feed("HTTP/1.1 401 x\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "29\r\n" BODY "\r\n");
	assert_int_equal(w->client.heads, 0);
	call_rig_feed("0\r\n\r\n");
	assert_second_try(w);
	call_rig_feed(OK_2);
	assert_got(w, 200, "ok");
}

static void
a_second_401_goes_to_the_client_and_no_third_key_is_tried(void **state)
{
	struct world *w = *state;

	w->rig.route.n_keys = 3;
	start(w, "GET", BODY_NONE);
	call_rig_feed(REFUSED);
	assert_second_try(w);
	call_rig_feed(REFUSED);
	assert_got(w, 401, "no!");
	assert_false(memory_connect(true));
	assert_int_equal(w->client.record.attempts, 2);
	assert_int_equal(w->suspects, 2);
	assert_int_equal(w->suspect, 1);
}

static void
a_key_that_is_off_is_not_tried(void **state)
{
	struct world *w = *state;

	stats_decide(stats_shared(w->rig.stats),
	    stats_numbers(w->rig.stats)->keys[1], (struct stats_decision){
	    .facts = KEY_OFF_REJECTED, .rejected_ns = clock_boot() });
	start(w, "GET", BODY_NONE);
	call_rig_feed(REFUSED);
	assert_got(w, 401, "no!");
	assert_one_try(w);
}

static void
without_another_key_it_is_passed_at_once_and_the_key_is_suspect(void **state)
{
	struct world *w = *state;

	w->rig.route.n_keys = 1;
	start(w, "GET", BODY_NONE);
	call_rig_feed("HTTP/1.1 401 x\r\nContent-Length: 41\r\n\r\n{\"err");
	assert_int_equal(w->client.heads, 1);
	assert_int_equal(w->suspects, 0);
	call_rig_feed("ors\":[{\"code\":\"root.unauthorized\"}]}");
	assert_got(w, 401, BODY);
	assert_one_try(w);
	assert_int_equal(w->suspects, 1);
}

static void
another_name_of_the_same_value_is_no_other_key(void **state)
{
	struct world *w = *state;

	memcpy(secret_bytes(w->rig.keys[1].value), KEY_A, strlen(KEY_A));
	call_rig_restart(&w->rig);
	start(w, "GET", BODY_NONE);
	call_rig_feed(REFUSED);
	assert_got(w, 401, "no!");
	assert_one_try(w);
}

static void
what_says_nothing_against_the_key_is_not_held_up(void **state)
{
	static const char *const heads[] = {
		"HTTP/1.1 401 x\r\nX-Cloud-Error-Codes: kibana.unauthorized"
		    "\r\nContent-Length: 41\r\n\r\n",
		"HTTP/1.1 403 x\r\n" CODE "Content-Length: 41\r\n\r\n",
		"HTTP/1.1 403 x\r\nContent-Length: 41\r\n\r\n",
		"HTTP/1.1 429 x\r\n" CODE "Content-Length: 41\r\n\r\n",
		"HTTP/1.1 200 x\r\n" CODE "Content-Length: 41\r\n\r\n",
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		start(w, "GET", BODY_NONE);
		call_rig_feed(heads[i]);
		assert_int_equal(w->client.heads, 1);
		assert_one_try(w);
		rig_client_reset(&w->client);
	}
	assert_int_equal(w->suspects, 0);
}

static void
a_wrong_password_of_an_end_user_is_passed_on(void **state)
{
	static const char body[] = "{\"error\":{\"type\":"
	    "\"security_exception\",\"reason\":\"unable to authenticate user "
	    "[kim] for action [cluster:admin/xpack/security/token/create]\"}}";
	struct world *w = *state;
	char head[100];

	start(w, "POST", BODY_NONE);
	(void)snprintf(head, sizeof(head), "HTTP/1.1 401 x\r\n"
	    "Content-Length: %zu\r\n\r\n", strlen(body));
	call_rig_feed(head);
	assert_int_equal(w->client.heads, 0);
	call_rig_feed(body);
	assert_got(w, 401, body);
	assert_one_try(w);
	assert_int_equal(w->suspects, 0);
}

static void
a_post_is_sent_again_with_its_body(void **state)
{
	struct world *w = *state;

	start(w, "POST", BODY_STREAM);
	call_body(w->client.call, (const uint8_t *)"abc", 3, false);
	rig_client_say(&w->client, "def", true);
	call_rig_feed(REFUSED);
	assert_second_try(w);
	assert_true(call_rig_sent("6\r\nabcdef\r\n0\r\n"));
	call_rig_feed(OK_2);
	assert_got(w, 200, "ok");
}

static void
a_body_that_goes_on_is_sent_to_the_second_one(void **state)
{
	struct world *w = *state;

	start(w, "POST", BODY_STREAM);
	rig_client_say(&w->client, "abc", false);
	call_rig_feed(REFUSED);
	assert_int_equal(w->client.heads, 0);
	call_body(w->client.call, (const uint8_t *)"def", 3, false);
	assert_second_try(w);
	rig_client_say(&w->client, "ghi", true);
	assert_true(call_rig_sent("6\r\nabcdef\r\n3\r\nghi\r\n"));
	call_rig_feed(OK_2);
	assert_got(w, 200, "ok");
}

static void
a_body_that_was_lost_is_not_sent_again(void **state)
{
	uint8_t bytes[CALL_RIG_REPLAY + 1] = { 0 };
	struct world *w = *state;

	start(w, "PUT", BODY_STREAM);
	call_body(w->client.call, bytes, sizeof(bytes), true);
	memory_turn();
	call_rig_feed(REFUSED);
	assert_got(w, 401, "no!");
	assert_one_try(w);
	assert_int_equal(w->suspects, 1);
}

static void
a_body_that_outgrows_what_is_kept_while_it_is_held_up_passes(void **state)
{
	uint8_t bytes[CALL_RIG_REPLAY + 1] = { 0 };
	struct world *w = *state;

	start(w, "PUT", BODY_STREAM);
	call_body(w->client.call, bytes, 10, false);
	memory_turn();
	call_rig_feed("HTTP/1.1 401 x\r\n" CODE "Content-Length: 3\r\n\r\nn");
	assert_int_equal(w->client.heads, 0);
	call_body(w->client.call, bytes, CALL_RIG_REPLAY, false);
	memory_turn();
	call_rig_feed("o!");
	assert_got(w, 401, "no!");
	assert_one_try(w);
}

static void
of_a_401_without_end_only_the_beginning_is_waited_for(void **state)
{
	struct world *w = *state;
	char spaces[1025] = "";

	memset(spaces, ' ', 1024);
	start(w, "GET", BODY_NONE);
	call_rig_feed("HTTP/1.1 401 x\r\n" CODE
	    "Content-Length: 10000000\r\n\r\n");
	for (int i = 0; i < 8; i++) {
		assert_int_equal(w->client.record.attempts, 1);
		call_rig_feed(spaces);
	}
	assert_second_try(w);
	call_rig_feed(OK_2);
	assert_got(w, 200, "ok");
}

static void
a_401_that_stalls_is_waited_for_a_second(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	call_rig_feed("HTTP/1.1 401 x\r\n" CODE
	    "Content-Length: 10000000\r\n\r\nx");
	memory_pass(999);
	assert_false(memory_connect(true));
	memory_pass(2);
	assert_second_try(w);
	call_rig_feed(OK_2);
	assert_got(w, 200, "ok");
}

static void
the_answer_to_a_head_has_its_code_in_the_head(void **state)
{
	struct world *w = *state;

	start(w, "HEAD", BODY_NONE);
	call_rig_feed("HTTP/1.1 401 x\r\n" CODE
	    "Content-Length: 10000000\r\n\r\n");
	assert_second_try(w);
	call_rig_feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
	assert_got(w, 200, "");
}

static void
neither_key_comes_back(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nX: " KEY_A "\r\nConnection: close\r\n"
		    "Content-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nX: " KEY_B "\r\nConnection: close\r\n"
		    "Content-Length: 0\r\n\r\n",
		"HTTP/1.1 103 x\r\nX: " KEY_A "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nConnection: close\r\n"
		    "Content-Length: 44\r\n\r\n" KEY_A,
		"HTTP/1.1 200 OK\r\nConnection: close\r\n"
		    "Content-Length: 44\r\n\r\n" KEY_B,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
		    "Connection: close\r\n\r\n0\r\nX: " KEY_A "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		    "9\r\nQUFBQUFBQ\r\n0\r\n"
		    "X: UFBQUFBQUFBQTpBQUFBQUFBQUFBQUFBQQ==\r\n\r\n",
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		start(w, "GET", BODY_NONE);
		call_rig_feed("HTTP/1.1 401 x\r\n" CODE "Connection: close\r\n"
		    "Content-Length: 0\r\n\r\n");
		assert_second_try(w);
		call_rig_feed(answers[i]);
		assert_true(rig_client_failed(&w->client,
		    FAULT_KEY_REFLECTED));
		assert_int_equal(buf_len(&w->client.body), 0);
		rig_client_reset(&w->client);
	}
}

static void
no_text_of_the_line_has_the_first_key(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	w->client.request.target = TEXT("/" KEY_B);
	call_rig_feed(REFUSED);
	assert_second_try(w);
	/* The client has it, which is seen when it is used. */
	assert_true(w->client.record.shows_secret);
	call_rig_feed("HTTP/1.1 200 OK\r\nX-Request-Id: QUFBQUFBQUFB\r\n"
	    "X-Elastic-Api-Key-Expiration: UFBQUFBQUFB\r\n"
	    "Content-Length: 2\r\n\r\nok");
	assert_got(w, 200, "ok");
	call_close(&w->client.call);
	assert_true(text_eq(w->client.record.upstream_request_id,
	    TEXT(RECORD_WITHHELD)));
	assert_true(text_eq(w->client.record.expires_raw,
	    TEXT(RECORD_WITHHELD)));
}

static void
what_the_refusal_told_of_its_key_is_learnt_for_that_key(void **state)
{
	struct world *w = *state;
	int64_t at;

	start(w, "GET", BODY_NONE);
	call_rig_feed("HTTP/1.1 401 x\r\n" CODE
	    "X-Elastic-Api-Key-Expiration: 2099-01-01T00:00:00Z\r\n"
	    "X-Request-Id: first\r\nContent-Length: 0\r\n\r\n");
	assert_second_try(w);
	call_rig_feed(OK_2);
	assert_got(w, 200, "ok");
	assert_true(stats_expiry(w->rig.stats, 0, &at));
	assert_int_equal(at, INT64_C(4070908800));
	assert_false(stats_expiry(w->rig.stats, 1, &at));
	assert_false(w->client.record.expiry_told);
	assert_int_equal(w->client.record.upstream_request_id.n, 0);
}

static void
a_suspect_is_told_once_a_second(void **state)
{
	struct world *w = *state;

	w->rig.route.n_keys = 1;
	for (int i = 0; i < 5; i++) {
		start(w, "GET", BODY_NONE);
		call_rig_feed("HTTP/1.1 401 x\r\n" CODE "Connection: close\r\n"
		    "Content-Length: 0\r\n\r\n");
		rig_client_reset(&w->client);
	}
	assert_int_equal(w->suspects, 1);
	memory_pass(1001);
	start(w, "GET", BODY_NONE);
	call_rig_feed(REFUSED);
	assert_int_equal(w->suspects, 2);
}

static void
closing_while_it_is_held_up_or_tried_again_is_fine(void **state)
{
	struct world *w = *state;

	start(w, "GET", BODY_NONE);
	call_rig_feed("HTTP/1.1 401 x\r\n" CODE "Content-Length: 9\r\n\r\nx");
	call_close(&w->client.call);
	memory_turn();
	start(w, "GET", BODY_NONE);
	call_rig_feed(REFUSED);
	call_close(&w->client.call);
	memory_turn();
	assert_int_equal(w->client.heads + w->client.faults, 0);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_next_key_is_tried_and_its_answer_passed_on),
		TEST(the_code_may_be_in_the_body),
		TEST(a_second_401_goes_to_the_client_and_no_third_key_is_tried),
		TEST(a_key_that_is_off_is_not_tried),
		TEST(
	    without_another_key_it_is_passed_at_once_and_the_key_is_suspect),
		TEST(another_name_of_the_same_value_is_no_other_key),
		TEST(what_says_nothing_against_the_key_is_not_held_up),
		TEST(a_wrong_password_of_an_end_user_is_passed_on),
		TEST(a_post_is_sent_again_with_its_body),
		TEST(a_body_that_goes_on_is_sent_to_the_second_one),
		TEST(a_body_that_was_lost_is_not_sent_again),
		TEST(
	    a_body_that_outgrows_what_is_kept_while_it_is_held_up_passes),
		TEST(of_a_401_without_end_only_the_beginning_is_waited_for),
		TEST(a_401_that_stalls_is_waited_for_a_second),
		TEST(the_answer_to_a_head_has_its_code_in_the_head),
		TEST(neither_key_comes_back),
		TEST(no_text_of_the_line_has_the_first_key),
		TEST(what_the_refusal_told_of_its_key_is_learnt_for_that_key),
		TEST(a_suspect_is_told_once_a_second),
		TEST(closing_while_it_is_held_up_or_tried_again_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
