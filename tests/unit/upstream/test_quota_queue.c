/*
 * upstream/quota_queue: who waits for a key's quota, and in which order they go
 * on.
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
#include "stats/counting.h"
#include "stats/quota.h"
#include "upstream/quota_queue.h"

#define ROUTES		3
#define WORKERS		2
#define MOST		(3 * QUOTA_WAITERS + 10)
#define GREEDY		(QUOTA_WAITERS + 2)	/* see fill() */

struct world {
	struct loop *loop;
	struct conf_upstream upstream;
	struct conf_route routes[ROUTES];
	struct conf_key key;
	struct conf conf;
	struct stats *stats;
	struct quota_queues *queues;
	struct quota_waiter waiters[MOST];
	size_t n;			/* of waiters */
	char order[MOST + 1];		/* "abc": routes, as they went on */
	size_t served, failed;
	unsigned retry_s;
};

/* The waiter's place tells its route. */
struct slot {
	struct world *world;
	size_t route;
};

static struct slot slots[MOST];

static void
on_ready(void *owner)
{
	struct slot *s = owner;

	s->world->order[s->world->served++] = (char)('a' + s->route);
}

static void
on_failed(void *owner, unsigned retry_s)
{
	struct slot *s = owner;

	s->world->failed++;
	s->world->retry_s = retry_s;
}

static enum quota_answer
ask(struct world *w, size_t route)
{
	struct quota_waiter *q = &w->waiters[w->n];
	struct slot *s = &slots[w->n++];

	*s = (struct slot){ w, route };
	*q = (struct quota_waiter){
		.owner = s, .route = route, .ready = on_ready,
		.failed = on_failed,
	};
	return quota_queue_ask(w->queues, q, &w->retry_s);
}

/* So many of the first n that asked. */
static size_t
waiting(const struct world *w, size_t n)
{
	size_t all = 0;

	for (size_t i = 0; i < n; i++)
		all += w->waiters[i].line != NULL;
	return all;
}

static void
tell(struct world *w, uint32_t remaining, uint32_t interval_s)
{
	const struct ratelimit r = {
		.remaining = remaining, .limit = 100, .interval_s = interval_s,
	};

	quota_queue_tell(w->queues, 0, &r, loop_now(w->loop));
}

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	static size_t keys[] = { 0 };
	static char names[ROUTES][2] = { "a", "b", "c" }, upstream[] = "u";

	*state = w;
	w->loop = loop_new();
	memory_start(w->loop);
	w->upstream = (struct conf_upstream){
		.name = upstream, .timeouts = { .response = 25000 },
	};
	w->key = (struct conf_key){
		.name = names[0], .value = secret_new(3),
		.expires = CONF_NO_TIME,
	};
	memcpy(secret_bytes(w->key.value), "key", 3);
	for (size_t i = 0; i < ROUTES; i++)
		w->routes[i] = (struct conf_route){
			.name = names[i], .client = CONF_NONE, .keys = keys,
			.n_keys = 1,
		};
	w->conf = (struct conf){
		.workers = WORKERS, .upstreams = &w->upstream, .n_upstreams = 1,
		.routes = w->routes, .n_routes = ROUTES, .keys = &w->key,
		.n_keys = 1,
	};
	w->stats = stats_new_alone(&w->conf);
	w->queues = quota_queues_new(&w->conf, w->loop, w->stats);
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < w->n; i++)
		quota_queue_leave(w->queues, &w->waiters[i]);
	quota_queues_free(w->queues);
	memory_turn();
	loop_free(w->loop);
	memory_end();
	stats_free(w->stats);
	secret_free(w->key.value);
	free(w);
	return 0;
}

/* Closed, and the one that may go through went. */
static void
close_gate(struct world *w, uint32_t interval_s)
{
	assert_int_equal(ask(w, 0), QUOTA_GO);
	tell(w, 0, interval_s);
	assert_int_equal(ask(w, 0), QUOTA_GO);
}

static void
nobody_waits_while_something_remains(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < 50; i++) {
		assert_int_equal(ask(w, i % ROUTES), QUOTA_GO);
		tell(w, 1, 60);
	}
}

