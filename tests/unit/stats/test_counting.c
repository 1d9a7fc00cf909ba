/*
 * stats/counting and stats/reader: what workers count, and what is read of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "stats/counting.h"
#include "stats/layout.h"
#include "stats/process.h"
#include "stats/reader.h"
#include "stats/series.h"
#include "stats/stats.h"
#include "stats_conf.h"

struct world {
	struct conf *conf;
	struct stats_memory *memory;
	struct stats *stats;
};

static struct stats *
view_of(const struct world *w)
{
	char why[256];
	struct stats *f = stats_new(w->memory, w->conf, why, sizeof(why));

	if (f == NULL)
		fail_msg("%s", why);
	return f;
}

static int
setup(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	char why[256];

	w->conf = stats_conf(2, 2, 10, 0);
	w->memory = stats_memory_new(5, why, sizeof(why));
	w->stats = view_of(w);
	stats_enter(w->stats, 0);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	stats_free(w->stats);
	stats_memory_free(w->memory);
	stats_conf_free(w->conf);
	free(w);
	return 0;
}

static void
count(struct stats *f, size_t route, const char *method, unsigned status)
{
	stats_count_exchange(f, route, &(struct record){
		.method = text_of(method), .status = status,
		.began_ns = 100, .ended_ns = 100 + 7 * NS_PER_MS,
	});
}

static uint64_t
counted(const struct world *w, uint32_t route, enum series_method method,
    unsigned status)
{
	uint64_t found = 0;
	size_t n;
	struct stats_series *v = stats_read_series(w->memory, &n);

	for (size_t i = 0; i < n; i++) {
		if (v[i].label == SERIES_LABEL(route, method, status))
			found += v[i].count;
		assert_true(i == 0 || v[i - 1].label < v[i].label);
	}
	free(v);
	return found;
}

static void
requests_are_told_apart_by_route_method_and_status(void **state)
{
	struct world *w = *state;

	count(w->stats, 1, "GET", 200);
	count(w->stats, 1, "GET", 200);
	count(w->stats, 1, "GET", 299);
	count(w->stats, 1, "POST", 200);
	count(w->stats, 0, "GET", 200);
	count(w->stats, CONF_NONE, "GET", 421);
	count(w->stats, 1, "GET", 0);
	assert_int_equal(counted(w, 1, SERIES_GET, 200), 2);
	assert_int_equal(counted(w, 1, SERIES_GET, 299), 1);
	assert_int_equal(counted(w, 1, SERIES_POST, 200), 1);
	assert_int_equal(counted(w, 0, SERIES_GET, 200), 1);
	assert_int_equal(counted(w, NO_ROUTE, SERIES_GET, 421), 1);
	assert_int_equal(counted(w, 1, SERIES_GET, 0), 1);
	assert_int_equal(stats_requests(w->stats), 7);
	assert_int_equal(stats_read_route_requests(w->memory, 1), 5);
	assert_int_equal(stats_read_route_requests(w->memory, 2), 0);
}

static void
methods_are_taken_by_the_letter(void **state)
{
	static const char *const others[] = { "", "G", "get", "GETS", "PUTS",
	    "POSTS", "PROPFIND", "HEAP", "DELETED", "OPTION", "other", "X" };

	(void)state;
	for (enum series_method m = SERIES_GET; m < SERIES_METHODS; m++)
		assert_int_equal(series_method_of(text_of(
		    series_method_name(m))), m);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(series_method_of(text_of(others[i])),
		    SERIES_OTHER);
}

static void
durations_are_in_the_first_bound_they_are_not_beyond(void **state)
{
	static const int64_t ns[] = { 0, 5 * NS_PER_MS, 5 * NS_PER_MS + 1,
	    60 * NS_PER_S, 60 * NS_PER_S + 1, -1 };
	struct world *w = *state;
	struct stats_durations d;

	for (size_t i = 0; i < sizeof(ns) / sizeof(ns[0]); i++)
		stats_count_exchange(w->stats, 0, &(struct record){
			.began_ns = 1000, .ended_ns = 1000 + ns[i],
		});
	assert_true(stats_read_durations(w->memory, 0, &d));
	assert_false(stats_read_durations(w->memory, 1, &d) &&
	    d.each[0] != 0);
	assert_true(stats_read_durations(w->memory, 0, &d));
	assert_int_equal(d.each[0], 3);
	assert_int_equal(d.each[1], 1);
	assert_int_equal(d.each[DURATIONS - 1], 1);
	assert_int_equal(d.each[DURATIONS], 1);
	assert_int_equal(d.sum_ns, 120 * NS_PER_S + 10 * NS_PER_MS + 2);
}

static void
what_no_series_is_left_for_is_counted_by_its_route(void **state)
{
	struct world *w = *state;
	struct stats_durations d;
	uint64_t others = 0;
	size_t n;

	for (size_t route = 0; route < 10; route++) {
		for (unsigned status = 0; status < 1000; status++) {
			for (enum series_method m = 0; m < SERIES_METHODS; m++)
				count(w->stats, route, series_method_name(m),
				    status);
		}
	}
	free(stats_read_series(w->memory, &n));
	assert_int_equal(n, STATS_SERIES);
	for (uint32_t route = 0; route < 10; route++) {
		assert_true(stats_read_durations(w->memory, route, &d));
		others += d.others;
	}
	assert_int_equal(others, 80000 - STATS_SERIES);
	assert_int_equal(stats_requests(w->stats), 80000);
	assert_int_equal(counted(w, 0, SERIES_GET, 200), 1);
	count(w->stats, 0, "GET", 200);
	assert_int_equal(counted(w, 0, SERIES_GET, 200), 2);
}

static void
the_next_worker_in_a_slot_goes_on(void **state)
{
	struct world *w = *state;
	size_t n;

	for (unsigned status = 0; status < 900; status++)
		count(w->stats, 1, "GET", status);
	stats_count_use(w->stats, 1, 100);
	stats_enter(w->stats, 0);
	for (unsigned status = 0; status < 900; status++)
		count(w->stats, 1, "GET", status);
	stats_count_use(w->stats, 1, 50);
	free(stats_read_series(w->memory, &n));
	assert_int_equal(n, 900);
	assert_int_equal(counted(w, 1, SERIES_GET, 200), 2);
	assert_int_equal(stats_read_route_requests(w->memory, 1), 1800);
	assert_int_equal(stats_read_key(w->memory, 1).requests, 2);
}

static void
a_fault_is_counted_with_or_without_an_exchange(void **state)
{
	struct world *w = *state;

	stats_count_exchange(w->stats, 0, &(struct record){
		.fault = FAULT_OVERLOADED });
	stats_count_fault(w->stats, FAULT_OVERLOADED);
	stats_count_exchange(w->stats, 0, &(struct record){ .status = 200 });
	assert_int_equal(stats_read_fault(w->memory, FAULT_OVERLOADED), 2);
	assert_int_equal(stats_read_fault(w->memory, FAULT_NO_ROUTE), 0);
	assert_int_equal(stats_read_fault(w->memory, FAULT_NONE), 0);
}

static void
what_carries_a_key_is_counted_until_its_worker_ends(void **state)
{
	struct world *w = *state;

	stats_count_carried(w->stats, 1, true);
	stats_enter(w->stats, 1);
	stats_count_carried(w->stats, 1, true);
	stats_count_carried(w->stats, 1, true);
	assert_int_equal(stats_read_key(w->memory, 1).carried, 3);
	stats_count_carried(w->stats, 1, false);
	assert_int_equal(stats_read_key(w->memory, 1).carried, 2);
	assert_int_equal(stats_read_key(w->memory, 0).carried, 0);
	stats_worker_ended(w->stats, 1);
	assert_int_equal(stats_read_key(w->memory, 1).carried, 1);
}

static void
a_key_was_last_used_when_any_worker_did(void **state)
{
	struct world *w = *state;
	struct stats_key_facts k;

	assert_int_equal(stats_read_key(w->memory, 1).last_used, 0);
	assert_false(stats_read_key(w->memory, 1).told);
	stats_count_use(w->stats, 1, 200);
	stats_enter(w->stats, 1);
	stats_count_use(w->stats, 1, 100);
	assert_true(stats_note_expiry(w->stats, 1, 300, true));
	k = stats_read_key(w->memory, 1);
	assert_int_equal(k.last_used, 200);
	assert_int_equal(k.requests, 2);
	assert_true(k.told);
	assert_int_equal(k.expires, 300);
	assert_int_equal(stats_read_key(w->memory, 0).requests, 0);
}

static void
the_last_refusal_of_a_key_is_one_for_all_and_rejections_are_summed(
    void **state)
{
	struct world *w = *state;
	struct stats_key_facts k = stats_read_key(w->memory, 1);

	assert_int_equal(k.refused, 0);
	assert_int_equal(k.refusal, 0);
	stats_note_refusal(w->stats, 1, 255, INT64_C(0x7fffffffff));
	stats_count_rejected(w->stats, 1);
	stats_enter(w->stats, 1);
	stats_count_rejected(w->stats, 1);
	k = stats_read_key(w->memory, 1);
	assert_int_equal(k.refusal, 255);
	assert_int_equal(k.refused, INT64_C(0x7fffffffff));
	assert_int_equal(k.rejected, 2);
	stats_note_refusal(w->stats, 1, 1, 5);
	k = stats_read_key(w->memory, 1);
	assert_int_equal(k.refusal, 1);
	assert_int_equal(k.refused, 5);
	assert_int_equal(stats_read_key(w->memory, 0).rejected, 0);
}

static void
what_a_worker_had_goes_with_it_and_what_it_counted_stays(void **state)
{
	struct world *w = *state;
	struct stats_connections *c = stats_connections(w->stats, 0);

	stats_count_client(w->stats, 0, true);
	stats_count_client(w->stats, 0, true);
	stats_count_client(w->stats, 0, false);
	STATS_ADD(&c->idle, 3);
	STATS_ADD(&c->busy, 2);
	STATS_ADD(&c->idle, -1);
	count(w->stats, 0, "GET", 200);
	stats_beat(w->stats, 12345);
	assert_int_equal(stats_worker_clients(w->stats, 0), 1);
	assert_int_equal(stats_read_clients(w->memory, 0), 1);
	assert_int_equal(stats_read_connections(w->memory, 0).idle, 2);
	assert_int_equal(stats_read_connections(w->memory, 0).busy, 2);
	assert_int_equal(stats_worker_turn(w->stats, 0), 12345);
	assert_int_equal(stats_worker_turn(w->stats, 1), 0);
	assert_true(stats_read_usage(w->memory).resident > 100000);
	assert_true(stats_read_usage(w->memory).descriptors >= 4);
	stats_worker_ended(w->stats, 0);
	assert_int_equal(stats_read_clients(w->memory, 0), 0);
	assert_int_equal(stats_read_connections(w->memory, 0).idle, 0);
	assert_int_equal(stats_read_connections(w->memory, 0).busy, 0);
	assert_int_equal(stats_worker_turn(w->stats, 0), 0);
	assert_int_equal(stats_read_usage(w->memory).resident, 0);
	assert_int_equal(stats_read_usage(w->memory).descriptors, 0);
	assert_int_equal(stats_requests(w->stats), 1);
}

/* -- processes -- */

