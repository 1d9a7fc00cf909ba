/*
 * Who gets the result of which reload, and in which words.
 */
#include "daemon/reload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

#define MOST	64

struct fixture {
	struct reload reload;
	struct conf_diagnostics diagnostics;
	int log[2];
	char told[1024];		/* "ended + text;" and "7 + text;" */
	uint64_t asks_when_told;	/* once; 0: nobody */
};

static void
note(struct fixture *f, const char *who, bool good, const char *text)
{
	size_t n = strlen(f->told);

	assert_true(snprintf(f->told + n, sizeof(f->told) - n, "%s %c %s;",
	    who, good ? '+' : '-', text) < (int)(sizeof(f->told) - n));
}

static void
on_ended(void *owner, bool good, const char *text)
{
	struct fixture *f = owner;

	note(f, "ended", good, text);
	if (f->asks_when_told != 0)
		reload_ask(&f->reload, f->asks_when_told);
	f->asks_when_told = 0;
}

static void
on_answer(void *owner, uint64_t asker, bool good, const char *text)
{
	char who[24];

	(void)snprintf(who, sizeof(who), "%llu", (unsigned long long)asker);
	note(owner, who, good, text);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->reload.events = (struct reload_events){
		.ended = on_ended,
		.answer = on_answer,
		.owner = f,
	};
	assert_int_equal(pipe2(f->log, O_CLOEXEC | O_NONBLOCK), 0);
	log_start(f->log[1], LOG_LEVEL_INFO, NULL);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	reload_free(&f->reload);
	conf_diagnostics_free(&f->diagnostics);
	log_start(STDERR_FILENO, LOG_LEVEL_INFO, NULL);
	close(f->log[0]);
	close(f->log[1]);
	free(f);
	return 0;
}