static void
one_a_second_goes_on_by_turns_of_the_routes(void **state)
{
	struct world *w = *state;

	close_gate(w, 3600);
	for (size_t i = 0; i < 40; i++)
		assert_int_equal(ask(w, 0), QUOTA_WAIT);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(ask(w, 1), QUOTA_WAIT);
	assert_int_equal(ask(w, 2), QUOTA_WAIT);
	memory_pass(10500);
	assert_string_equal(w->order, "abcababaaa");
	assert_int_equal(w->failed, 0);
}

static void
all_go_on_when_the_window_ends(void **state)
{
	struct world *w = *state;

	close_gate(w, 5);
	for (size_t i = 0; i < 60; i++)
		assert_int_equal(ask(w, i < 50 ? 0 : 1), QUOTA_WAIT);
	memory_pass(4500);
	assert_int_equal(w->served, 4);
	memory_pass(1000);
	assert_int_equal(w->served, 60);
	assert_true(strncmp(w->order, "abababababababababab", 20) == 0);
	assert_int_equal(w->failed, 0);
}

static void
a_response_that_tells_of_more_lets_all_go_on(void **state)
{
	struct world *w = *state;

	close_gate(w, 3600);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(ask(w, 0), QUOTA_WAIT);
	memory_pass(100);
	assert_int_equal(w->served, 0);
	tell(w, 99, 3600);
	memory_pass(500);
	assert_int_equal(w->served, 10);
	assert_int_equal(ask(w, 0), QUOTA_GO);
}

/* Who comes later must not pass those who wait. */
static void
while_others_wait_nobody_goes_before_them(void **state)
{
	struct world *w = *state;

	close_gate(w, 3600);
	assert_int_equal(ask(w, 0), QUOTA_WAIT);
	tell(w, 99, 3600);
	memory_pass(0);
	tell(w, 0, 3600);
	assert_int_equal(ask(w, 1), QUOTA_WAIT);
	assert_int_equal(ask(w, 1), QUOTA_WAIT);
	memory_pass(2500);
	assert_int_equal(w->order[0], 'a');
}

static void
after_twenty_seconds_they_are_told_when_to_come_again(void **state)
{
	struct world *w = *state;

	close_gate(w, 3600);
	for (size_t i = 0; i < 30; i++)
		assert_int_equal(ask(w, 0), QUOTA_WAIT);
	memory_pass(19999);
	assert_int_equal(w->served, 19);
	assert_int_equal(w->failed, 0);
	memory_pass(2);
	assert_int_equal(w->served + w->failed, 30);
	assert_in_range(w->retry_s, 3570, 3600);
}

static void
nobody_waits_until_it_is_too_late_for_an_answer(void **state)
{
	struct world *w = *state;

	w->upstream.timeouts.response = 3000;
	close_gate(w, 3600);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(ask(w, 0), QUOTA_WAIT);
	memory_pass(2350);
	assert_int_equal(w->failed, 0);
	memory_pass(100);
	assert_int_equal(w->served + w->failed, 10);
	assert_in_range(w->failed, 7, 8);
}

static void
a_thousand_wait_at_most_and_who_leaves_frees_a_place(void **state)
{
	struct world *w = *state;

	close_gate(w, 3600);
	for (size_t i = 0; i < QUOTA_WAITERS; i++)
		assert_int_equal(ask(w, i % ROUTES), QUOTA_WAIT);
	assert_int_equal(ask(w, 0), QUOTA_REFUSED);
	assert_int_equal(w->retry_s, 3600);
	quota_queue_leave(w->queues, &w->waiters[100]);
	quota_queue_leave(w->queues, &w->waiters[100]);
	assert_int_equal(ask(w, 0), QUOTA_WAIT);
	assert_int_equal(ask(w, 0), QUOTA_REFUSED);
	assert_int_equal(ask(w, 2), QUOTA_WAIT);
	memory_pass(0);
	assert_int_equal(waiting(w, w->n), QUOTA_WAITERS);
}

/* The route that came first, with far more than there are places. */
static void
fill(struct world *w)
{
	close_gate(w, 3600);
	for (size_t i = 0; i < QUOTA_WAITERS; i++)
		assert_int_equal(ask(w, 0), QUOTA_WAIT);
	assert_int_equal(ask(w, 0), QUOTA_REFUSED);
}

