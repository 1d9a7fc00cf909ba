/*
 * Signals held back, and what becomes of them.  Each case is a process of its
 * own, which a signal may end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tty/interrupt.h"

/* A shell has what it runs in the background ignore some of them. */
static void
take_all_signals(void)
{
	static const int all[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		(void)signal(all[i], SIG_DFL);
}

/* What becomes of a child that does this: as waitpid() says. */
static int
fate_of(int (*child)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		take_all_signals();
		_exit(child());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int
hold_and_release(void)
{
	interrupt_hold();
	(void)raise(SIGTERM);
	if (!interrupt_pending())
		return 1;
	interrupt_release();
	return 2;
}

static int
hold_twice(void)
{
	interrupt_hold();
	interrupt_hold();
	(void)raise(SIGINT);
	interrupt_release();
	return interrupt_pending() ? 0 : 1;
}

static int
hold_what_is_ignored(void)
{
	(void)signal(SIGHUP, SIG_IGN);
	interrupt_hold();
	(void)raise(SIGHUP);
	if (interrupt_pending())
		return 1;
	interrupt_release();
	return 0;
}

/* A pipe with something in it, or nothing. */
static int
readable(bool some)
{
	int fds[2];

	if (pipe(fds) != 0 || (some && write(fds[1], "x", 1) != 1))
		return -1;
	return fds[0];
}

static int
wait_while_interrupted(void)
{
	int fd = readable(false);

	interrupt_hold();
	(void)raise(SIGTERM);
	return interrupt_wait_readable(fd) ? 1 : 0;
}

static int
wait_for_something(void)
{
	int fd = readable(true);

	interrupt_hold();
	return interrupt_wait_readable(fd) &&
	    interrupt_wait(fd) == INTERRUPT_READABLE ? 0 : 1;
}

static int
wait_for_a_child(void)
{
	int status;
	pid_t pid;

	interrupt_hold();
	pid = fork();
	if (pid == 0) {
		interrupt_undo_in_child();
		_exit(7);
	}
	status = interrupt_wait_child(pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 7 &&
	    !interrupt_pending() ? 0 : 1;
}

static int
pass_a_signal_on(void)
{
	int status;
	pid_t pid;

	interrupt_hold();
	pid = fork();
	if (pid == 0) {
		interrupt_undo_in_child();
		for (;;)
			(void)pause();
	}
	(void)raise(SIGTERM);
	status = interrupt_wait_child(pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM &&
	    interrupt_pending() ? 0 : 1;
}

static void
a_signal_that_was_held_ends_the_program_when_it_is_released(void **state)
{
	int status = fate_of(hold_and_release);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void
only_the_last_release_counts(void **state)
{
	(void)state;
	assert_int_equal(fate_of(hold_twice), 0);
}

static void
what_was_ignored_before_ends_nothing(void **state)
{
	(void)state;
	assert_int_equal(fate_of(hold_what_is_ignored), 0);
}

static void
waiting_ends_with_a_signal_or_something_to_read(void **state)
{
	(void)state;
	assert_int_equal(fate_of(wait_while_interrupted), 0);
	assert_int_equal(fate_of(wait_for_something), 0);
}

static void
a_child_is_waited_for_and_told_of_signals(void **state)
{
	(void)state;
	assert_int_equal(fate_of(wait_for_a_child), 0);
	assert_int_equal(fate_of(pass_a_signal_on), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_signal_that_was_held_ends_the_program_when_it_is_released),
		cmocka_unit_test(only_the_last_release_counts),
		cmocka_unit_test(what_was_ignored_before_ends_nothing),
		cmocka_unit_test(
		    waiting_ends_with_a_signal_or_something_to_read),
		cmocka_unit_test(a_child_is_waited_for_and_told_of_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
