/*
 * upstream/upstreams: which exchanges share connections, and with whom those
 * are made, over a network in memory.
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
#include "stats/stats.h"
#include "upstream/upstreams.h"

#define SECONDS		INT64_C(1000)

enum { A, B, UNUSED, N_UPSTREAMS, N_KEYS = 2 };

static char hosts[N_UPSTREAMS][16] = { "a.example", "b.example",
    "c.example" };

struct world {
	struct loop *loop;
	struct conf_upstream upstreams[N_UPSTREAMS];
	struct conf_key keys[N_KEYS];
	struct conf_route routes[2];
	struct conf conf;
	struct stats *stats;
	struct upstreams *all;
	struct pool_waiter waiter;
	struct connection *connection;
};

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	char why[256];

	*state = w;
	w->loop = loop_new();
	memory_start(w->loop);
	for (size_t i = 0; i < N_UPSTREAMS; i++) {
		w->upstreams[i] = (struct conf_upstream){
			.name = hosts[i], .host = hosts[i],
			.authority = hosts[i], .connect_host = hosts[i],
			.port = 443, .connect_port = 443,
			.max_connections = 2, .max_age = 3600 * SECONDS,
			.timeouts = { .connect = 5 * SECONDS,
			    .handshake = 5 * SECONDS, .idle = 50 * SECONDS },
		};
	}
	for (size_t i = 0; i < N_KEYS; i++)
		w->keys[i].value = secret_copy(hosts[i], strlen(hosts[i]));
	w->routes[0].name = w->upstreams[A].name;
	w->routes[1].name = w->upstreams[B].name;
	w->routes[0].upstream = A;
	w->routes[1].upstream = B;
	w->conf = (struct conf){
		.workers = 1,
		.upstreams = w->upstreams, .n_upstreams = N_UPSTREAMS,
		.keys = w->keys, .n_keys = N_KEYS,
		.routes = w->routes, .n_routes = 2,
	};
	w->stats = stats_new_alone(&w->conf);
	w->all = upstreams_new(&w->conf, w->loop, w->stats,
	    &codec_limits_default, why, sizeof(why));
	return w->all != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	memory_turn();
	upstreams_free(w->all);
	memory_turn();
	loop_free(w->loop);
	memory_end();
	stats_free(w->stats);
	for (size_t i = 0; i < N_KEYS; i++)
		secret_free(w->keys[i].value);
	free(w);
	return 0;
}

static void
on_ready(void *owner, struct connection *c)
{
	struct world *w = owner;

	w->connection = c;
}

static void
on_failed(void *owner, enum fault fault, const char *why)
{
	(void)owner;
	(void)fault;
	fail_msg("%s", why);
}

/* A connection is made for a pool, and left idle. */
static const struct wire *
connect_one(struct world *w, struct pool *pool)
{
	w->waiter = (struct pool_waiter){
		.owner = w, .ready = on_ready, .failed = on_failed,
		.until_ns = INT64_MAX,
	};
	assert_true(pool_wait(pool, &w->waiter));
	assert_true(memory_connect(true));
	pool_release(w->connection);
	return memory_wires();
}

static void
each_upstream_and_key_has_connections_of_its_own(void **state)
{
	struct world *w = *state;
	struct pool *pools[2 * N_KEYS];

	for (size_t i = 0; i < 2 * N_KEYS; i++) {
		pools[i] = upstreams_pool(w->all, i / N_KEYS, i % N_KEYS);
		for (size_t j = 0; j < i; j++)
			assert_ptr_not_equal(pools[i], pools[j]);
	}
	for (size_t i = 0; i < 2 * N_KEYS; i++)
		assert_ptr_equal(upstreams_pool(w->all, i / N_KEYS,
		    i % N_KEYS), pools[i]);
}

static void
each_upstream_is_verified_by_its_own_name(void **state)
{
	struct world *w = *state;
	const struct wire *a, *b;

	a = connect_one(w, upstreams_pool(w->all, A, 0));
	b = connect_one(w, upstreams_pool(w->all, B, 0));
	assert_string_equal(a->host, "a.example");
	assert_string_equal(b->host, "b.example");
}

static void
two_keys_share_no_session_of_tls(void **state)
{
	struct world *w = *state;
	const struct wire *first, *second;

	first = connect_one(w, upstreams_pool(w->all, A, 0));
	second = connect_one(w, upstreams_pool(w->all, A, 1));
	assert_ptr_not_equal(first, second);
	assert_ptr_not_equal(first->sessions, second->sessions);
	assert_int_equal(pool_count_idle(upstreams_pool(w->all, A, 0)), 1);
	assert_int_equal(pool_count_idle(upstreams_pool(w->all, A, 1)), 1);
}

static void
what_was_never_used_ends_as_well(void **state)
{
	struct world *w = *state;

	(void)upstreams_pool(w->all, B, 1);
	upstreams_free(NULL);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_upstream_and_key_has_connections_of_its_own),
		TEST(each_upstream_is_verified_by_its_own_name),
		TEST(two_keys_share_no_session_of_tls),
		TEST(what_was_never_used_ends_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
