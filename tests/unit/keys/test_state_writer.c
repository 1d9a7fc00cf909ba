/* Children that write files of `state_dir`. */
#include "keys/state_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "keys/state_file.h"

static char folder[] = "/tmp/sallyport-writer-XXXXXX";

static int
setup(void **state)
{
	(void)state;
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	char *path = state_file_path(folder, RECORDS_DISABLED);

	(void)state;
	(void)unlink(path);
	free(path);
	return rmdir(folder);
}

/* Has a child write that; left is what it does first. */
static void
begin(struct state_writer *w, const char *text, void (*left)(void *),
    void *owner)
{
	assert_null(state_writer_begin(w, &(struct state_writing){
		.folder = folder, .file = RECORDS_DISABLED,
		.text = text_of(text), .left = left, .owner = owner }));
	assert_true(state_writer_is_busy(w));
}

static char *
await(struct state_writer *w)
{
	return state_writer_await(w, clock_monotonic() + 60 * NS_PER_S);
}

/* What the file says; it is short. */
static const char *
said(void)
{
	static char text[64];
	char *path = state_file_path(folder, RECORDS_DISABLED);
	FILE *f = fopen(path, "r");
	size_t n = 0;

	if (f != NULL) {
		n = fread(text, 1, sizeof(text) - 1, f);
		(void)fclose(f);
	}
	text[n] = '\0';
	free(path);
	return text;
}

static void
a_child_writes_the_file_and_another_one_the_next(void **state)
{
	struct state_writer w = { .pid = 0 };

	(void)state;
	assert_false(state_writer_is_busy(&w));
	begin(&w, "one", NULL, NULL);
	assert_null(await(&w));
	assert_false(state_writer_is_busy(&w));
	assert_string_equal(said(), "one");
	begin(&w, "two", NULL, NULL);
	assert_null(await(&w));
	assert_string_equal(said(), "two");
}

static void
it_is_told_why_it_could_not_be_written(void **state)
{
	struct state_writer w = { .pid = 0 };
	char *path = state_file_path(folder, RECORDS_DISABLED), *why, *said_so;

	(void)state;
	assert_int_equal(rmdir(folder), 0);
	begin(&w, "one", NULL, NULL);
	why = await(&w);
	said_so = xasprintf("%s: No such file or directory", path);
	assert_string_equal(why, said_so);
	free(said_so);
	free(why);
	free(path);
	assert_int_equal(mkdir(folder, 0700), 0);
}

static void
hang(void *owner)
{
	(void)owner;
	for (;;)
		(void)pause();
}

static void
one_that_hangs_is_ended_when_it_is_late(void **state)
{
	struct state_writer w = { .pid = 0 };
	int64_t now = clock_monotonic(), late;
	char *why;

	(void)state;
	begin(&w, "one", hang, NULL);
	late = state_writer_step(&w, now);
	assert_true(late > now && late < now + 30 * NS_PER_S);
	assert_false(w.late);
	assert_true(state_writer_step(&w, late) == INT64_MAX);
	assert_true(w.late);
	why = await(&w);
	assert_non_null(strstr(why, "/disabled.json: it was not written in "
	    "time"));
	free(why);
	assert_string_equal(said(), "");
}

static void
one_that_is_killed_wrote_nothing(void **state)
{
	struct state_writer w = { .pid = 0 };
	char *why;

	(void)state;
	begin(&w, "one", hang, NULL);
	assert_int_equal(kill(w.pid, SIGKILL), 0);
	why = await(&w);
	assert_non_null(strstr(why, "/disabled.json: the process that wrote it "
	    "was killed"));
	free(why);
}

static void
waiting_for_it_has_an_end(void **state)
{
	struct state_writer w = { .pid = 0 };
	char *why;

	(void)state;
	begin(&w, "one", hang, NULL);
	why = state_writer_await(&w, clock_monotonic() + 10 * NS_PER_MS);
	assert_non_null(strstr(why, "it was not written in time"));
	free(why);
	assert_false(state_writer_is_busy(&w));
	assert_true(waitpid(-1, NULL, 0) > 0);
}

static void
other_children_are_not_its_own(void **state)
{
	struct state_writer w = { .pid = 0 };
	char *why;
	pid_t pid;

	(void)state;
	assert_false(state_writer_reap(&w, 0, 0, &why));
	begin(&w, "one", NULL, NULL);
	assert_false(state_writer_reap(&w, w.pid + 1, 0, &why));
	pid = w.pid;
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(state_writer_reap(&w, pid, 0, &why));
	assert_null(why);
}

/* Says that it runs, and hangs. */
static void
say_and_hang(void *owner)
{
	const int *pipe_end = owner;

	(void)!write(*pipe_end, "x", 1);
	hang(NULL);
}

static void
it_ends_with_the_process_that_began_it(void **state)
{
	struct state_writer w = { .pid = 0 };
	int ends[2];
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		begin(&w, "one", say_and_hang, &ends[1]);
		hang(NULL);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &c, 1), 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* Nobody has the other end any more. */
	assert_int_equal(read(ends[0], &c, 1), 0);
	close(ends[0]);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_child_writes_the_file_and_another_one_the_next),
		TEST(it_is_told_why_it_could_not_be_written),
		TEST(one_that_hangs_is_ended_when_it_is_late),
		TEST(one_that_is_killed_wrote_nothing),
		TEST(waiting_for_it_has_an_end),
		TEST(other_children_are_not_its_own),
		TEST(it_ends_with_the_process_that_began_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
