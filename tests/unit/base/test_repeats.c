/*
 * base/repeats: which lines are told.
 */
#include "base/repeats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

static void
one_reason_does_not_hide_another(void **state)
{
	struct repeats all = { .v = { { .why = NULL } } };
	uint64_t left_out = 1;

	(void)state;
	assert_true(repeats_take(&all, "no TLS", 0, &left_out));
	assert_int_equal(left_out, 0);
	assert_false(repeats_take(&all, "no TLS", 1, &left_out));
	assert_true(repeats_take(&all, "expired", 2, &left_out));
	assert_int_equal(left_out, 0);
	repeats_release(&all);
}

static void
a_minute_later_it_is_told_with_what_was_left_out(void **state)
{
	struct repeats all = { .v = { { .why = NULL } } };
	uint64_t left_out;

	(void)state;
	assert_true(repeats_take(&all, "no TLS", 5, &left_out));
	for (int i = 0; i < 3; i++)
		assert_false(repeats_take(&all, "no TLS",
		    4 + REPEATS_AGAIN_NS, &left_out));
	assert_true(repeats_take(&all, "expired", 6, &left_out));
	assert_true(repeats_take(&all, "no TLS", 5 + REPEATS_AGAIN_NS,
	    &left_out));
	assert_int_equal(left_out, 3);
	assert_true(repeats_take(&all, "no TLS", 5 + 2 * REPEATS_AGAIN_NS,
	    &left_out));
	assert_int_equal(left_out, 0);
	repeats_release(&all);
}

static void
tell_all_reasons(struct repeats *all)
{
	uint64_t left_out;
	char why[16];

	for (int i = 0; i < REPEATS_REASONS; i++) {
		snprintf(why, sizeof(why), "reason %d", i);
		assert_true(repeats_take(all, why, i, &left_out));
	}
}

static void
reasons_beyond_the_bound_share_one_place(void **state)
{
	struct repeats all = { .v = { { .why = NULL } } };
	uint64_t left_out;

	(void)state;
	tell_all_reasons(&all);
	assert_true(repeats_take(&all, "beyond", 100, &left_out));
	assert_false(repeats_take(&all, "further", 101, &left_out));
	assert_false(repeats_take(&all, "reason 0", 102, &left_out));
	repeats_release(&all);
}

static void
the_place_of_an_old_reason_is_used_again_and_its_count_is_kept(void **state)
{
	struct repeats all = { .v = { { .why = NULL } } };
	const int64_t late = 10 * REPEATS_AGAIN_NS;
	uint64_t left_out;
	char why[16];

	(void)state;
	tell_all_reasons(&all);
	assert_false(repeats_take(&all, "reason 0", 102, &left_out));
	for (int i = 0; i < REPEATS_REASONS; i++) {
		snprintf(why, sizeof(why), "new %d", i);
		assert_true(repeats_take(&all, why, late, &left_out));
		assert_int_equal(left_out, 0);
	}
	assert_true(repeats_take(&all, "beyond", late, &left_out));
	assert_int_equal(left_out, 1);
	repeats_release(&all);
}

static void
what_was_left_out_is_summed_up_when_its_minute_is_over(void **state)
{
	struct repeats all = { .v = { { .why = NULL } } };
	const char *why;
	uint64_t n;

	(void)state;
	assert_true(repeats_take(&all, "no TLS", 5, &n));
	assert_int_equal(repeats_due(&all), INT64_MAX);
	assert_false(repeats_sum(&all, 10 * REPEATS_AGAIN_NS, true, &why,
	    &n));
	assert_false(repeats_take(&all, "no TLS", 6, &n));
	assert_int_equal(repeats_due(&all), 5 + REPEATS_AGAIN_NS);
	assert_false(repeats_sum(&all, 4 + REPEATS_AGAIN_NS, false, &why,
	    &n));
	assert_true(repeats_sum(&all, 5 + REPEATS_AGAIN_NS, false, &why,
	    &n));
	assert_string_equal(why, "no TLS");
	assert_int_equal(n, 1);
	assert_int_equal(repeats_due(&all), INT64_MAX);
	assert_false(repeats_take(&all, "no TLS", 6 + REPEATS_AGAIN_NS, &n));
	repeats_release(&all);
}

static void
it_is_summed_up_at_once_where_that_is_asked_for(void **state)
{
	struct repeats all = { .v = { { .why = NULL } } };
	const char *why;
	uint64_t n;

	(void)state;
	tell_all_reasons(&all);
	assert_true(repeats_take(&all, "beyond", 100, &n));
	assert_false(repeats_take(&all, "further", 101, &n));
	assert_true(repeats_sum(&all, 102, true, &why, &n));
	assert_null(why);
	assert_int_equal(n, 1);
	assert_false(repeats_sum(&all, 103, true, &why, &n));
	repeats_release(&all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_reason_does_not_hide_another),
		cmocka_unit_test(
		    a_minute_later_it_is_told_with_what_was_left_out),
		cmocka_unit_test(reasons_beyond_the_bound_share_one_place),
		cmocka_unit_test(
		    the_place_of_an_old_reason_is_used_again_and_its_count_is_kept),
		cmocka_unit_test(
		    what_was_left_out_is_summed_up_when_its_minute_is_over),
		cmocka_unit_test(
		    it_is_summed_up_at_once_where_that_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
