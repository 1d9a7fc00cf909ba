/*
 * upstream/call: what of a request goes upstream with which key, and what of
 * a response comes back, over a network in memory.
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
#include "upstream/reflection.h"

#define OK_2		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"

static char other[] = "other.example";
static char *other_hosts[] = { other };

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
open_call(struct world *w)
{
	rig_client_open(&w->client, "GET", BODY_NONE);
}

static void
start(struct world *w)
{
	open_call(w);
	assert_true(memory_connect(true));
}

static void
assert_sent(const char *what)
{
	if (!call_rig_sent(what))
		fail_msg("not sent: %s", what);
}

static void
assert_got(const struct world *w, const char *body)
{
	assert_true(rig_client_got(&w->client, 200, body));
}

static void
assert_refused(const struct world *w)
{
	assert_true(rig_client_failed(&w->client, FAULT_KEY_REFLECTED));
}

/* -- the request -- */

static void
the_key_goes_in_last(void **state)
{
	struct world *w = *state;

	fields_add(&w->client.fields, FIELD_AUTHORIZATION,
	    TEXT("Authorization"), TEXT("ApiKey mine"));
	fields_add(&w->client.fields, FIELD_OTHER, TEXT("X-End"), TEXT("1"));
	start(w);
	assert_sent("GET /x HTTP/1.1\r\nHost: api.example\r\n");
	assert_sent("X-End: 1\r\nAuthorization: ApiKey " KEY_A "\r\n\r\n");
	assert_string_equal(w->client.record.key, "a");
	assert_int_equal(w->client.record.attempts, 1);
	assert_false(w->client.record.reused);
}

static void
a_key_that_has_expired_is_passed_over(void **state)
{
	struct world *w = *state;

	call_rig_decide(&w->rig, 0, KEY_OFF_EXPIRED);
	start(w);
	assert_sent("Authorization: ApiKey " KEY_B "\r\n\r\n");
	assert_string_equal(w->client.record.key, "b");
}

static void
without_any_key_nothing_is_even_dialled(void **state)
{
	struct world *w = *state;

	call_rig_decide(&w->rig, 0, KEY_OFF_EXPIRED);
	call_rig_decide(&w->rig, 1, KEY_OFF_EXPIRED);
	open_call(w);
	assert_true(rig_client_failed(&w->client, FAULT_KEY_UNAVAILABLE));
	assert_null(w->client.record.key);
	assert_false(memory_connect(true));
}

static void
a_key_goes_to_no_host_that_it_does_not_name(void **state)
{
	struct world *w = *state;

	w->rig.keys[0].hosts = (struct conf_texts){ other_hosts, 1 };
	start(w);
	assert_true(rig_client_failed(&w->client, FAULT_KEY_UNAVAILABLE));
	assert_int_equal(buf_len(&memory_wires()->out), 0);
	assert_int_equal(w->client.record.attempts, 0);
}

static void
two_keys_share_no_connection(void **state)
{
	struct world *w = *state;

	start(w);
	call_rig_feed(OK_2 "\r\nok");
	assert_got(w, "ok");
	rig_client_reset(&w->client);
	call_rig_decide(&w->rig, 0, KEY_OFF_EXPIRED);
	open_call(w);
	assert_true(memory_connect(true));
	assert_sent("Authorization: ApiKey " KEY_B "\r\n\r\n");
}

/* -- the response -- */

static void
what_a_response_says_is_written_into_the_record(void **state)
{
	struct world *w = *state;

	start(w);
	call_rig_feed(OK_2 "X-Request-Id: ignored\r\n"
	    "X-Cloud-Request-Id: r-1\r\n"
	    "X-Elastic-Api-Key-Expiration: 2099-01-01T00:00:00Z\r\n\r\nok");
	assert_got(w, "ok");
	call_close(&w->client.call);
	assert_true(text_eq(w->client.record.upstream_request_id, TEXT("r-1")));
	assert_true(w->client.record.expiry_told);
	assert_true(w->client.record.expiry_read);
	assert_int_equal(w->client.record.expires, INT64_C(4070908800));
	assert_int_equal(w->client.record.expires_raw.n, 0);
	assert_true(w->client.record.upstream_began_ns != 0);
	assert_true(w->client.record.upstream_head_ns != 0);
	assert_false(w->client.record.shows_secret);
}

