/*
 * upstream/keeping: which kept connection will do for who has one chance.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "upstream/keeping.h"

#define MS		NS_PER_MS
#define NOW		(INT64_C(1000) * NS_PER_S)

static void
one_that_was_just_used_will_do(void **state)
{
	const struct keeping k = { .longest_ns = 0 };

	(void)state;
	assert_int_equal(keeping_advise(&k, 0, NOW), KEEPING_TAKE);
}

static void
one_must_have_been_kept_for_twice_as_long(void **state)
{
	struct keeping k = { .longest_ns = 0 };

	(void)state;
	assert_int_equal(keeping_advise(&k, 10 * MS, NOW), KEEPING_LEAVE);
	keeping_stayed(&k, 19 * MS);
	assert_int_equal(keeping_advise(&k, 10 * MS, NOW), KEEPING_LEAVE);
	keeping_stayed(&k, 20 * MS);
	assert_int_equal(keeping_advise(&k, 10 * MS, NOW), KEEPING_TAKE);
	assert_int_equal(keeping_advise(&k, 11 * MS, NOW), KEEPING_LEAVE);
	/* What is shorter takes nothing back. */
	keeping_stayed(&k, 5 * MS);
	assert_int_equal(keeping_advise(&k, 10 * MS, NOW), KEEPING_TAKE);
}

static void
after_a_second_none_will_do(void **state)
{
	struct keeping k = { .longest_ns = 0 };

	(void)state;
	keeping_stayed(&k, 3600 * NS_PER_S);
	assert_int_equal(keeping_advise(&k, 999 * MS, NOW), KEEPING_TAKE);
	assert_int_equal(keeping_advise(&k, 1000 * MS, NOW), KEEPING_REPLACE);
}

static void
one_that_was_closed_within_a_second_is_held_against_all(void **state)
{
	struct keeping k = { .longest_ns = 0 };

	(void)state;
	keeping_stayed(&k, 10 * NS_PER_S);
	keeping_closed(&k, NS_PER_S, NOW);
	assert_int_equal(keeping_advise(&k, 0, NOW), KEEPING_TAKE);
	keeping_closed(&k, NS_PER_S - 1, NOW);
	assert_int_equal(keeping_advise(&k, 0, NOW), KEEPING_REPLACE);
	assert_int_equal(keeping_advise(&k, 0, NOW + 59 * NS_PER_S),
	    KEEPING_REPLACE);
	assert_int_equal(keeping_advise(&k, 0, NOW + 60 * NS_PER_S),
	    KEEPING_TAKE);
	/* What was seen before counts no longer. */
	assert_int_equal(keeping_advise(&k, MS, NOW + 60 * NS_PER_S),
	    KEEPING_LEAVE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_was_just_used_will_do),
		cmocka_unit_test(one_must_have_been_kept_for_twice_as_long),
		cmocka_unit_test(after_a_second_none_will_do),
		cmocka_unit_test(
		    one_that_was_closed_within_a_second_is_held_against_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
