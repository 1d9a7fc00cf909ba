/*
 * stats/quota: limits that several workers keep together.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "stats/counting.h"
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

static bool
take(struct world *w, size_t worker, size_t route, struct quota_hold *h,
    struct quota_refusal *why)
{
	*h = (struct quota_hold){ .route = false };
	return quota_take(w->worker[worker], w->conf, &w->conf->routes[route],
	    NOW, h, why);
}

static void
all_workers_take_from_one_bucket(void **state)
{
	struct world *w = *state;
	struct quota_refusal why = { .option = NULL };
	struct quota_hold h;

	w->conf->routes[0].quota.rate = (struct conf_rate){ 6, 60 };
	for (size_t i = 0; i < 6; i++)
		assert_true(take(w, i % WORKERS, 0, &h, &why));
	for (size_t i = 0; i < WORKERS; i++) {
		assert_false(take(w, i, 0, &h, &why));
		assert_string_equal(why.option, "rate");
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
	assert_string_equal(why.option, "concurrency");
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
	assert_string_equal(why.option, "concurrency");
	quota_give(w->worker[0], &first);
	for (unsigned i = 0; i < 3; i++) {
		assert_false(take(w, 1, 0, &h, &why));
		assert_string_equal(why.option, "rate");
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
		CASE(all_workers_take_from_one_bucket),
		CASE(all_workers_share_the_places_of_a_route),
		CASE(what_was_refused_took_neither_a_place_nor_a_token),
		CASE(the_places_of_a_worker_that_died_are_free_again),
		CASE(processes_never_hold_more_places_than_there_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
