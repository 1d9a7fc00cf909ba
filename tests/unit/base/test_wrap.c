/*
 * Texts in lines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/wrap.h"

#define TEN	"abcdefghi "

static void
assert_wrapped(const char *text, size_t column, size_t indent,
    const char *expected)
{
	char *have = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&have, &n);

	assert_non_null(out);
	wrap_print(text, column, indent, out);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(have, expected);
	free(have);
}

static void
a_line_is_full_and_no_longer(void **state)
{
	(void)state;
	assert_wrapped(TEN TEN TEN TEN TEN TEN TEN "abcdefghij", 0, 0,
	    TEN TEN TEN TEN TEN TEN TEN "abcdefghij\n");
	assert_wrapped(TEN TEN TEN TEN TEN TEN TEN "abcdefghijk", 0, 0,
	    TEN TEN TEN TEN TEN TEN "abcdefghi\nabcdefghijk\n");
}

static void
further_lines_are_indented(void **state)
{
	(void)state;
	assert_wrapped("one two three", 70, 70, "one two\n"
	    "                                                                "
	    "      three\n");
}

static void
behind_something_the_first_word_has_a_blank(void **state)
{
	(void)state;
	assert_wrapped("one", 5, 2, " one\n");
	assert_wrapped("one two", 78, 2, "\n  one two\n");
	assert_wrapped("", 5, 2, "\n");
}

static void
a_long_word_has_a_line_to_itself(void **state)
{
	char text[100], expected[110];

	(void)state;
	memset(text, 'x', 90);
	strcpy(text + 90, " b");
	assert_true(snprintf(expected, sizeof(expected), "%.90s\nb\n",
	    text) > 0);
	assert_wrapped(text, 0, 0, expected);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_full_and_no_longer),
		cmocka_unit_test(further_lines_are_indented),
		cmocka_unit_test(behind_something_the_first_word_has_a_blank),
		cmocka_unit_test(a_long_word_has_a_line_to_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
