/*
 * Nearest words: typing mistakes are recognised, other words are not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/nearest.h"

static void
the_distance_counts_insertions_losses_replacements_and_swaps(void **state)
{
	(void)state;
	assert_int_equal(nearest_distance("", ""), 0);
	assert_int_equal(nearest_distance("admin", "admin"), 0);
	assert_int_equal(nearest_distance("admni", "admin"), 1);
	assert_int_equal(nearest_distance("amin", "admin"), 1);
	assert_int_equal(nearest_distance("addmin", "admin"), 1);
	assert_int_equal(nearest_distance("odmin", "admin"), 1);
	assert_int_equal(nearest_distance("", "admin"), 5);
	assert_int_equal(nearest_distance("kitten", "sitting"), 3);
	assert_int_equal(nearest_distance("ab", "ba"), 1);
}

static void
a_very_long_word_is_near_nothing(void **state)
{
	char s[100];
	struct nearest n;

	(void)state;
	memset(s, 'a', sizeof(s));
	s[99] = '\0';
	assert_true(nearest_distance(s, "a") == SIZE_MAX);
	nearest_start(&n, s);
	nearest_offer(&n, "a");
	assert_null(n.best);
}

static void
the_nearest_of_all_candidates_wins_and_the_first_of_equals(void **state)
{
	struct nearest n;

	(void)state;
	nearest_start(&n, "listner");
	nearest_offer(&n, "listeners");
	nearest_offer(&n, "listener");
	nearest_offer(&n, "log");
	assert_string_equal(n.best, "listener");
	nearest_start(&n, "bat");
	nearest_offer(&n, "cat");
	nearest_offer(&n, "rat");
	assert_string_equal(n.best, "cat");
}

static void
another_word_is_not_offered(void **state)
{
	struct nearest n;

	(void)state;
	nearest_start(&n, "colour");
	nearest_offer(&n, "routes");
	nearest_offer(&n, "limits");
	assert_null(n.best);
}

static void
a_third_of_the_letters_and_one_may_be_wrong(void **state)
{
	struct nearest n;

	(void)state;
	nearest_start(&n, "abcdef");
	nearest_offer(&n, "xyzzef");
	assert_null(n.best);
	nearest_offer(&n, "xyzdef");
	assert_string_equal(n.best, "xyzdef");
	nearest_start(&n, "ab");
	nearest_offer(&n, "xy");
	assert_null(n.best);
	nearest_offer(&n, "ax");
	assert_string_equal(n.best, "ax");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
	    the_distance_counts_insertions_losses_replacements_and_swaps),
		cmocka_unit_test(a_very_long_word_is_near_nothing),
		cmocka_unit_test(
	    the_nearest_of_all_candidates_wins_and_the_first_of_equals),
		cmocka_unit_test(another_word_is_not_offered),
		cmocka_unit_test(a_third_of_the_letters_and_one_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