static void
what_cannot_be_read_is_kept_as_it_came(void **state)
{
	struct world *w = *state;

	start(w);
	call_rig_feed(OK_2 "X-Request-Id: r-2\r\n"
	    "X-Elastic-Api-Key-Expiration: soon\r\n\r\nok");
	assert_got(w, "ok");
	call_close(&w->client.call);
	assert_true(text_eq(w->client.record.upstream_request_id, TEXT("r-2")));
	assert_true(w->client.record.expiry_told);
	assert_false(w->client.record.expiry_read);
	assert_true(text_eq(w->client.record.expires_raw, TEXT("soon")));
}

static void
what_touches_the_key_is_withheld(void **state)
{
	struct world *w = *state;

	start(w);
	/* The beginning of the key alone reflects nothing yet. */
	call_rig_feed(OK_2 "X-Request-Id: x-QUFBQUFB\r\n\r\nok");
	assert_got(w, "ok");
	assert_true(text_eq(w->client.record.upstream_request_id,
	    TEXT(RECORD_WITHHELD)));
}

static void
a_client_that_shows_the_key_itself_is_noted(void **state)
{
	static const struct {
		enum field_id id;
		const char *name;
		bool shown;
	} cases[] = {
		{ FIELD_USER_AGENT, "User-Agent", true },
		{ FIELD_X_REQUEST_ID, "X-Request-Id", true },
		{ FIELD_OTHER, "X-Other", false },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fields_add(&w->client.fields, cases[i].id,
		    text_of(cases[i].name), TEXT("x " KEY_A));
		open_call(w);
		assert_int_equal(w->client.record.shows_secret,
		    cases[i].shown);
		rig_client_reset(&w->client);
	}
}

static void
fields_of_one_hop_stay(void **state)
{
	struct world *w = *state;
	const struct buf *names = &w->client.names;

	start(w);
	call_rig_feed(OK_2 "Keep-Alive: timeout=9\r\nX-Mine: 1\r\n\r\nok");
	assert_got(w, "ok");
	assert_non_null(memmem(buf_data(names), buf_len(names), "X-Mine ", 7));
	assert_null(memmem(buf_data(names), buf_len(names), "Keep-Alive", 10));
}

static void
a_response_with_the_key_in_a_field_is_refused(void **state)
{
	struct world *w = *state;

	start(w);
	call_rig_feed(OK_2 "X-Echo: <" KEY_A ">\r\n\r\n");
	assert_refused(w);
	assert_int_equal(w->client.heads, 0);
}

static void
a_response_with_the_key_in_its_body_is_cut(void **state)
{
	struct world *w = *state;

	start(w);
	call_rig_feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "4\r\nabcd\r\n");
	call_rig_feed("a\r\nQUFBQUFBQU\r\n");
	call_rig_feed("22\r\nFBQUFBQUFBQUFBQTpBQUFBQUFBQUFBQUFB\r\n");
	if (w->client.faults == 0)
		call_rig_feed("4\r\nQQ==\r\n0\r\n\r\n");
	assert_refused(w);
	assert_int_equal(w->client.heads, 1);
	/* Some of it may have gone before it was all there, but not all. */
	assert_true(buf_len(&w->client.body) < 4 + REFLECTION_HELD);
}

static void
a_key_that_goes_on_in_the_trailers_is_seen(void **state)
{
	struct world *w = *state;

	start(w);
	call_rig_feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "16\r\nQUFBQUFBQUFBQUFBQUFBQT\r\n");
	call_rig_feed("0\r\nX-Rest: pBQUFBQUFBQUFBQUFBQQ==\r\n\r\n");
	assert_refused(w);
}

static void
the_key_of_another_is_no_secret_of_this_one(void **state)
{
	struct world *w = *state;

	start(w);
	call_rig_feed("HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n" KEY_B);
	assert_got(w, KEY_B);
}

static void
closing_ends_what_runs(void **state)
{
	struct world *w = *state;

	start(w);
	call_close(&w->client.call);
	call_close(&w->client.call);
	memory_turn();
	assert_null(memory_wires()->link);
	assert_int_equal(w->client.heads + w->client.faults, 0);
}

