/*
 * stats/quota: limits that several workers keep together.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "stats/counting.h"
#include "stats/layout.h"
#include "stats/quota.h"
#include "stats/stats.h"
#include "stats_conf.h"

#define NOW		(1000 * NS_PER_S)
#define WORKERS		4

struct world {
	struct conf *conf;
	struct stats_memory *memory;
	struct stats *all;
	struct stats *worker[WORKERS];
};

static int
setup(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	char why[256];

	w->conf = stats_conf(WORKERS, 1, 2, 0);
	w->memory = stats_memory_new(1 + 2 * WORKERS, why, sizeof(why));
	w->all = stats_new(w->memory, w->conf, why, sizeof(why));
	for (size_t i = 0; i < WORKERS; i++)
		w->worker[i] = stats_of_worker(w->all, i);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < WORKERS; i++)
		stats_leave(w->worker[i]);
	stats_free(w->all);
	stats_memory_free(w->memory);
	stats_conf_free(w->conf);
	free(w);
	return 0;
}

static const struct principal somebody = { .has_user = true, .uid = 7 };

static bool
take_as(struct world *w, size_t worker, size_t route,
    const struct principal *who, struct quota_hold *h,
    struct quota_refusal *why)
{
	const struct quota_case c = {
		.conf = w->conf, .route = &w->conf->routes[route],
		.who = who, .now = NOW,
	};

	return quota_take(w->worker[worker], &c, h, why);
}

static struct principal
user(uint32_t uid)
{
	return (struct principal){ .has_user = true, .uid = uid };
}

static bool
take(struct world *w, size_t worker, size_t route, struct quota_hold *h,
    struct quota_refusal *why)
{
	return take_as(w, worker, route, &somebody, h, why);
}

static void
all_workers_take_from_one_bucket(void **state)
{
	struct world *w = *state;
	struct quota_refusal why = { .what = NULL };
	struct quota_hold h;

	w->conf->routes[0].quota.rate = (struct conf_rate){ 6, 60 };
	for (size_t i = 0; i < 6; i++)
		assert_true(take(w, i % WORKERS, 0, &h, &why));
	for (size_t i = 0; i < WORKERS; i++) {
		assert_false(take(w, i, 0, &h, &why));
		assert_string_equal(why.what, "rate");
		assert_int_equal(why.retry_s, 10);
	}
	assert_true(take(w, 0, 1, &h, &why));
}

static void
all_workers_share_the_places_of_a_route(void **state)
{
	struct world *w = *state;
	struct quota_refusal why;
	struct quota_hold h[3], more;

	w->conf->routes[0].quota.concurrency = 3;
	for (size_t i = 0; i < 3; i++)
		assert_true(take(w, i, 0, &h[i], &why));
	assert_false(take(w, 3, 0, &more, &why));
	assert_string_equal(why.what, "concurrency");
	assert_int_equal(why.retry_s, 1);
	quota_give(w->worker[1], &h[1]);
	/* Once only, however often it is said. */
	quota_give(w->worker[1], &h[1]);
	assert_true(take(w, 3, 0, &more, &why));
	assert_false(take(w, 1, 0, &h[1], &why));
}

static void
what_was_refused_took_neither_a_place_nor_a_token(void **state)
{
	struct world *w = *state;
	struct conf_quota *q = &w->conf->routes[0].quota;
	struct quota_refusal why;
	struct quota_hold first, h;

	*q = (struct conf_quota){ .rate = { 1, 3600 }, .concurrency = 1 };
	assert_true(take(w, 0, 0, &first, &why));
	assert_false(take(w, 1, 0, &h, &why));
	assert_string_equal(why.what, "concurrency");
	quota_give(w->worker[0], &first);
	for (unsigned i = 0; i < 3; i++) {
		assert_false(take(w, 1, 0, &h, &why));
		assert_string_equal(why.what, "rate");
		assert_int_equal(why.retry_s, 3600);
		quota_give(w->worker[1], &h);
	}
	q->rate.count = 0;
	assert_true(take(w, 1, 0, &h, &why));
}

