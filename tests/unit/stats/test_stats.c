/*
 * stats/stats: counters shared with children, that one of several processes sees
 * an expiry change, and what outlives a generation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stats/stats.h"
#include "stats_conf.h"

static int
two_workers_keys_and_routes(void **state)
{
	*state = stats_conf(2, 2, 2, 0);
	return 0;
}

static int
teardown(void **state)
{
	stats_conf_free(*state);
	return 0;
}

static void
slots_do_not_share_cache_lines(void **state)
{
	struct stats *f = stats_new_alone(*state);

	for (size_t i = 0; i < 2; i++)
		assert_int_equal((uintptr_t)stats_worker(f, i) % 64, 0);
	assert_true((char *)stats_worker(f, 1) -
	    (char *)stats_worker(f, 0) >=
	    (ptrdiff_t)sizeof(struct stats_worker));
	stats_free(f);
}

static void
sums_are_over_all_workers(void **state)
{
	struct stats *f = stats_new_alone(*state);

	assert_int_equal(stats_log_lost(f), 0);
	stats_worker(f, 0)->log_lost = 5;
	stats_worker(f, 1)->log_lost = 7;
	assert_int_equal(stats_log_lost(f), 12);
	(*stats_worker_restarts(f))++;
	assert_int_equal(*stats_worker_restarts(f), 1);
	stats_free(f);
	stats_free(NULL);
}

static void
an_expiry_is_news_once_and_again_when_it_changes(void **state)
{
	struct stats *f = stats_new_alone(*state);
	int64_t at;

	assert_false(stats_expiry(f, 1, &at));
	assert_true(stats_note_expiry(f, 1, 100, false));
	assert_false(stats_note_expiry(f, 1, 100, false));
	assert_true(stats_expiry(f, 1, &at));
	assert_int_equal(at, 100);
	assert_false(stats_expiry(f, 0, &at));
	assert_true(stats_note_expiry(f, 1, 200, false));
	assert_true(stats_note_expiry(f, 1, 100, false));
	assert_true(stats_note_expiry(f, 0, 1, false));
	assert_true(stats_expiry(f, 0, &at));
	assert_int_equal(at, 1);
	stats_free(f);
}

/* Each child notes the same 1000 times and counts what was news to it. */
static void
note_many(struct stats *f, size_t worker)
{
	for (int64_t at = 1; at <= 1000; at++) {
		if (stats_note_expiry(f, (size_t)at, at, false))
			stats_worker(f, worker)->log_lost++;
	}
	_exit(0);
}

static void
one_process_of_several_sees_the_news(void **state)
{
	struct conf *conf = stats_conf(4, 1001, 0, 0);
	struct stats *f = stats_new_alone(conf);
	int status;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			note_many(f, i);
	}
	while (wait(&status) > 0)
		assert_int_equal(status, 0);
	assert_int_equal(stats_log_lost(f), 1000);
	stats_free(f);
	stats_conf_free(conf);
}

static void
that_a_route_leads_astray_is_told_once(void **state)
{
	struct stats *f = stats_new_alone(*state);

	assert_true(stats_note_astray(f, 1));
	assert_false(stats_note_astray(f, 1));
	assert_true(stats_note_astray(f, 0));
	stats_free(f);
}

/* What a worker may write, the parent must not follow. */
static void
only_stats_are_shared_not_where_they_are(void **state)
{
	struct stats *f = stats_new_alone(*state);
	int status;

	if (fork() == 0) {
		stats_worker(f, 0)->log_lost = 5;
		memset((void *)f, 0xff, 24);
		_exit(0);
	}
	assert_int_not_equal(wait(&status), -1);
	assert_int_equal(status, 0);
	assert_int_equal(stats_log_lost(f), 5);
	stats_free(f);
}

/* -- generations -- */

static struct stats_memory *
memory_for(size_t slots)
{
	char why[256];
	struct stats_memory *m = stats_memory_new(slots, why, sizeof(why));

	if (m == NULL)
		fail_msg("%s", why);
	return m;
}

static struct stats *
view_of(struct stats_memory *m, const struct conf *conf)
{
	char why[256];
	struct stats *f = stats_new(m, conf, why, sizeof(why));

	if (f == NULL)
		fail_msg("%s", why);
	return f;
}

