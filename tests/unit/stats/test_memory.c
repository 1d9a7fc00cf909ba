/*
 * stats/memory: who can write what.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stats/layout.h"
#include "stats/memory.h"

static int
setup(void **state)
{
	char why[256];

	*state = stats_memory_new(2, why, sizeof(why));
	return *state != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	stats_memory_free(*state);
	return 0;
}

/* Has a child do it; the status that waitpid() gives of it. */
static int
in_child(int (*what)(struct stats_memory *), struct stats_memory *m)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		/* A tool that watches for crashes is not asked about it. */
		(void)signal(SIGSEGV, SIG_DFL);
		_exit(what(m));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void *
decided_of(struct stats_memory *m)
{
	const struct stats_decided *d = stats_memory_decided(m);
	void *p;

	memcpy(&p, &d, sizeof(p));
	return p;
}

static int
read_decided(struct stats_memory *m)
{
	return (int)atomic_load(&stats_memory_decided(m)->restarts);
}

static int
write_decided(struct stats_memory *m)
{
	struct stats_decided *d = decided_of(m);

	atomic_store(&d->restarts, 6);
	return 0;
}

static int
write_the_parents(struct stats_memory *m)
{
	atomic_store(&stats_memory_decide(m)->restarts, 6);
	return 0;
}

/* 0: it is refused. */
static int
make_decided_writable(struct stats_memory *m)
{
	return mprotect(decided_of(m), 4096, PROT_READ | PROT_WRITE) == 0 ||
	    errno != EACCES;
}

static int
map_it_anew(struct stats_memory *m)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
	    stats_memory_fd(m), 0) != MAP_FAILED;
}

static int
write_the_file(struct stats_memory *m)
{
	return pwrite(stats_memory_fd(m), "6", 1, 0) != -1;
}

static int
shorten_it(struct stats_memory *m)
{
	return ftruncate(stats_memory_fd(m), 0) == 0;
}

static int
punch_a_hole(struct stats_memory *m)
{
	return fallocate(stats_memory_fd(m), FALLOC_FL_PUNCH_HOLE |
	    FALLOC_FL_KEEP_SIZE, 0, 4096) == 0;
}

static int
reopen_it(struct stats_memory *m)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d",
	    stats_memory_fd(m));
	fd = open(path, O_RDWR);
	return fd != -1 && (pwrite(fd, "6", 1, 0) != -1 ||
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) !=
	    MAP_FAILED);
}

static void
a_child_reads_what_the_parent_decides_later(void **state)
{
	atomic_store(&stats_memory_decide(*state)->restarts, 5);
	assert_int_equal(WEXITSTATUS(in_child(read_decided, *state)), 5);
}

static void
a_child_cannot_write_what_the_parent_decides(void **state)
{
	int (*const refused[])(struct stats_memory *) = {
		make_decided_writable, map_it_anew, write_the_file,
		shorten_it, punch_a_hole, reopen_it,
	};

	atomic_store(&stats_memory_decide(*state)->restarts, 5);
	assert_int_equal(WTERMSIG(in_child(write_decided, *state)), SIGSEGV);
	assert_int_equal(WTERMSIG(in_child(write_the_parents, *state)),
	    SIGSEGV);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (in_child(refused[i], *state) != 0)
			fail_msg("number %zu was not refused", i);
	}
	assert_int_equal(read_decided(*state), 5);
}

static int
write_what_workers_report(struct stats_memory *m)
{
	atomic_store(&stats_memory_known(m)->astray[1], true);
	atomic_store(&stats_memory_slot(m, 1)->worker.log_lost, 7);
	return 0;
}

static void
what_a_child_reports_is_seen_by_all(void **state)
{
	assert_int_equal(in_child(write_what_workers_report, *state), 0);
	assert_true(stats_memory_known(*state)->astray[1]);
	assert_int_equal(stats_memory_slot(*state, 1)->worker.log_lost, 7);
}

static void
that_it_cannot_be_made_is_told(void **state)
{
	struct rlimit old, none;
	struct stats_memory *m;
	char why[256];

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	m = stats_memory_new(STATS_SLOTS, why, sizeof(why));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_null(m);
	assert_string_equal(why, "cannot make the memory that processes "
	    "share: Too many open files");
}

static void
one_for_all_that_can_be_needed_takes_hardly_any_memory(void **state)
{
	char why[256];
	struct stats_memory *m;
	struct rusage before, after;

	(void)state;
	assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
	m = stats_memory_new(STATS_SLOTS, why, sizeof(why));
	assert_non_null(m);
	assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
	/* In KiB. */
	assert_true(after.ru_maxrss - before.ru_maxrss < 1024);
	stats_memory_free(m);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_child_reads_what_the_parent_decides_later),
		TEST(a_child_cannot_write_what_the_parent_decides),
		TEST(what_a_child_reports_is_seen_by_all),
		cmocka_unit_test(that_it_cannot_be_made_is_told),
		cmocka_unit_test(
		    one_for_all_that_can_be_needed_takes_hardly_any_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