static void
the_places_of_a_worker_that_died_are_free_again(void **state)
{
	struct world *w = *state;
	struct quota_refusal why;
	struct quota_hold h;

	w->conf->routes[0].quota.concurrency = 5;
	for (size_t i = 0; i < 5; i++)
		assert_true(take(w, i < 3 ? 0 : 1, 0, &h, &why));
	assert_false(take(w, 2, 0, &h, &why));
	stats_worker_ended(w->all, 0);
	for (size_t i = 0; i < 3; i++)
		assert_true(take(w, 2, 0, &h, &why));
	assert_false(take(w, 2, 0, &h, &why));
}

/* -- clients -- */

static void
each_client_has_a_bucket_of_its_own_on_each_route(void **state)
{
	struct world *w = *state;
	struct quota_refusal why;
	struct quota_hold h;

	w->conf->routes[0].client_quota.rate = (struct conf_rate){ 4, 3600 };
	w->conf->routes[1].client_quota.rate = (struct conf_rate){ 1, 3600 };
	for (uint32_t uid = 0; uid < 50; uid++) {
		const struct principal who = user(uid);

		for (size_t i = 0; i < 4; i++)
			assert_true(take_as(w, i % WORKERS, 0, &who, &h,
			    &why));
		assert_false(take_as(w, 1, 0, &who, &h, &why));
		assert_string_equal(why.what, "client_rate");
		assert_int_equal(why.retry_s, 900);
		assert_true(take_as(w, 2, 1, &who, &h, &why));
	}
}

static void
each_client_has_places_of_its_own_which_go_with_a_worker(void **state)
{
	struct world *w = *state;
	const struct principal one = user(1), two = user(2);
	struct quota_refusal why;
	struct quota_hold h;

	w->conf->routes[0].client_quota.concurrency = 2;
	for (size_t i = 0; i < 2; i++) {
		assert_true(take_as(w, i, 0, &one, &h, &why));
		assert_true(take_as(w, i, 0, &two, &h, &why));
	}
	assert_false(take_as(w, 2, 0, &one, &h, &why));
	assert_string_equal(why.what, "client_concurrency");
	quota_give(w->worker[1], &h);
	assert_false(take_as(w, 2, 0, &two, &h, &why));
	stats_worker_ended(w->all, 0);
	assert_true(take_as(w, 2, 0, &one, &h, &why));
	assert_false(take_as(w, 2, 0, &one, &h, &why));
	assert_true(take_as(w, 2, 0, &two, &h, &why));
}

static void
what_the_route_refuses_costs_the_client_nothing(void **state)
{
	struct world *w = *state;
	struct conf_route *r = &w->conf->routes[0];
	const struct principal one = user(1);
	struct quota_refusal why;
	struct quota_hold first, h;

	r->quota.concurrency = 1;
	r->client_quota = (struct conf_quota){
		.rate = { 2, 3600 }, .concurrency = 2,
	};
	assert_true(take_as(w, 0, 0, &somebody, &first, &why));
	for (unsigned i = 0; i < 10; i++) {
		assert_false(take_as(w, 1, 0, &one, &h, &why));
		assert_string_equal(why.what, "concurrency");
	}
	quota_give(w->worker[0], &first);
	r->quota.concurrency = 0;
	for (unsigned i = 0; i < 2; i++)
		assert_true(take_as(w, 1, 0, &one, &h, &why));
	assert_false(take_as(w, 1, 0, &one, &h, &why));
}

