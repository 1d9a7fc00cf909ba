/*
 * Words that a shell takes for what they are.
 */
#include "base/shell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

static void
expect(const char *word, const char *quoted)
{
	char *got = shell_word(word);

	assert_string_equal(got, quoted);
	free(got);
}

static void
plain_words_stay(void **state)
{
	(void)state;
	expect("/etc/sallyport/sallyport.conf",
	    "/etc/sallyport/sallyport.conf");
	expect("team-a@x_1,2=%", "team-a@x_1,2=%");
}

static void
what_a_shell_would_take_for_something_else_is_quoted(void **state)
{
	(void)state;
	expect("", "''");
	expect("a b", "'a b'");
	expect("~", "'~'");
	expect("$(x);`y`", "'$(x);`y`'");
	expect("it's", "'it'\\''s'");
	expect("\xc3\xa4", "'\xc3\xa4'");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_words_stay),
		cmocka_unit_test(
		    what_a_shell_would_take_for_something_else_is_quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
