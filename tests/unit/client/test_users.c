/*
 * Users as messages say them.
 */
#include "client/users.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static void
assert_text(char *text, const char *expected)
{
	assert_string_equal(text, expected);
	free(text);
}

static void
a_user_is_said_by_name_where_it_is_known_and_number(void **state)
{
	(void)state;
	assert_text(users_text(1000, "anna"), "user anna (1000)");
	assert_text(users_text(4000000001, NULL), "user 4000000001");
	assert_text(users_describe(0), "user root (0)");
	assert_text(users_describe(4000000001), "user 4000000001");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_user_is_said_by_name_where_it_is_known_and_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