/* -- a key that is switched off -- */

static void
assert_key_lost(const struct world *w)
{
	assert_true(rig_client_failed(&w->client, FAULT_KEY_UNAVAILABLE));
}

static void
disable(struct world *w, size_t key)
{
	call_rig_decide(&w->rig, key, KEY_OFF_DISABLED);
	caller_obey(w->rig.caller);
}

/* Its connection with the first key is closed, and it came with the second. */
static void
assert_sent_again(const struct world *w)
{
	memory_turn();
	assert_int_equal(w->client.heads + w->client.faults, 0);
	assert_null(memory_wires()->link);
	assert_true(memory_connect(true));
	assert_sent(BY_B "\r\n");
	assert_string_equal(w->client.record.key, "b");
	assert_int_equal(w->client.record.attempts, 2);
}

static void
a_request_under_way_goes_on_with_the_next_key(void **state)
{
	struct world *w = *state;

	start(w);
	call_rig_feed("HTTP/1.1 200 OK\r\nContent-Le");
	disable(w, 0);
	assert_sent_again(w);
	assert_null(w->client.record.refused_key);
	call_rig_feed(OK_2 "\r\nok");
	assert_got(w, "ok");
}

static void
the_disabled_key_may_not_come_back_by_the_next(void **state)
{
	struct world *w = *state;

	start(w);
	disable(w, 0);
	assert_sent_again(w);
	call_rig_feed(OK_2 "X-Echo: " KEY_A "\r\n\r\nok");
	assert_refused(w);
}

static void
what_may_not_be_repeated_ends_with_its_key(void **state)
{
	struct world *w = *state;

	rig_client_open(&w->client, "POST", BODY_NONE);
	assert_true(memory_connect(true));
	disable(w, 0);
	assert_int_equal(w->client.faults, 0);
	memory_turn();
	assert_key_lost(w);
	assert_int_equal(w->client.heads, 0);
	assert_int_equal(w->client.record.attempts, 1);
	assert_null(memory_wires()->link);
}

