/*
 * What callers are told: in order, whole, with the error that it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/reasons.h"

static void
reasons_are_kept_in_the_order_they_came_in(void **state)
{
	struct reasons r = { .n = 0 };

	(void)state;
	reasons_warn(&r, "the file is %s", "old");
	assert_false(reasons_fail(&r, "line %d", 7));
	reasons_lines(&r, "f:1: bad\n");
	assert_int_equal(r.n, 3);
	assert_int_equal(r.v[0].kind, REASON_WARNING);
	assert_string_equal(r.v[0].text, "the file is old");
	assert_int_equal(r.v[1].kind, REASON_FAILURE);
	assert_string_equal(r.v[1].text, "line 7");
	assert_int_equal(r.v[2].kind, REASON_LINES);
	assert_string_equal(r.v[2].text, "f:1: bad\n");
	reasons_free(&r);
	assert_int_equal(r.n, 0);
}

static void
a_reason_of_any_length_is_whole(void **state)
{
	char *text = xcalloc(100001, 1);
	struct reasons r = { .n = 0 };

	(void)state;
	memset(text, 'x', 100000);
	for (int i = 0; i < 100; i++)
		assert_false(reasons_fail(&r, "%s", text));
	assert_int_equal(r.n, 100);
	assert_string_equal(r.v[99].text, text);
	reasons_free(&r);
	free(text);
}

static void
an_error_is_the_one_of_the_caller(void **state)
{
	struct reasons r = { .n = 0 };
	char *expected = xasprintf("f: %s", strerror(ENOTDIR));

	(void)state;
	errno = ENOTDIR;
	assert_false(reasons_fail(&r, "f: %m"));
	assert_string_equal(r.v[0].text, expected);
	reasons_free(&r);
	free(expected);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_are_kept_in_the_order_they_came_in),
		cmocka_unit_test(a_reason_of_any_length_is_whole),
		cmocka_unit_test(an_error_is_the_one_of_the_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
