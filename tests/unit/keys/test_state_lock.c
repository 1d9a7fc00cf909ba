/* Which process has a `state_dir`. */
#include "keys/state_lock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "conf/conf.h"

struct rig {
	char folder[32];
	char *path;		/* of the lock */
	pid_t other;		/* a process that has the folder */
};

static int
setup(void **state)
{
	static struct rig r;

	r = (struct rig){ .folder = "/tmp/sallyport-lock-XXXXXX" };
	if (mkdtemp(r.folder) == NULL)
		return -1;
	r.path = xasprintf("%s/lock", r.folder);
	*state = &r;
	return 0;
}

static void
end_other(struct rig *r)
{
	assert_int_equal(kill(r->other, SIGKILL), 0);
	assert_int_equal(waitpid(r->other, NULL, 0), r->other);
	r->other = 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	if (r->other != 0)
		end_other(r);
	(void)unlink(r->path);
	free(r->path);
	return rmdir(r->folder);
}

static struct state_lock *
take(const struct rig *r, struct state_lock *held)
{
	struct state_lock *lock;
	char *why = state_lock_take(r->folder, CONF_NO_ID, held, &lock);

	if (why != NULL)
		fail_msg("%s", why);
	assert_non_null(lock);
	return lock;
}

static void
expect_refusal(const struct rig *r, const char *what)
{
	struct state_lock *lock;
	char *why = state_lock_take(r->folder, CONF_NO_ID, NULL, &lock);

	assert_non_null(why);
	if (strstr(why, what) == NULL)
		fail_msg("%s", why);
	assert_null(lock);
	free(why);
}

/* Returns when it has it. */
static void
start_other(struct rig *r)
{
	char byte;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	r->other = fork();
	if (r->other == 0) {
		(void)take(r, NULL);
		(void)!write(fds[1], "", 1);
		for (;;)
			(void)pause();
	}
	(void)close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	(void)close(fds[0]);
}

static void
one_process_has_a_folder_until_it_is_killed(void **state)
{
	struct rig *r = *state;
	char *text;
	pid_t pid;

	start_other(r);
	text = state_lock_text(r->folder, r->other);
	expect_refusal(r, text);
	assert_true(state_lock_find(r->folder, &pid));
	assert_int_equal(pid, r->other);
	end_other(r);
	free(text);
	assert_false(state_lock_find(r->folder, &pid));
	state_lock_leave(take(r, NULL));
}

/* In a child, which may ask: whether another process has it. */
static bool
others_see_it(const struct rig *r)
{
	pid_t parent = getpid(), child = fork(), pid;
	int status;

	if (child == 0)
		_exit(state_lock_find(r->folder, &pid) && pid == parent);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) != 0;
}

static void
children_neither_have_it_nor_lose_it(void **state)
{
	struct rig *r = *state;
	struct state_lock *lock = take(r, NULL);
	pid_t child = fork();

	if (child == 0) {
		state_lock_abandon(lock);
		_exit(0);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_true(others_see_it(r));
	state_lock_leave(lock);
	assert_false(others_see_it(r));
}

static void
the_same_folder_is_had_as_long_as_one_needs_it(void **state)
{
	struct rig *r = *state;
	struct state_lock *first = take(r, NULL), *second = take(r, first);

	assert_true(others_see_it(r));
	state_lock_leave(first);
	assert_true(others_see_it(r));
	state_lock_leave(second);
	assert_false(others_see_it(r));
}

/* Who only checks is told the same. */
static void
expect_none(const struct rig *r, const char *what)
{
	char *why = state_lock_check(r->folder, CONF_NO_ID);

	expect_refusal(r, what);
	assert_non_null(why);
	if (strstr(why, what) == NULL)
		fail_msg("%s", why);
	free(why);
}

static void
who_only_asks_leaves_nothing(void **state)
{
	struct rig *r = *state;
	pid_t pid;

	assert_null(state_lock_check(r->folder, CONF_NO_ID));
	assert_false(state_lock_find(r->folder, &pid));
	assert_int_equal(access(r->path, F_OK), -1);
}

static void
a_lock_that_others_may_open_is_none(void **state)
{
	struct rig *r = *state;

	state_lock_leave(take(r, NULL));
	assert_null(state_lock_check(r->folder, CONF_NO_ID));
	assert_int_equal(chmod(r->path, 0644), 0);
	expect_none(r, "/lock: others may open it (mode 0644)");
	assert_int_equal(unlink(r->path), 0);
	assert_int_equal(symlink("/dev/null", r->path), 0);
	expect_none(r, "/lock: ");
	assert_int_equal(unlink(r->path), 0);
	assert_int_equal(mkfifo(r->path, 0600), 0);
	expect_none(r, "/lock: it is not a file");
}

static void
a_folder_that_is_missing_cannot_be_had(void **state)
{
	struct rig *r = *state;
	struct state_lock *lock;
	char *folder = xasprintf("%s/none", r->folder);
	char *why = state_lock_take(folder, CONF_NO_ID, NULL, &lock);

	assert_non_null(why);
	assert_non_null(strstr(why, "/none/lock: No such file or directory"));
	free(why);
	free(folder);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_process_has_a_folder_until_it_is_killed),
		TEST(children_neither_have_it_nor_lose_it),
		TEST(the_same_folder_is_had_as_long_as_one_needs_it),
		TEST(who_only_asks_leaves_nothing),
		TEST(a_lock_that_others_may_open_is_none),
		TEST(a_folder_that_is_missing_cannot_be_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