static const char *
logged(const struct fixture *f)
{
	static char text[4096];
	ssize_t n = read(f->log[0], text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* All that was told since. */
static void
expect_told(struct fixture *f, const char *text)
{
	assert_string_equal(f->told, text);
	f->told[0] = '\0';
}

static void
succeed(struct fixture *f)
{
	reload_loaded(&f->reload, &f->diagnostics);
	f->diagnostics = (struct conf_diagnostics){ .n = 0 };
	reload_done(&f->reload, 2);
}

static void
nobody_has_asked_at_first(void **state)
{
	struct fixture *f = *state;

	assert_false(reload_is_due(&f->reload));
}

static void
each_who_asked_before_it_began_gets_its_result(void **state)
{
	struct fixture *f = *state;

	reload_ask(&f->reload, 1);
	reload_ask(&f->reload, 2);
	assert_true(reload_is_due(&f->reload));
	reload_begin(&f->reload);
	assert_false(reload_is_due(&f->reload));
	succeed(f);
	expect_told(f, "ended + ;1 + ;2 + ;");
	assert_non_null(strstr(logged(f), "reloaded: generation 2 serves"));
}

static void
who_asks_while_it_runs_gets_that_of_the_next_one(void **state)
{
	struct fixture *f = *state;

	reload_ask(&f->reload, 1);
	reload_begin(&f->reload);
	reload_ask(&f->reload, 2);
	reload_ask(&f->reload, 3);
	succeed(f);
	expect_told(f, "ended + ;1 + ;");
	assert_true(reload_is_due(&f->reload));
	reload_begin(&f->reload);
	reload_ask(&f->reload, 4);
	reload_refuse(&f->reload, "no luck");
	expect_told(f, "ended - no luck;2 - no luck;3 - no luck;");
	assert_true(reload_is_due(&f->reload));
}

static void
who_asks_while_others_are_told_waits_as_well(void **state)
{
	struct fixture *f = *state;

	reload_ask(&f->reload, 1);
	reload_begin(&f->reload);
	f->asks_when_told = 2;
	succeed(f);
	expect_told(f, "ended + ;1 + ;");
	assert_true(reload_is_due(&f->reload));
}

static void
a_signal_waits_for_no_answer(void **state)
{
	struct fixture *f = *state;

	reload_ask(&f->reload, RELOAD_UNASKED);
	assert_true(reload_is_due(&f->reload));
	reload_begin(&f->reload);
	succeed(f);
	expect_told(f, "ended + ;");
}

static void
many_may_ask(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < MOST; i++)
		reload_ask(&f->reload, i % 2 == 0 ? RELOAD_UNASKED : 7);
	reload_begin(&f->reload);
	succeed(f);
	assert_int_equal(strlen(f->told), strlen("ended + ;") +
	    MOST / 2 * strlen("7 + ;"));
	assert_false(reload_is_due(&f->reload));
}

static void
warnings_of_the_load_are_told_when_it_is_done(void **state)
{
	struct fixture *f = *state;

	reload_ask(&f->reload, 1);
	reload_begin(&f->reload);
	conf_warning(&f->diagnostics, "main", 3, "odd");
	succeed(f);
	expect_told(f, "ended + main:3: warning: odd\n;"
	    "1 + main:3: warning: odd\n;");
	assert_non_null(strstr(logged(f), "\"main:3: odd\""));
	/* Those of one are not those of the next. */
	reload_ask(&f->reload, 1);
	reload_begin(&f->reload);
	succeed(f);
	expect_told(f, "ended + ;1 + ;");
}

static void
a_failure_is_told_with_each_of_its_reasons(void **state)
{
	struct fixture *f = *state;
	const char *text;

	reload_ask(&f->reload, 1);
	reload_begin(&f->reload);
	conf_error(&f->diagnostics, "main", 3, "bad");
	conf_error(&f->diagnostics, "keys", 0, "worse");
	reload_failed(&f->reload, &f->diagnostics);
	f->diagnostics = (struct conf_diagnostics){ .n = 0 };
	expect_told(f, "ended - main:3: bad\nkeys:1: worse\n;"
	    "1 - main:3: bad\nkeys:1: worse\n;");
	text = logged(f);
	assert_non_null(strstr(text, "\"main:3: bad\""));
	assert_non_null(strstr(text, "\"keys:1: worse\""));
	assert_non_null(strstr(text, "was not reloaded: the one before stays"));
}

static void
warnings_behind_the_load_are_told_with_its_own(void **state)
{
	struct fixture *f = *state;

	reload_ask(&f->reload, 1);
	reload_begin(&f->reload);
	conf_warning(&f->diagnostics, "main", 3, "odd");
	reload_loaded(&f->reload, &f->diagnostics);
	f->diagnostics = (struct conf_diagnostics){ .n = 0 };
	conf_warning(&f->diagnostics, "keys", 2, "unclear");
	reload_warn(&f->reload, &f->diagnostics);
	f->diagnostics = (struct conf_diagnostics){ .n = 0 };
	reload_done(&f->reload, 2);
	expect_told(f, "ended + main:3: warning: odd\nkeys:2: warning: unclear\n"
	    ";1 + main:3: warning: odd\nkeys:2: warning: unclear\n;");
	assert_non_null(strstr(logged(f), "\"keys:2: unclear\""));
}

static void
one_that_fails_behind_its_load_forgets_the_warnings(void **state)
{
	struct fixture *f = *state;

	reload_ask(&f->reload, 1);
	reload_begin(&f->reload);
	conf_warning(&f->diagnostics, "main", 3, "odd");
	reload_loaded(&f->reload, &f->diagnostics);
	f->diagnostics = (struct conf_diagnostics){ .n = 0 };
	reload_refuse(&f->reload, "a worker ended");
	expect_told(f, "ended - a worker ended;1 - a worker ended;");
	assert_non_null(strstr(logged(f), "\"a worker ended\""));
	assert_null(f->reload.warnings);
}

static void
that_it_ends_by_a_stop_is_no_error(void **state)
{
	struct fixture *f = *state;
	const char *text;

	reload_ask(&f->reload, 1);
	reload_begin(&f->reload);
	reload_stopped(&f->reload);
	expect_told(f, "ended - it is stopping;1 - it is stopping;");
	text = logged(f);
	assert_non_null(strstr(text, "the daemon is stopping"));
	assert_non_null(strstr(text, "\"log.level\":\"info\""));
	assert_null(strstr(text, "\"log.level\":\"error\""));
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(nobody_has_asked_at_first),
		CASE(each_who_asked_before_it_began_gets_its_result),
		CASE(who_asks_while_it_runs_gets_that_of_the_next_one),
		CASE(who_asks_while_others_are_told_waits_as_well),
		CASE(a_signal_waits_for_no_answer),
		CASE(many_may_ask),
		CASE(warnings_of_the_load_are_told_when_it_is_done),
		CASE(warnings_behind_the_load_are_told_with_its_own),
		CASE(a_failure_is_told_with_each_of_its_reasons),
		CASE(one_that_fails_behind_its_load_forgets_the_warnings),
		CASE(that_it_ends_by_a_stop_is_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