static void
count_as(struct stats *f, size_t worker)
{
	stats_enter(f, worker);
	stats_isolate(f);
	for (unsigned i = 0; i < 1000; i++)
		count(f, i % 10, "GET", 200 + i % 3);
	_exit(0);
}

static void
processes_count_side_by_side(void **state)
{
	struct world *w = *state;
	int status;

	for (size_t i = 0; i < 2; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			count_as(w->stats, i);
	}
	while (wait(&status) > 0)
		assert_int_equal(status, 0);
	assert_int_equal(stats_requests(w->stats), 2000);
	assert_int_equal(counted(w, 0, SERIES_GET, 200), 68);
}

static void
an_isolated_worker_cannot_write_what_others_count(void **state)
{
	struct world *w = *state;
	int fd = stats_memory_fd(w->memory), status;
	pid_t pid;

	for (unsigned i = 0; i < 3; i++) {
		pid = fork();
		if (pid == 0) {
			(void)signal(SIGSEGV, SIG_DFL);
			stats_enter(w->stats, 0);
			stats_isolate(w->stats);
			if (i == 0)
				_exit(fcntl(fd, F_GETFD) == -1 ? 0 : 1);
			if (i == 1)
				stats_worker(w->stats, 1)->log_lost = 5;
			else
				stats_memory_parent(w->memory)->log_lost = 5;
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (i == 0)
			assert_int_equal(status, 0);
		else
			assert_int_equal(WTERMSIG(status), SIGSEGV);
	}
	assert_int_equal(stats_log_lost(w->stats), 0);
}

/* All bits set, as somebody might leave it who took over a worker. */
static void
what_was_scribbled_over_leads_nowhere(void **state)
{
	struct world *w = *state;
	struct stats_slot *slot = stats_memory_slot(w->memory, 1);
	struct stats_durations d;
	size_t n;

	memset((void *)slot, 0xff, sizeof(*slot));
	free(stats_read_series(w->memory, &n));
	(void)stats_requests(w->stats);
	assert_false(stats_read_durations(w->memory, 3, &d));
	(void)stats_read_key(w->memory, 3);
	stats_enter(w->stats, 0);
	count(w->stats, 3, "GET", 200);
	count(w->stats, 4, "GET", 200);
	stats_worker_ended(w->stats, 0);
}

static void
a_reader_sees_what_is_counted_and_cannot_write(void **state)
{
	struct world *w = *state;
	char why[256];
	struct stats_memory *m = stats_memory_attach(
	    stats_memory_fd(w->memory), why, sizeof(why));
	pid_t pid;
	int status;

	assert_non_null(m);
	count(w->stats, 0, "GET", 200);
	assert_int_equal(stats_read_requests(m), 1);
	pid = fork();
	if (pid == 0) {
		(void)signal(SIGSEGV, SIG_DFL);
		stats_memory_slot(m, 1)->worker.log_lost = 5;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WTERMSIG(status), SIGSEGV);
	stats_memory_free(m);
	assert_int_equal(stats_read_requests(w->memory), 1);
}

static void
what_is_no_such_memory_is_refused(void **state)
{
	char why[256];
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_null(stats_memory_attach(fd, why, sizeof(why)));
	assert_string_equal(why, "the memory that processes share is not "
	    "there, or of another version");
	close(fd);
	assert_null(stats_memory_attach(-1, why, sizeof(why)));
}

static void
loads_are_counted_and_the_last_good_one_is_remembered(void **state)
{
	struct world *w = *state;
	struct stats_loads l = stats_read_loads(w->memory);

	assert_false(l.good);
	assert_int_equal(l.loaded, 0);
	stats_memory_started(w->memory);
	l = stats_read_loads(w->memory);
	assert_true(l.good);
	assert_true(l.loaded > 1000000000);
	assert_int_equal(l.done, 0);
	stats_memory_reloaded(w->memory, false);
	assert_false(stats_read_loads(w->memory).good);
	assert_int_equal(stats_read_loads(w->memory).loaded, l.loaded);
	stats_memory_reloaded(w->memory, true);
	l = stats_read_loads(w->memory);
	assert_true(l.good);
	assert_int_equal(l.done, 1);
	assert_int_equal(l.refused, 1);
}

/* A child that has used that much. */
static pid_t
burn(uint64_t ns)
{
	int done[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(done), 0);
	pid = fork();
	if (pid == 0) {
		while (process_cpu_ns(0) < ns)
			continue;
		(void)close(done[1]);
		for (;;)
			(void)pause();
	}
	(void)close(done[1]);
	assert_int_equal(read(done[0], &byte, 1), 0);
	(void)close(done[0]);
	return pid;
}

static void
cpu_time_is_that_of_the_parent_and_of_children_that_run_or_ended(void **state)
{
	struct world *w = *state;
	uint64_t before, running, after;
	pid_t pid;

	stats_memory_beat(w->memory, 0, 1);
	assert_true(stats_read_usage(w->memory).resident > 100000);
	assert_true(stats_read_usage(w->memory).started_ns > 0);
	before = stats_read_usage(w->memory).cpu_ns;
	assert_true(before > 0);
	pid = burn(50 * NS_PER_MS);
	assert_true(process_cpu_ns(pid) >= 50 * NS_PER_MS);
	stats_memory_beat(w->memory, process_cpu_ns(pid), 2);
	running = stats_read_usage(w->memory).cpu_ns;
	assert_true(running >= before + 50 * NS_PER_MS);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(process_cpu_ns(pid), 0);
	stats_memory_beat(w->memory, 0, 3);
	after = stats_read_usage(w->memory).cpu_ns;
	assert_true(after >= running);
	/* It is counted once. */
	assert_true(after < running + 50 * NS_PER_MS);
}

static void
cpu_time_never_falls(void **state)
{
	struct world *w = *state;

	stats_memory_beat(w->memory, 1000 * NS_PER_S, 1);
	assert_true(stats_read_usage(w->memory).cpu_ns >= 1000 * NS_PER_S);
	stats_memory_beat(w->memory, 0, 2);
	assert_true(stats_read_usage(w->memory).cpu_ns >= 1000 * NS_PER_S);
	/* Nor when a worker's place is given to another one. */
	stats_worker_ended(w->stats, 0);
	assert_true(stats_read_usage(w->memory).cpu_ns >= 1000 * NS_PER_S);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(requests_are_told_apart_by_route_method_and_status),
		TEST(methods_are_taken_by_the_letter),
		TEST(durations_are_in_the_first_bound_they_are_not_beyond),
		TEST(what_no_series_is_left_for_is_counted_by_its_route),
		TEST(the_next_worker_in_a_slot_goes_on),
		TEST(a_fault_is_counted_with_or_without_an_exchange),
		TEST(what_carries_a_key_is_counted_until_its_worker_ends),
		TEST(a_key_was_last_used_when_any_worker_did),
		TEST(
	    the_last_refusal_of_a_key_is_one_for_all_and_rejections_are_summed),
		TEST(what_a_worker_had_goes_with_it_and_what_it_counted_stays),
		TEST(processes_count_side_by_side),
		TEST(an_isolated_worker_cannot_write_what_others_count),
		TEST(what_was_scribbled_over_leads_nowhere),
		TEST(a_reader_sees_what_is_counted_and_cannot_write),
		TEST(what_is_no_such_memory_is_refused),
		TEST(loads_are_counted_and_the_last_good_one_is_remembered),
		TEST(cpu_time_is_that_of_the_parent_and_of_children_that_run_or_ended),
		TEST(cpu_time_never_falls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