static void
the_newest_of_a_greedy_route_gives_its_place_to_another(void **state)
{
	struct world *w = *state;
	const size_t newest = GREEDY - 1;

	fill(w);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(ask(w, 1), QUOTA_WAIT);
	/* No event from within an operation. */
	assert_int_equal(w->failed, 0);
	memory_pass(0);
	assert_int_equal(w->failed, 8);
	assert_int_equal(w->retry_s, 3600);
	assert_int_equal(waiting(w, GREEDY), QUOTA_WAITERS - 8);
	for (size_t i = 0; i < 8; i++)
		assert_null(w->waiters[newest - i].line);
	assert_int_equal(ask(w, 0), QUOTA_REFUSED);
	memory_pass(16500);
	assert_string_equal(w->order, "abababababababab");
}

static void
greedy_routes_have_the_same_part_of_the_places(void **state)
{
	struct world *w = *state;
	size_t n[ROUTES] = { 0 };

	fill(w);
	for (size_t i = 0; i < 2 * QUOTA_WAITERS; i++)
		(void)ask(w, 1 + i % 2);
	memory_pass(0);
	for (size_t i = 0; i < w->n; i++)
		n[w->waiters[i].route] += w->waiters[i].line != NULL;
	for (size_t i = 0; i < ROUTES; i++)
		assert_in_range(n[i], QUOTA_WAITERS / ROUTES,
		    QUOTA_WAITERS / ROUTES + 1);
}

static void
who_gave_up_a_place_may_leave_before_that_is_told(void **state)
{
	struct world *w = *state;

	fill(w);
	assert_int_equal(ask(w, 1), QUOTA_WAIT);
	quota_queue_leave(w->queues, &w->waiters[GREEDY - 1]);
	memory_pass(0);
	assert_int_equal(w->failed, 0);
	assert_int_equal(waiting(w, w->n), QUOTA_WAITERS);
	/* Its place is the other's, and there is none more. */
	assert_int_equal(ask(w, 0), QUOTA_REFUSED);
}

static void
who_gave_up_a_place_is_told_when_nobody_waits_any_more(void **state)
{
	struct world *w = *state;

	fill(w);
	assert_int_equal(ask(w, 1), QUOTA_WAIT);
	for (size_t i = 0; i < w->n; i++) {
		if (i != GREEDY - 1)
			quota_queue_leave(w->queues, &w->waiters[i]);
	}
	memory_pass(0);
	assert_int_equal(w->failed, 1);
	assert_int_equal(waiting(w, w->n), 0);
}

/* Each sees only its own waiters, and the other's number of them. */
static void
a_worker_with_more_than_its_share_gives_places_to_another(void **state)
{
	struct world *w = *state;
	struct stats *stats = stats_of_worker(w->stats, 1);
	struct quota_queues *mine = w->queues;
	struct quota_queues *others = quota_queues_new(&w->conf, w->loop,
	    stats);
	size_t greedy, all;

	fill(w);
	w->queues = others;
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(ask(w, 1), QUOTA_WAIT);
	memory_pass(50);
	w->queues = mine;
	greedy = waiting(w, GREEDY);
	all = waiting(w, w->n);
	for (size_t i = GREEDY; i < w->n; i++)
		quota_queue_leave(others, &w->waiters[i]);
	quota_queues_free(others);
	stats_leave(stats);
	assert_int_equal(greedy, QUOTA_WAITERS - 8);
	assert_int_equal(all, QUOTA_WAITERS);
	assert_int_equal(w->failed, 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		CASE(nobody_waits_while_something_remains),
		CASE(one_a_second_goes_on_by_turns_of_the_routes),
		CASE(all_go_on_when_the_window_ends),
		CASE(a_response_that_tells_of_more_lets_all_go_on),
		CASE(while_others_wait_nobody_goes_before_them),
		CASE(after_twenty_seconds_they_are_told_when_to_come_again),
		CASE(nobody_waits_until_it_is_too_late_for_an_answer),
		CASE(a_thousand_wait_at_most_and_who_leaves_frees_a_place),
		CASE(the_newest_of_a_greedy_route_gives_its_place_to_another),
		CASE(greedy_routes_have_the_same_part_of_the_places),
		CASE(who_gave_up_a_place_may_leave_before_that_is_told),
		CASE(who_gave_up_a_place_is_told_when_nobody_waits_any_more),
		CASE(a_worker_with_more_than_its_share_gives_places_to_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