static void
what_is_known_of_a_key_outlives_the_generation(void **state)
{
	struct stats_memory *m = memory_for(10);
	struct conf *later = stats_conf(1, 4, 4, 1);
	struct stats *old = view_of(m, *state), *new;
	int64_t at;

	stats_worker(old, 1)->log_lost = 3;
	assert_true(stats_note_expiry(old, 1, 100, false));
	assert_true(stats_note_astray(old, 1));
	new = view_of(m, later);
	stats_free(old);
	/* It comes first now, but is the same key. */
	assert_true(stats_expiry(new, 0, &at));
	assert_int_equal(at, 100);
	assert_false(stats_note_expiry(new, 0, 100, false));
	assert_false(stats_expiry(new, 1, &at));
	assert_true(stats_note_astray(new, 0));
	assert_int_equal(stats_log_lost(new), 3);
	stats_free(new);
	stats_memory_free(m);
	stats_conf_free(later);
}

static void
two_generations_at_a_time_have_slots_of_their_own(void **state)
{
	struct stats_memory *m = memory_for(10);
	struct stats *old = view_of(m, *state), *new = view_of(m, *state);

	stats_worker(old, 0)->log_lost = 1;
	stats_worker(new, 0)->log_lost = 2;
	stats_memory_parent(m)->log_lost = 4;
	assert_int_equal(stats_worker(old, 0)->log_lost, 1);
	assert_int_equal(stats_log_lost(old), 7);
	assert_int_equal(stats_log_lost(new), 7);
	assert_true(stats_note_expiry(old, 0, 100, false));
	assert_false(stats_note_expiry(new, 0, 100, false));
	stats_free(old);
	stats_free(new);
	stats_memory_free(m);
}

static void
a_slot_goes_on_counting_for_the_next_worker(void **state)
{
	struct stats_memory *m = memory_for(3);
	struct stats *f = view_of(m, *state);

	stats_worker(f, 1)->log_lost = 3;
	stats_free(f);
	f = view_of(m, *state);
	assert_int_equal(stats_log_lost(f), 3);
	assert_int_equal(stats_worker(f, 1)->log_lost, 3);
	stats_free(f);
	stats_memory_free(m);
}

static void
names_of_one_value_share_what_is_known_of_it(void **state)
{
	struct conf *conf = *state;
	struct stats *f;
	int64_t at;

	secret_free(conf->keys[1].value);
	conf->keys[1].value = secret_copy("key0", 4);
	f = stats_new_alone(conf);
	assert_true(stats_note_expiry(f, 0, 100, false));
	assert_true(stats_expiry(f, 1, &at));
	assert_int_equal(at, 100);
	stats_free(f);
}

static void
too_many_workers_are_refused_and_leave_nothing(void **state)
{
	struct stats_memory *m = memory_for(4);
	struct stats *f = view_of(m, *state);
	char why[256];

	assert_null(stats_new(m, *state, why, sizeof(why)));
	assert_string_equal(why, "2 more workers would be more than 3, those "
	    "of older configurations that still end included");
	stats_free(f);
	stats_free(view_of(m, *state));
	stats_memory_free(m);
}

/* Refuses a configuration, and then has room for what was there before. */
static void
refuse(size_t keys, size_t routes, const char *expected)
{
	struct conf *few = stats_conf(1, 1, 1, 0);
	struct conf *many = stats_conf(1, keys, routes, 1);
	struct conf *more = stats_conf(1, 2, 2, 100000);
	struct stats_memory *m = memory_for(4);
	struct stats *f = view_of(m, few);
	char why[256];

	assert_null(stats_new(m, many, why, sizeof(why)));
	assert_string_equal(why, expected);
	stats_free(f);
	stats_free(view_of(m, more));
	stats_memory_free(m);
	stats_conf_free(few);
	stats_conf_free(many);
	stats_conf_free(more);
}

static void
too_many_keys_and_routes_are_refused_and_leave_nothing(void **state)
{
	(void)state;
	refuse(STATS_KEYS, 1, "key key16384 would be one more than the 16384 "
	    "different ones that a process can count: restart it");
	refuse(1, STATS_ROUTES, "route route16384 would be one more than the "
	    "16384 different ones that a process can count: restart it");
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, \
		    two_workers_keys_and_routes, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(slots_do_not_share_cache_lines),
		TEST(sums_are_over_all_workers),
		TEST(an_expiry_is_news_once_and_again_when_it_changes),
		cmocka_unit_test(one_process_of_several_sees_the_news),
		TEST(that_a_route_leads_astray_is_told_once),
		TEST(only_stats_are_shared_not_where_they_are),
		TEST(what_is_known_of_a_key_outlives_the_generation),
		TEST(two_generations_at_a_time_have_slots_of_their_own),
		TEST(a_slot_goes_on_counting_for_the_next_worker),
		TEST(names_of_one_value_share_what_is_known_of_it),
		TEST(too_many_workers_are_refused_and_leave_nothing),
		cmocka_unit_test(
		    too_many_keys_and_routes_are_refused_and_leave_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
