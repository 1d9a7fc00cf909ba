/*
 * upstream/key_probe: what goes upstream, and what an answer says of the key,
 * over a network in memory.
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
#include "base/clock.h"
#include "policy/key_state.h"
#include "stats/decided.h"
#include "stats/reader.h"
#include "upstream/key_probe.h"

#define SECONDS		INT64_C(1000)
#define INVALID		"{\"errors\":[{\"code\":\"root.unauthenticated\"}]}"

static char host[] = "api.example", name[] = "k", scheme[] = "ApiKey";
static char *hosts[] = { host };

struct world {
	struct loop *loop;
	struct stats *stats;
	struct conf_upstream upstream;
	struct conf_key key;
	struct conf_route route;
	size_t keys[1];
	struct conf conf;
	struct caller *caller;
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

static void
make_conf(struct world *w)
{
	w->upstream = (struct conf_upstream){
		.name = name, .host = host, .authority = host,
		.connect_host = host, .port = 443, .connect_port = 443,
		.max_connections = 2, .max_age = 3600 * SECONDS,
		.timeouts = { .connect = 5 * SECONDS,
		    .handshake = 5 * SECONDS, .response = 60 * SECONDS,
		    .body = 60 * SECONDS, .idle = 50 * SECONDS },
	};
	w->key = (struct conf_key){
		.name = name, .scheme = scheme, .hosts = { hosts, 1 },
		.expires = CONF_NO_TIME, .value = secret_copy("dmFsdWU6eA==",
		    12),
	};
	w->route = (struct conf_route){ .name = name, .client = CONF_NONE,
	    .keys = w->keys, .n_keys = 1 };
	w->conf = (struct conf){
		.workers = 1, .upstreams = &w->upstream, .n_upstreams = 1,
		.keys = &w->key, .n_keys = 1, .routes = &w->route,
		.n_routes = 1,
	};
}

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	char why[256];

	*state = w;
	w->loop = loop_new();
	memory_start(w->loop);
	make_conf(w);
	w->stats = stats_new_alone(&w->conf);
	w->caller = caller_new(&w->conf, w->loop, w->stats,
	    &codec_limits_default, why, sizeof(why));
	assert_non_null(w->caller);
	caller_set_events(w->caller, &(struct caller_events){
		.suspect = on_suspect, .owner = w });
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	key_probe_free(w->probe);
	memory_turn();
	caller_free(w->caller);
	memory_turn();
	loop_free(w->loop);
	memory_end();
	stats_free(w->stats);
	secret_free(w->key.value);
	free(w);
	return 0;
}

static void
decide(struct world *w, unsigned facts)
{
	stats_decide(stats_shared(w->stats), stats_numbers(w->stats)->keys[0],
	    (struct stats_decision){ .facts = facts });
}

static void
begin(struct world *w)
{
	const struct key_probe_of of = { .target = "/probe" };

	w->probe = key_probe_start(w->caller, w->loop, &of, on_done, w);
	assert_int_equal(w->done, 0);
	memory_turn();
}

static void
feed(const char *text)
{
	assert_true(memory_feed(memory_wires(), text, strlen(text)));
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
	const struct wire *wire;

	decide(w, KEY_OFF_REJECTED | KEY_OFF_EXPIRED);
	begin(w);
	assert_true(memory_connect(true));
	memory_turn();
	wire = memory_wires();
	assert_non_null(memmem(buf_data(&wire->out), buf_len(&wire->out),
	    "GET /probe HTTP/1.1\r\n", 21));
	assert_non_null(memmem(buf_data(&wire->out), buf_len(&wire->out),
	    "Authorization: ApiKey dmFsdWU6eA==\r\n", 36));
	feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(answer(w), KEY_ACCEPTED);
	assert_int_equal(stats_read_key(stats_shared(w->stats),
	    stats_numbers(w->stats)->keys[0]).requests, 0);
}

static void
a_key_that_is_disabled_goes_nowhere(void **state)
{
	struct world *w = *state;

	decide(w, KEY_OFF_DISABLED);
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
		{ "400 Bad Request", KEY_ACCEPTED },
		{ "403 Forbidden", KEY_ACCEPTED },
		{ "405 Method Not Allowed", KEY_ACCEPTED },
		{ "401 Unauthorized\r\nX-Cloud-Error-Codes: "
		    "root.unauthenticated", KEY_REJECTED },
		{ "401 Unauthorized\r\nX-Cloud-Error-Codes: "
		    "kibana.unauthorized", KEY_UNCLEAR },
		{ "403 Forbidden\r\nX-Cloud-Error-Codes: "
		    "root.unauthenticated", KEY_ACCEPTED },
		{ "302 Found", KEY_UNCLEAR },
		{ "404 Not Found", KEY_UNCLEAR },
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
		feed("HTTP/1.1 ");
		feed(cases[i].head);
		feed("\r\nContent-Length: 2\r\n\r\n{}");
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
	feed("HTTP/1.1 401 Unauthorized\r\n\r\n{\"errors\":[{\"code\":");
	assert_int_equal(w->done, 0);
	feed("\"root.unauthenticated\"}]}");
	assert_true(memory_eof(memory_wires(), true));
	assert_int_equal(answer(w), KEY_REJECTED);
	assert_int_equal(w->suspected, 0);
}

static void
where_nothing_comes_it_ends_in_time(void **state)
{
	struct world *w = *state;

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
	char why[256];

	caller_free(w->caller);
	w->conf.n_routes = 0;
	w->caller = caller_new(&w->conf, w->loop, w->stats,
	    &codec_limits_default, why, sizeof(why));
	assert_non_null(w->caller);
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
		CASE(a_key_that_is_disabled_goes_nowhere),
		CASE(what_an_answer_says_of_the_key),
		CASE(why_it_is_refused_may_stand_in_the_body),
		CASE(where_nothing_comes_it_ends_in_time),
		CASE(an_upstream_that_no_route_uses_gets_no_key),
		CASE(closing_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
