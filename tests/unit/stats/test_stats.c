/*
 * stats/stats: counters shared with children, and that one of several
 * processes sees an expiry change.
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

static void
slots_do_not_share_cache_lines(void **state)
{
	struct stats *f = stats_new(&(struct stats_sizes){
		.workers = 3, .keys = 2,
	});

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal((uintptr_t)stats_worker(f, i) % 64, 0);
	assert_true((char *)stats_worker(f, 1) -
	    (char *)stats_worker(f, 0) >=
	    (ptrdiff_t)sizeof(struct stats_worker));
	stats_free(f);
}

static void
sums_are_over_all_workers(void **state)
{
	struct stats *f = stats_new(&(struct stats_sizes){
		.workers = 3,
	});

	(void)state;
	assert_int_equal(stats_requests(f), 0);
	stats_worker(f, 0)->requests = 5;
	stats_worker(f, 2)->requests = 7;
	stats_worker(f, 1)->log_lost = 2;
	assert_int_equal(stats_requests(f), 12);
	assert_int_equal(stats_log_lost(f), 2);
	(*stats_worker_restarts(f))++;
	assert_int_equal(*stats_worker_restarts(f), 1);
	stats_free(f);
	stats_free(NULL);
}

static void
a_log_that_a_child_tore_is_torn_for_all(void **state)
{
	struct stats *f = stats_new(&(struct stats_sizes){
		.workers = 1,
	});
	pid_t pid;

	(void)state;
	assert_false(*stats_log_torn(f));
	pid = fork();
	if (pid == 0) {
		*stats_log_torn(f) = true;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(*stats_log_torn(f));
	stats_free(f);
}

static void
an_expiry_is_news_once_and_again_when_it_changes(void **state)
{
	struct stats *f = stats_new(&(struct stats_sizes){
		.workers = 1, .keys = 2,
	});
	int64_t at;

	(void)state;
	assert_false(stats_expiry(f, 1, &at));
	assert_true(stats_note_expiry(f, 1, 100));
	assert_false(stats_note_expiry(f, 1, 100));
	assert_true(stats_expiry(f, 1, &at));
	assert_int_equal(at, 100);
	assert_false(stats_expiry(f, 0, &at));
	assert_true(stats_note_expiry(f, 1, 200));
	assert_true(stats_note_expiry(f, 1, 100));
	stats_free(f);
}

/* Each child notes the same 1000 times and counts what was news to it. */
static void
note_many(struct stats *f, size_t worker)
{
	for (int64_t at = 1; at <= 1000; at++) {
		if (stats_note_expiry(f, (size_t)at, at))
			stats_worker(f, worker)->requests++;
	}
	_exit(0);
}

static void
one_process_of_several_sees_the_news(void **state)
{
	struct stats *f = stats_new(&(struct stats_sizes){
		.workers = 4, .keys = 1001,
	});
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
	assert_int_equal(stats_requests(f), 1000);
	stats_free(f);
}

static void
that_a_route_leads_astray_is_told_once(void **state)
{
	struct stats *f = stats_new(&(struct stats_sizes){
		.workers = 2, .keys = 1, .routes = 2,
	});

	(void)state;
	assert_true(stats_note_astray(f, 1));
	assert_false(stats_note_astray(f, 1));
	assert_true(stats_note_astray(f, 0));
	stats_free(f);
}

/* What a worker may write, the parent must not follow. */
static void
only_stats_are_shared_not_where_they_are(void **state)
{
	struct stats *f = stats_new(&(struct stats_sizes){
		.workers = 1, .keys = 1,
	});
	int status;

	(void)state;
	if (fork() == 0) {
		stats_worker(f, 0)->requests = 5;
		memset((void *)f, 0xff, 24);
		_exit(0);
	}
	assert_int_not_equal(wait(&status), -1);
	assert_int_equal(status, 0);
	assert_int_equal(stats_requests(f), 5);
	stats_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_do_not_share_cache_lines),
		cmocka_unit_test(sums_are_over_all_workers),
		cmocka_unit_test(a_log_that_a_child_tore_is_torn_for_all),
		cmocka_unit_test(
		    an_expiry_is_news_once_and_again_when_it_changes),
		cmocka_unit_test(one_process_of_several_sees_the_news),
		cmocka_unit_test(that_a_route_leads_astray_is_told_once),
		cmocka_unit_test(only_stats_are_shared_not_where_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
