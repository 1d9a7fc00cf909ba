/*
 * The editor that somebody likes, and how it ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>

#include "tty/editor.h"
#include "tty/interrupt.h"

static struct reasons why;

static bool
edit_with(const char *editor)
{
	bool good;

	assert_int_equal(unsetenv("VISUAL"), 0);
	assert_int_equal(setenv("EDITOR", editor, 1), 0);
	interrupt_hold();
	good = editor_run("/dev/null", &why);
	interrupt_release();
	return good;
}

static void
assert_reason(const char *text)
{
	assert_int_equal(why.n, 1);
	assert_int_equal(why.v[0].kind, REASON_FAILURE);
	assert_string_equal(why.v[0].text, text);
	reasons_free(&why);
}

static void
an_editor_that_is_content_gives_no_reason(void **state)
{
	(void)state;
	assert_true(edit_with("true"));
	assert_int_equal(why.n, 0);
}

static void
an_editor_may_have_options(void **state)
{
	(void)state;
	assert_true(edit_with("test -e"));
	assert_false(edit_with("test -d"));
	assert_reason("the editor 'test -d' failed with status 1");
}

static void
visual_comes_before_editor(void **state)
{
	(void)state;
	assert_int_equal(setenv("EDITOR", "false", 1), 0);
	assert_int_equal(setenv("VISUAL", "true", 1), 0);
	interrupt_hold();
	assert_true(editor_run("/dev/null", &why));
	interrupt_release();
}

static void
an_editor_that_is_not_there_is_named(void **state)
{
	(void)state;
	assert_false(edit_with("/nowhere/ed"));
	assert_reason("the editor '/nowhere/ed' cannot be run: set EDITOR");
}

static void
a_signal_that_ends_an_editor_is_told(void **state)
{
	(void)state;
	assert_false(edit_with("kill -9 $$; :"));
	assert_reason("the editor 'kill -9 $$; :' was ended by signal 9");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_editor_that_is_content_gives_no_reason),
		cmocka_unit_test(an_editor_may_have_options),
		cmocka_unit_test(visual_comes_before_editor),
		cmocka_unit_test(an_editor_that_is_not_there_is_named),
		cmocka_unit_test(a_signal_that_ends_an_editor_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
