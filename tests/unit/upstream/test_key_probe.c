/*
 * upstream/key_probe: what goes upstream, and what an answer says of the key,
 * over a network in memory.
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
#include "upstream/key_probe.h"

#define SECONDS		INT64_C(1000)

struct world {
	struct call_rig rig;
	struct key_probe *probe;
	unsigned suspected;

	/* What came. */
	unsigned done;
	struct key_probe_result result;
};

static void
on_done(void *owner, const struct key_probe_result *result)
{
	struct world *w = owner;

	w->done++;
	w->result = *result;
	key_probe_free(w->probe);
	w->probe = NULL;
}

static void
on_suspect(void *owner, size_t key, size_t upstream)
{
	struct world *w = owner;

	(void)key;
	(void)upstream;
	w->suspected++;
}

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	*state = w;
	call_rig_start(&w->rig);
	caller_set_events(w->rig.caller, &(struct caller_events){
		.suspect = on_suspect, .owner = w });
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	key_probe_free(w->probe);
	call_rig_end(&w->rig);
	free(w);
	return 0;
}

static void
begin(struct world *w)
{
	const struct key_probe_of of = { .target = "/probe" };

	w->probe = key_probe_start(w->rig.caller, w->rig.loop, &of,
	    on_done, w);
	assert_int_equal(w->done, 0);
	memory_turn();
}

static enum key_answer
answer(struct world *w)
{
	memory_turn();
	assert_int_equal(w->done, 1);
	return key_probe_answer(&w->result);
}

static void
it_asks_once_with_the_key_and_is_nobodys_use_of_it(void **state)
{
	struct world *w = *state;

	call_rig_decide(&w->rig, 0, KEY_OFF_REJECTED | KEY_OFF_EXPIRED);
	begin(w);
	assert_true(memory_connect(true));
	memory_turn();
	assert_true(call_rig_sent("GET /probe HTTP/1.1\r\n"));
	assert_true(call_rig_sent(BY_A));
	call_rig_feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(answer(w), KEY_ACCEPTED);
	assert_int_equal(stats_read_key(stats_shared(w->rig.stats),
	    stats_numbers(w->rig.stats)->keys[0]).requests, 0);
}

/* A second answer to the others may come late. */
static void
it_takes_no_connection_on_which_others_asked(void **state)
{
	struct world *w = *state;
	struct rig_client client;
	struct wire *idle;

	rig_client_init(&client, &w->rig);
	rig_client_open(&client, "GET", BODY_NONE);
	assert_true(memory_connect(true));
	idle = memory_wires();
	call_rig_feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	assert_true(client.ended);
	rig_client_end(&client);

	begin(w);
	assert_true(memory_connect(true));
	assert_ptr_not_equal(memory_wires(), idle);
	assert_true(call_rig_sent("GET /probe HTTP/1.1\r\n"));
	call_rig_feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(answer(w), KEY_ACCEPTED);
}

static void
a_key_that_is_disabled_goes_nowhere(void **state)
{
	struct world *w = *state;

	call_rig_decide(&w->rig, 0, KEY_OFF_DISABLED);
	begin(w);
	assert_int_equal(answer(w), KEY_UNCLEAR);
	assert_null(memory_wires());
}

static void
what_an_answer_says_of_the_key(void **state)
{
	static const struct {
		const char *head;
		enum key_answer answer;
	} cases[] = {
		{ "200 OK", KEY_ACCEPTED },
		{ "400 Bad Request", KEY_ASTRAY },
		{ "403 Forbidden", KEY_UNCLEAR },
		{ "403 Forbidden\r\nX-Cloud-Error-Codes: "
		    "root.permission_denied", KEY_ACCEPTED },
		{ "405 Method Not Allowed", KEY_ASTRAY },
		{ "401 Unauthorized\r\nX-Cloud-Error-Codes: "
		    "root.unauthenticated", KEY_REJECTED },
		{ "401 Unauthorized\r\nX-Cloud-Error-Codes: "
		    "kibana.unauthorized", KEY_UNCLEAR },
		{ "403 Forbidden\r\nX-Cloud-Error-Codes: "
		    "root.unauthenticated", KEY_UNCLEAR },
		{ "302 Found", KEY_UNCLEAR },
		{ "407 Proxy Authentication Required", KEY_UNCLEAR },
		{ "406 Not Acceptable", KEY_ASTRAY },
		{ "410 Gone", KEY_ASTRAY },
		{ "404 Not Found", KEY_ASTRAY },
		{ "429 Too Many Requests", KEY_UNCLEAR },
		{ "503 Service Unavailable", KEY_UNCLEAR },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world *w;

		if (i != 0) {
			(void)tear_down(state);
			(void)set_up(state);
		}
		w = *state;
		begin(w);
		assert_true(memory_connect(true));
		call_rig_feed("HTTP/1.1 ");
		call_rig_feed(cases[i].head);
		call_rig_feed("\r\nContent-Length: 2\r\n\r\n{}");
		if (answer(w) != cases[i].answer)
			fail_msg("%s", cases[i].head);
		assert_int_equal(w->suspected, 0);
	}
}

static void
why_it_is_refused_may_stand_in_the_body(void **state)
{
	struct world *w = *state;

	begin(w);
	assert_true(memory_connect(true));
	call_rig_feed("HTTP/1.1 401 Unauthorized\r\n\r\n"
	    "{\"errors\":[{\"code\":");
	assert_int_equal(w->done, 0);
	call_rig_feed("\"root.unauthenticated\"}]}");
	assert_true(memory_eof(memory_wires(), true));
	assert_int_equal(answer(w), KEY_REJECTED);
	assert_int_equal(w->suspected, 0);
}

static void
where_nothing_comes_it_ends_in_time(void **state)
{
	struct world *w = *state;

	w->rig.upstream.timeouts.response = 60 * SECONDS;
	begin(w);
	assert_true(memory_connect(true));
	memory_pass(26 * SECONDS);
	assert_int_equal(answer(w), KEY_UNCLEAR);
	assert_int_equal(w->result.fault, FAULT_UPSTREAM_TIMEOUT);
}

static void
an_upstream_that_no_route_uses_gets_no_key(void **state)
{
	struct world *w = *state;

	w->rig.conf.n_routes = 0;
	call_rig_restart(&w->rig);
	begin(w);
	memory_turn();
	assert_int_equal(w->done, 1);
	assert_int_equal(w->result.fault, FAULT_UPSTREAM_UNREACHABLE);
	assert_int_equal(key_probe_answer(&w->result), KEY_UNCLEAR);
}

static void
closing_ends_it(void **state)
{
	struct world *w = *state;

	begin(w);
	assert_true(memory_connect(true));
	key_probe_free(w->probe);
	w->probe = NULL;
	memory_turn();
	assert_int_equal(w->done, 0);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(it_asks_once_with_the_key_and_is_nobodys_use_of_it),
		CASE(it_takes_no_connection_on_which_others_asked),
		CASE(a_key_that_is_disabled_goes_nowhere),
		CASE(what_an_answer_says_of_the_key),
		CASE(why_it_is_refused_may_stand_in_the_body),
		CASE(where_nothing_comes_it_ends_in_time),
		CASE(an_upstream_that_no_route_uses_gets_no_key),
		CASE(closing_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