static void
what_was_not_kept_of_a_body_ends_it_with_its_key(void **state)
{
	char body[CALL_RIG_REPLAY + 2];
	struct world *w = *state;

	memset(body, 'x', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	rig_client_open(&w->client, "PUT", BODY_STREAM);
	assert_true(memory_connect(true));
	rig_client_say(&w->client, body, false);
	disable(w, 0);
	memory_turn();
	assert_key_lost(w);
	assert_int_equal(w->client.record.attempts, 1);
}

static void
a_request_under_way_with_the_last_key_ends(void **state)
{
	struct world *w = *state;

	call_rig_decide(&w->rig, 1, KEY_OFF_REJECTED);
	start(w);
	disable(w, 0);
	memory_turn();
	assert_key_lost(w);
	assert_null(memory_wires()->link);
}

static void
a_request_survives_the_loss_of_one_key(void **state)
{
	struct world *w = *state;

	w->rig.route.n_keys = 3;
	call_rig_restart(&w->rig);
	start(w);
	disable(w, 0);
	assert_sent_again(w);
	disable(w, 1);
	memory_turn();
	assert_key_lost(w);
	assert_int_equal(w->client.record.attempts, 2);
}

static void
a_response_under_way_is_cut_when_its_key_is_disabled(void **state)
{
	struct world *w = *state;

	start(w);
	call_rig_feed(OK_2 "\r\no");
	assert_int_equal(w->client.heads, 1);
	disable(w, 0);
	memory_turn();
	assert_key_lost(w);
	assert_false(w->client.ended);
	assert_null(memory_wires()->link);
}

static void
a_request_that_waits_goes_with_the_next_key(void **state)
{
	struct world *w = *state;

	open_call(w);
	disable(w, 0);
	memory_turn();
	assert_true(memory_connect(true));
	assert_sent("Authorization: ApiKey " KEY_B "\r\n\r\n");
	assert_string_equal(w->client.record.key, "b");
	assert_false(call_rig_ever_sent(KEY_A));
	call_rig_feed(OK_2 "\r\nok");
	assert_got(w, "ok");
}

static void
a_request_that_waits_with_the_last_key_ends(void **state)
{
	struct world *w = *state;

	call_rig_decide(&w->rig, 1, KEY_OFF_EXPIRED);
	open_call(w);
	disable(w, 0);
	memory_turn();
	assert_key_lost(w);
	assert_false(memory_connect(true));
}

static void
what_was_switched_off_while_a_request_waited_is_not_sent(void **state)
{
	static const unsigned reasons[] = {
		KEY_OFF_DISABLED, KEY_OFF_REJECTED, KEY_OFF_EXPIRED,
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		call_rig_decide(&w->rig, 0, 0);
		call_rig_decide(&w->rig, 1, 0);
		open_call(w);
		/* And the worker did not hear of it. */
		call_rig_decide(&w->rig, 0, reasons[i]);
		assert_true(memory_connect(true));
		assert_false(call_rig_ever_sent(KEY_A));
		assert_true(memory_connect(true));
		assert_sent("Authorization: ApiKey " KEY_B "\r\n\r\n");
		assert_string_equal(w->client.record.key, "b");
		call_rig_feed(OK_2 "\r\nok");
		assert_got(w, "ok");
		rig_client_reset(&w->client);
		disable(w, 1);
		memory_turn();
	}
}

static void
idle_connections_of_a_disabled_key_are_closed(void **state)
{
	struct world *w = *state;

	start(w);
	call_rig_feed(OK_2 "\r\nok");
	call_close(&w->client.call);
	memory_turn();
	assert_non_null(memory_wires()->link);
	disable(w, 1);
	memory_turn();
	assert_non_null(memory_wires()->link);
	disable(w, 0);
	memory_turn();
	assert_null(memory_wires()->link);
}

static void
other_keys_go_on(void **state)
{
	struct world *w = *state;

	call_rig_decide(&w->rig, 0, KEY_OFF_REJECTED);
	start(w);
	disable(w, 0);
	memory_turn();
	call_rig_feed(OK_2 "\r\nok");
	assert_got(w, "ok");
}

static void
a_key_that_expires_or_is_rejected_finishes_what_it_began(void **state)
{
	struct world *w = *state;

	start(w);
	call_rig_decide(&w->rig, 0, KEY_OFF_REJECTED | KEY_OFF_EXPIRED);
	caller_obey(w->rig.caller);
	memory_turn();
	call_rig_feed(OK_2 "\r\nok");
	assert_got(w, "ok");
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_key_goes_in_last),
		TEST(a_key_that_has_expired_is_passed_over),
		TEST(without_any_key_nothing_is_even_dialled),
		TEST(a_key_goes_to_no_host_that_it_does_not_name),
		TEST(two_keys_share_no_connection),
		TEST(what_a_response_says_is_written_into_the_record),
		TEST(what_cannot_be_read_is_kept_as_it_came),
		TEST(what_touches_the_key_is_withheld),
		TEST(a_client_that_shows_the_key_itself_is_noted),
		TEST(fields_of_one_hop_stay),
		TEST(a_response_with_the_key_in_a_field_is_refused),
		TEST(a_response_with_the_key_in_its_body_is_cut),
		TEST(a_key_that_goes_on_in_the_trailers_is_seen),
		TEST(the_key_of_another_is_no_secret_of_this_one),
		TEST(closing_ends_what_runs),
		TEST(a_request_under_way_goes_on_with_the_next_key),
		TEST(the_disabled_key_may_not_come_back_by_the_next),
		TEST(what_may_not_be_repeated_ends_with_its_key),
		TEST(what_was_not_kept_of_a_body_ends_it_with_its_key),
		TEST(a_request_under_way_with_the_last_key_ends),
		TEST(a_request_survives_the_loss_of_one_key),
		TEST(a_response_under_way_is_cut_when_its_key_is_disabled),
		TEST(a_request_that_waits_goes_with_the_next_key),
		TEST(a_request_that_waits_with_the_last_key_ends),
		TEST(what_was_switched_off_while_a_request_waited_is_not_sent),
		TEST(idle_connections_of_a_disabled_key_are_closed),
		TEST(other_keys_go_on),
		TEST(a_key_that_expires_or_is_rejected_finishes_what_it_began),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
