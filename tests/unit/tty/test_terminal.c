/*
 * Questions on a terminal, which is a child's here, and what it shows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <pty.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/reasons.h"
#include "base/write.h"
#include "tty/progress.h"
#include "tty/terminal.h"

/* What the terminal of a child showed, and what the child found out. */
struct dialogue {
	struct buf shown;
	char found[256];
};

/* Reads until the text was shown; all there is, where it is NULL. */
static void
wait_for(struct dialogue *d, int fd, const char *text)
{
	char piece[256];
	ssize_t n;

	while (text == NULL ||
	    !text_contains(buf_text(&d->shown), text_of(text))) {
		/* The end of a terminal is EIO. */
		n = read(fd, piece, sizeof(piece));
		if (n <= 0) {
			assert_null(text);
			return;
		}
		buf_append(&d->shown, piece, (size_t)n);
	}
}

/* A child's part: writes what it found out. */
typedef void (*part)(FILE *found);

static void
play(struct dialogue *d, part child, const char *question, const char *typed)
{
	int fd, pipes[2], status;
	size_t n;
	pid_t pid;
	FILE *found;

	buf_init(&d->shown, NULL);
	assert_int_equal(pipe(pipes), 0);
	pid = forkpty(&fd, NULL, NULL, NULL);
	assert_true(pid >= 0);
	if (pid == 0) {
		found = fdopen(pipes[1], "w");
		if (found != NULL)
			child(found);
		_exit(found != NULL && fclose(found) == 0 ? 0 : 1);
	}
	(void)close(pipes[1]);
	if (question != NULL) {
		wait_for(d, fd, question);
		assert_true(write_all(fd, typed, strlen(typed)));
	}
	wait_for(d, fd, NULL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	found = fdopen(pipes[0], "r");
	assert_non_null(found);
	n = fread(d->found, 1, sizeof(d->found) - 1, found);
	d->found[n] = '\0';
	(void)fclose(found);
	(void)close(fd);
}

static bool
was_shown(const struct dialogue *d, const char *text)
{
	return text_contains(buf_text(&d->shown), text_of(text));
}

/* Questions. */

static void
ask_name(FILE *found)
{
	char *name = terminal_ask("Name? ");

	(void)fprintf(found, "%s", name != NULL ? name : "(none)");
	free(name);
}

static void
ask_secret(FILE *found)
{
	struct reasons why = { .n = 0 };
	struct secret *s = terminal_ask_secret("Key? ", &why);
	struct termios now;

	(void)fprintf(found, "%.*s", TEXT_ARG(s != NULL ? secret_text(s) :
	    TEXT("(none)")));
	secret_free(s);
	(void)fprintf(found, " %zu %s", why.n, tcgetattr(0, &now) == 0 &&
	    (now.c_lflag & ECHO) != 0 ? "echo" : "silent");
	reasons_free(&why);
}

static void
ask_yes(FILE *found)
{
	(void)fputs(terminal_confirm("Sure?") ? "yes" : "no", found);
}

static void
a_line_is_the_answer(void **state)
{
	struct dialogue d;

	(void)state;
	play(&d, ask_name, "Name? ", "team-a\n");
	assert_string_equal(d.found, "team-a");
	assert_true(was_shown(&d, "team-a"));
	buf_release(&d.shown);
}

static void
a_secret_is_not_shown_and_the_echo_comes_back(void **state)
{
	struct dialogue d;

	(void)state;
	play(&d, ask_secret, "Key? ", "s3cret\n");
	assert_string_equal(d.found, "s3cret 0 echo");
	assert_false(was_shown(&d, "s3cret"));
	buf_release(&d.shown);
}

static void
the_end_of_the_input_is_no_answer(void **state)
{
	struct dialogue d;

	(void)state;
	play(&d, ask_secret, "Key? ", "\004");
	assert_string_equal(d.found, "(none) 0 echo");
	buf_release(&d.shown);
	play(&d, ask_name, "Name? ", "\004");
	assert_string_equal(d.found, "(none)");
	buf_release(&d.shown);
}

static void
only_yes_is_yes(void **state)
{
	static const struct {
		const char *typed, *found;
	} cases[] = {
		{ "y\n", "yes" }, { " YES \n", "yes" }, { "\n", "no" },
		{ "yesterday\n", "no" }, { "\004", "no" },
	};
	struct dialogue d;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		play(&d, ask_yes, "Sure? [y/N] ", cases[i].typed);
		assert_string_equal(d.found, cases[i].found);
		buf_release(&d.shown);
	}
}

static void
without_a_terminal_nobody_is_asked(void **state)
{
	struct reasons why = { .n = 0 };
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	/* In a session of its own there is none. */
	if (pid == 0)
		_exit(setsid() != -1 && !terminal_there() &&
		    terminal_ask("?") == NULL &&
		    terminal_ask_secret("?", &why) == NULL &&
		    !terminal_confirm("?") ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Progress. */

static void
work(FILE *found)
{
	progress("one of %d", 2);
	progress("two");
	progress_end();
	progress_end();
	(void)fputs("done", found);
}

static void
work_unseen(FILE *found)
{
	int nowhere = dup2(fileno(found), STDERR_FILENO);

	if (nowhere == STDERR_FILENO)
		work(found);
}

static void
progress_is_rewritten_in_place_and_taken_away(void **state)
{
	struct dialogue d;

	(void)state;
	play(&d, work, NULL, NULL);
	assert_string_equal(d.found, "done");
	assert_true(text_eq(buf_text(&d.shown), TEXT("\r\033[Kone of 2"
	    "\r\033[Ktwo\r\033[K")));
	buf_release(&d.shown);
}

static void
no_progress_is_shown_where_errors_go_elsewhere(void **state)
{
	struct dialogue d;

	(void)state;
	play(&d, work_unseen, NULL, NULL);
	assert_string_equal(d.found, "done");
	assert_int_equal(buf_len(&d.shown), 0);
	buf_release(&d.shown);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_the_answer),
		cmocka_unit_test(
		    a_secret_is_not_shown_and_the_echo_comes_back),
		cmocka_unit_test(the_end_of_the_input_is_no_answer),
		cmocka_unit_test(only_yes_is_yes),
		cmocka_unit_test(without_a_terminal_nobody_is_asked),
		cmocka_unit_test(
		    progress_is_rewritten_in_place_and_taken_away),
		cmocka_unit_test(
		    no_progress_is_shown_where_errors_go_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
