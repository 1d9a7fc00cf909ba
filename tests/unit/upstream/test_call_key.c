/*
 * upstream/call_key: by how many requests a key is carried; and what becomes of
 * those to an upstream whose proxy has a key of its own, over a network in
 * memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "call_rig.h"
#include "policy/key_state.h"
#include "stats/reader.h"

#define OK	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

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

/* By how many requests that are under way. */
static uint64_t
carried(const struct world *w, size_t key)
{
	struct stats *stats = w->rig.stats;

	return stats_read_key(stats_shared(stats),
	    stats_numbers(stats)->keys[key]).carried;
}

static void
what_waits_for_a_connection_carries_its_key(void **state)
{
	struct world *w = *state;

	rig_client_open(&w->client, "GET", BODY_NONE);
	assert_int_equal(carried(w, 0), 1);
	assert_true(memory_connect(true));
	assert_true(call_rig_sent(BY_A));
	assert_int_equal(carried(w, 0), 1);
	call_rig_feed(OK);
	assert_true(rig_client_got(&w->client, 200, "ok"));
	rig_client_reset(&w->client);
	assert_int_equal(carried(w, 0), 0);
}

static void
what_ends_while_it_waits_carries_it_no_longer(void **state)
{
	struct world *w = *state;

	rig_client_open(&w->client, "GET", BODY_NONE);
	rig_client_reset(&w->client);
	assert_int_equal(carried(w, 0), 0);
}

static void
a_request_carries_one_key_the_one_it_got_last(void **state)
{
	struct world *w = *state;

	rig_client_open(&w->client, "GET", BODY_NONE);
	call_rig_decide(&w->rig, 0, KEY_OFF_EXPIRED);
	caller_obey(w->rig.caller);
	assert_int_equal(carried(w, 0), 0);
	assert_int_equal(carried(w, 1), 1);
	rig_client_reset(&w->client);
	assert_int_equal(carried(w, 1), 0);
}

static void
a_request_without_a_key_carries_none(void **state)
{
	struct world *w = *state;

	call_rig_decide(&w->rig, 0, KEY_OFF_EXPIRED);
	call_rig_decide(&w->rig, 1, KEY_OFF_EXPIRED);
	rig_client_open(&w->client, "GET", BODY_NONE);
	assert_true(rig_client_failed(&w->client, FAULT_KEY_UNAVAILABLE));
	assert_int_equal(carried(w, 0) + carried(w, 1), 0);
}

/* -- the key of a proxy -- */

/* From here on the upstream is reached through one, by the third key. */
static void
use_proxy(struct world *w)
{
	static char proxy[] = "proxy.example";

	w->rig.upstream.proxy = (struct conf_proxy){ .host = proxy,
		.port = 3128, .key = 2 };
	call_rig_restart(&w->rig);
}

static void
decide_proxy_key(struct world *w, unsigned facts)
{
	call_rig_decide(&w->rig, 2, facts);
	caller_obey(w->rig.caller);
	memory_turn();
}

static void
what_is_under_way_ends_with_the_key_of_the_proxy(void **state)
{
	struct world *w = *state;

	use_proxy(w);
	rig_client_open(&w->client, "GET", BODY_NONE);
	assert_true(memory_connect(true));
	decide_proxy_key(w, KEY_OFF_DISABLED);
	assert_true(rig_client_failed(&w->client, FAULT_KEY_UNAVAILABLE));
	assert_string_equal(w->client.detail,
	    "the key of its proxy is disabled");
	assert_null(memory_wires()->link);
}

static void
tunnels_that_are_idle_close_with_the_key_of_the_proxy(void **state)
{
	struct world *w = *state;

	use_proxy(w);
	rig_client_open(&w->client, "GET", BODY_NONE);
	assert_true(memory_connect(true));
	call_rig_feed(OK);
	assert_true(rig_client_got(&w->client, 200, "ok"));
	rig_client_reset(&w->client);
	assert_non_null(memory_wires()->link);
	decide_proxy_key(w, KEY_OFF_DISABLED);
	assert_null(memory_wires()->link);
}

static void
tunnels_that_are_being_made_are_given_up_with_it(void **state)
{
	struct world *w = *state;

	use_proxy(w);
	rig_client_open(&w->client, "GET", BODY_NONE);
	decide_proxy_key(w, KEY_OFF_DISABLED);
	assert_true(rig_client_failed(&w->client, FAULT_KEY_UNAVAILABLE));
	assert_false(memory_connect(true));
}

static void
what_is_under_way_goes_on_when_the_key_of_the_proxy_expires(void **state)
{
	struct world *w = *state;

	use_proxy(w);
	rig_client_open(&w->client, "GET", BODY_NONE);
	assert_true(memory_connect(true));
	decide_proxy_key(w, KEY_OFF_EXPIRED);
	call_rig_feed(OK);
	assert_true(rig_client_got(&w->client, 200, "ok"));
	rig_client_reset(&w->client);
	rig_client_open(&w->client, "GET", BODY_NONE);
	assert_true(rig_client_failed(&w->client, FAULT_KEY_UNAVAILABLE));
	assert_string_equal(w->client.detail,
	    "the key of its proxy is expired");
}

static void
what_waits_for_a_tunnel_ends_when_the_key_of_the_proxy_expires(void **state)
{
	struct world *w = *state;

	use_proxy(w);
	rig_client_open(&w->client, "GET", BODY_NONE);
	decide_proxy_key(w, KEY_OFF_EXPIRED);
	assert_true(rig_client_failed(&w->client, FAULT_KEY_UNAVAILABLE));
	assert_false(memory_connect(true));
}

static void
nothing_is_asked_of_a_proxy_whose_key_is_disabled(void **state)
{
	struct world *w = *state;

	use_proxy(w);
	decide_proxy_key(w, KEY_OFF_DISABLED);
	rig_client_open(&w->client, "GET", BODY_NONE);
	assert_true(rig_client_failed(&w->client, FAULT_KEY_UNAVAILABLE));
	assert_string_equal(w->client.detail,
	    "the key of its proxy is disabled");
	assert_false(memory_connect(true));
	assert_int_equal(carried(w, 0), 0);
}

static void
other_keys_leave_tunnels_alone(void **state)
{
	struct world *w = *state;

	use_proxy(w);
	rig_client_open(&w->client, "GET", BODY_NONE);
	assert_true(memory_connect(true));
	call_rig_decide(&w->rig, 1, KEY_OFF_DISABLED);
	caller_obey(w->rig.caller);
	memory_turn();
	call_rig_feed(OK);
	assert_true(rig_client_got(&w->client, 200, "ok"));
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_waits_for_a_connection_carries_its_key),
		TEST(what_ends_while_it_waits_carries_it_no_longer),
		TEST(a_request_carries_one_key_the_one_it_got_last),
		TEST(a_request_without_a_key_carries_none),
		TEST(what_is_under_way_ends_with_the_key_of_the_proxy),
		TEST(tunnels_that_are_idle_close_with_the_key_of_the_proxy),
		TEST(tunnels_that_are_being_made_are_given_up_with_it),
		TEST(what_is_under_way_goes_on_when_the_key_of_the_proxy_expires),
		TEST(
		    what_waits_for_a_tunnel_ends_when_the_key_of_the_proxy_expires),
		TEST(nothing_is_asked_of_a_proxy_whose_key_is_disabled),
		TEST(other_keys_leave_tunnels_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
