/*
 * Unit tests of client/losses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "client/losses.h"

#define AT(seconds)	((seconds) * NS_PER_S)

static uint64_t n;

static void
that_it_begins_is_said_at_once_and_how_many_when_it_is_over(void **state)
{
	struct losses l = { .told = 0 };

	(void)state;
	assert_int_equal(losses_look(&l, 0, false, AT(1), &n), LOSSES_NONE);
	/* It fails, but nothing is lost yet. */
	assert_int_equal(losses_look(&l, 0, true, AT(1), &n), LOSSES_NONE);
	assert_int_equal(losses_look(&l, 1, true, AT(1), &n), LOSSES_BEGAN);
	for (uint64_t lost = 2; lost <= 50; lost++)
		assert_int_equal(losses_look(&l, lost, true, AT(1), &n),
		    LOSSES_NONE);
	assert_int_equal(losses_look(&l, 50, false, AT(1), &n), LOSSES_OVER);
	assert_int_equal(n, 50);
	assert_int_equal(losses_look(&l, 50, false, AT(99), &n), LOSSES_NONE);
}

static void
while_it_lasts_it_is_said_once_a_minute(void **state)
{
	struct losses l = { .told = 0 };

	(void)state;
	assert_int_equal(losses_look(&l, 1, true, AT(5), &n), LOSSES_BEGAN);
	assert_int_equal(losses_look(&l, 2, true, AT(64), &n), LOSSES_NONE);
	assert_int_equal(losses_look(&l, 3, true, AT(65), &n), LOSSES_GO_ON);
	assert_int_equal(n, 3);
	assert_int_equal(losses_look(&l, 4, true, AT(66), &n), LOSSES_NONE);
	assert_int_equal(losses_look(&l, 7, true, AT(125), &n), LOSSES_GO_ON);
	assert_int_equal(n, 7);
	assert_int_equal(losses_look(&l, 7, false, AT(126), &n), LOSSES_OVER);
	assert_int_equal(n, 7);
}

static void
what_comes_and_goes_is_said_with_pauses_and_none_is_left_out(void **state)
{
	struct losses l = { .told = 0 };

	(void)state;
	assert_int_equal(losses_look(&l, 1, true, AT(1), &n), LOSSES_BEGAN);
	assert_int_equal(losses_look(&l, 1, false, AT(2), &n), LOSSES_OVER);
	assert_int_equal(losses_look(&l, 2, true, AT(3), &n), LOSSES_NONE);
	assert_int_equal(losses_look(&l, 3, false, AT(4), &n), LOSSES_LATER);
	assert_int_equal(losses_look(&l, 5, true, AT(5), &n), LOSSES_NONE);
	assert_int_equal(losses_look(&l, 6, false, AT(12), &n), LOSSES_OVER);
	assert_int_equal(n, 5);
	/* Where it fails for longer, that is said after the pause. */
	assert_int_equal(losses_look(&l, 7, true, AT(21), &n), LOSSES_NONE);
	assert_int_equal(losses_look(&l, 8, true, AT(22), &n), LOSSES_BEGAN);
	assert_int_equal(losses_look(&l, 8, false, AT(22), &n), LOSSES_OVER);
	assert_int_equal(n, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    that_it_begins_is_said_at_once_and_how_many_when_it_is_over),
		cmocka_unit_test(while_it_lasts_it_is_said_once_a_minute),
		cmocka_unit_test(
		    what_comes_and_goes_is_said_with_pauses_and_none_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
