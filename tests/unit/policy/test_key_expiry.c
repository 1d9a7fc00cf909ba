/*
 * Unit tests of policy/key_expiry.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/key_expiry.h"

#define NOW	INT64_C(1800000000)
#define DAY	INT64_C(1800057600)	/* 2027-01-16, its beginning */
#define BUILT	INT64_C(1790000000)

static struct key_expiry
judge(int64_t filed, int64_t told, int64_t now)
{
	const struct key_end end = {
		.filed = filed, .told = told,
	};

	return key_expiry_judge(&end, now, BUILT);
}

static void
a_key_without_an_end_is_never_over(void **state)
{
	struct key_expiry e = judge(CONF_NO_TIME, CONF_NO_TIME, NOW);

	(void)state;
	assert_true(e.at == CONF_NO_TIME);
	assert_false(e.over);
	assert_true(e.next == INT64_MAX);
}

static void
it_is_over_at_the_very_second(void **state)
{
	struct key_expiry e = judge(NOW + 1, CONF_NO_TIME, NOW);

	(void)state;
	assert_false(e.over);
	assert_true(e.next == NOW + 1);
	e = judge(NOW + 1, CONF_NO_TIME, NOW + 1);
	assert_true(e.over);
	assert_false(e.doubted);
	assert_true(e.next == INT64_MAX);
}

static void
what_the_api_told_counts_more_than_the_file(void **state)
{
	(void)state;
	assert_false(judge(NOW - 5, NOW + 5, NOW).over);
	assert_true(judge(NOW + 5, NOW - 5, NOW).over);
	assert_true(judge(NOW + 5, NOW - 5, NOW).at == NOW - 5);
}

static void
with_a_clock_before_the_program_was_made_nothing_is_over(void **state)
{
	struct key_expiry e = judge(BUILT - 10, CONF_NO_TIME, BUILT - 1);

	(void)state;
	assert_false(e.over);
	assert_true(e.next == BUILT);
	assert_true(judge(BUILT - 10, CONF_NO_TIME, BUILT).over);
}

static void
a_date_alone_is_in_doubt_up_to_its_end(void **state)
{
	struct key_expiry e = judge(CONF_NO_TIME, DAY, DAY + 3600);

	(void)state;
	assert_true(e.over && e.doubted);
	assert_true(e.next == DAY + 86400);
	e = judge(CONF_NO_TIME, DAY, DAY + 86400);
	assert_true(e.over && !e.doubted);
	/* That of the file is what people wrote there. */
	assert_false(judge(DAY, CONF_NO_TIME, DAY + 3600).doubted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_without_an_end_is_never_over),
		cmocka_unit_test(it_is_over_at_the_very_second),
		cmocka_unit_test(what_the_api_told_counts_more_than_the_file),
		cmocka_unit_test(
		    with_a_clock_before_the_program_was_made_nothing_is_over),
		cmocka_unit_test(a_date_alone_is_in_doubt_up_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