/* Far more than have a place: who runs something keeps its own. */
static void
the_oldest_idle_client_goes_and_no_busy_one(void **state)
{
	struct world *w = *state;
	struct conf_route *r = &w->conf->routes[0];
	const struct principal busy = user(UINT32_MAX - 1);
	struct quota_refusal why;
	struct quota_hold held, h;
	unsigned refused = 0;

	r->client_quota = (struct conf_quota){
		.rate = { 1, 3600 }, .concurrency = 1,
	};
	assert_true(take_as(w, 0, 0, &busy, &held, &why));
	for (uint32_t uid = 0; uid < 3 * QUOTA_CLIENTS; uid++) {
		const struct principal who = user(uid);

		assert_true(take_as(w, 1, 0, &who, &h, &why));
		quota_give(w->worker[1], &h);
		refused += !take_as(w, 2, 0, &who, &h, &why);
	}
	assert_int_equal(refused, 3 * QUOTA_CLIENTS);
	assert_false(take_as(w, 0, 0, &busy, &h, &why));
	assert_string_equal(why.what, "client_concurrency");
	quota_give(w->worker[0], &held);
}

static void
nobody_is_served_without_a_place_for_its_count(void **state)
{
	struct world *w = *state;
	struct quota_refusal why;
	struct quota_hold h;
	size_t served = 0, refused = 0;

	w->conf->routes[0].client_quota.concurrency = 1;
	for (uint32_t uid = 0; uid < 2 * QUOTA_CLIENTS; uid++) {
		const struct principal who = user(uid);

		if (take_as(w, 0, 0, &who, &h, &why)) {
			served++;
			continue;
		}
		refused++;
		assert_string_equal(why.what, "too many clients at a time");
	}
	assert_in_range(served, QUOTA_CLIENTS * 3 / 4, QUOTA_CLIENTS);
	assert_int_equal(served + refused, 2 * QUOTA_CLIENTS);
}

/* -- processes -- */

#define PLACES		3
#define ROUNDS		20000

/* Notes the most that ever held a place at a time. */
static void
run_worker(struct world *w, size_t worker, _Atomic uint32_t *inside,
    _Atomic uint32_t *most)
{
	struct quota_refusal why;
	struct quota_hold h;
	uint32_t n, seen;

	stats_leave(w->worker[worker]);
	stats_enter(w->all, worker);
	w->worker[worker] = w->all;
	stats_isolate(w->all);
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (!take(w, worker, 0, &h, &why))
			continue;
		n = atomic_fetch_add(inside, 1) + 1;
		seen = atomic_load(most);
		while (seen < n &&
		    !atomic_compare_exchange_weak(most, &seen, n))
			;
		atomic_fetch_sub(inside, 1);
		quota_give(w->all, &h);
	}
	_exit(0);
}

static void
processes_never_hold_more_places_than_there_are(void **state)
{
	struct world *w = *state;
	struct quota_refusal why;
	struct quota_hold h[PLACES + 1];
	_Atomic uint32_t *shared = mmap(NULL, 2 * sizeof(*shared),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	assert_true(shared != MAP_FAILED);
	w->conf->routes[0].quota.concurrency = PLACES;
	for (size_t i = 0; i < WORKERS; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			run_worker(w, i, &shared[0], &shared[1]);
	}
	while (wait(&status) > 0)
		assert_int_equal(status, 0);
	assert_in_range(atomic_load(&shared[1]), 1, PLACES);
	munmap(shared, 2 * sizeof(*shared));
	for (size_t i = 0; i < PLACES; i++)
		assert_true(take(w, i, 0, &h[i], &why));
	assert_false(take(w, 0, 0, &h[PLACES], &why));
}

#define NEWCOMERS		3000

/* What the processes of a race share. */
struct race {
	_Atomic unsigned ready[NEWCOMERS], tried[NEWCOMERS], served[NEWCOMERS];
};

/* All that wait for n others go on at the same moment, as near as it gets. */
static void
meet(_Atomic unsigned *place, unsigned n)
{
	atomic_fetch_add(place, 1);
	while (atomic_load(place) < n)
		sched_yield();
}

/* In each round a client comes that is new to all. */
static _Noreturn void
run_race(struct world *w, size_t worker, struct race *race)
{
	struct quota_refusal why;
	struct quota_hold h;
	struct principal who;

	for (uint32_t i = 0; i < NEWCOMERS; i++) {
		who = user(1000 + i);
		meet(&race->ready[i], WORKERS);
		if (take_as(w, worker, 0, &who, &h, &why))
			atomic_fetch_add(&race->served[i], 1);
		meet(&race->tried[i], WORKERS);
		quota_give(w->worker[worker], &h);
	}
	_exit(0);
}

static void
a_client_who_is_new_to_several_workers_counts_as_one(void **state)
{
	struct world *w = *state;
	struct race *race = mmap(NULL, sizeof(*race), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	assert_ptr_not_equal(race, MAP_FAILED);
	w->conf->routes[0].client_quota.concurrency = 1;
	for (size_t i = 0; i < WORKERS; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			run_race(w, i, race);
	}
	while (wait(&status) > 0)
		assert_int_equal(status, 0);
	for (size_t i = 0; i < NEWCOMERS; i++)
		assert_in_range(atomic_load(&race->served[i]), 0, 1);
	munmap(race, sizeof(*race));
}

/* -- who waits for a key's quota -- */

static size_t
let_wait(struct world *w, size_t worker, size_t n)
{
	size_t waiting = 0;

	for (size_t i = 0; i < n; i++)
		waiting += quota_may_wait(w->worker[worker], 0);
	return waiting;
}

/* As each worker does in its next round. */
static size_t
give_up(struct world *w, size_t worker)
{
	size_t n = 0;

	for (; quota_must_give_up(w->worker[worker], 0); n++)
		quota_stop_waiting(w->worker[worker], 0);
	return n;
}

static void
one_worker_may_have_all_places_while_no_other_wants_any(void **state)
{
	struct world *w = *state;

	assert_int_equal(let_wait(w, 0, QUOTA_WAITERS + 5), QUOTA_WAITERS);
	assert_int_equal(give_up(w, 0), 0);
}

static void
a_worker_without_places_gets_its_share_from_who_has_more(void **state)
{
	struct world *w = *state;

	(void)let_wait(w, 0, QUOTA_WAITERS);
	assert_int_equal(let_wait(w, 1, 8), 8);
	assert_int_equal(give_up(w, 1), 0);
	assert_int_equal(give_up(w, 0), 8);
	assert_int_equal(let_wait(w, 1, QUOTA_WAITERS), QUOTA_WAITERS / 2 - 8);
	assert_int_equal(give_up(w, 0), QUOTA_WAITERS / 2 - 8);
	assert_false(quota_may_wait(w->worker[0], 0));
	assert_false(quota_may_wait(w->worker[1], 0));
}

static void
workers_that_do_not_get_to_it_have_twice_as_many_at_most(void **state)
{
	struct world *w = *state;
	size_t n = 0;

	for (size_t round = 0; round < 5; round++) {
		for (size_t i = 0; i < WORKERS; i++)
			n += let_wait(w, i, QUOTA_WAITERS);
	}
	assert_in_range(n, QUOTA_WAITERS, 2 * QUOTA_WAITERS);
	for (size_t i = 0; i < WORKERS; i++)
		n -= give_up(w, i);
	assert_int_equal(n, QUOTA_WAITERS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
		CASE(all_workers_take_from_one_bucket),
		CASE(all_workers_share_the_places_of_a_route),
		CASE(what_was_refused_took_neither_a_place_nor_a_token),
		CASE(the_places_of_a_worker_that_died_are_free_again),
		CASE(each_client_has_a_bucket_of_its_own_on_each_route),
		CASE(each_client_has_places_of_its_own_which_go_with_a_worker),
		CASE(what_the_route_refuses_costs_the_client_nothing),
		CASE(the_oldest_idle_client_goes_and_no_busy_one),
		CASE(nobody_is_served_without_a_place_for_its_count),
		CASE(processes_never_hold_more_places_than_there_are),
		CASE(a_client_who_is_new_to_several_workers_counts_as_one),
		CASE(one_worker_may_have_all_places_while_no_other_wants_any),
		CASE(a_worker_without_places_gets_its_share_from_who_has_more),
		CASE(workers_that_do_not_get_to_it_have_twice_as_many_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
