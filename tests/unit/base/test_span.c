/*
 * Spans of time, as people read them.
 */
#include "base/span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define MINUTE	INT64_C(60)
#define HOUR	(60 * MINUTE)
#define DAY	(24 * HOUR)

static void
what_is_left_is_said_in_the_unit_that_tells_most(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = {
		{ 365 * DAY, "365 days" },
		{ 14 * DAY, "14 days" },
		{ 14 * DAY - 1, "14 days" },
		{ 3 * DAY + HOUR, "3 days" },
		{ 2 * DAY, "2 days" },
		{ 2 * DAY - HOUR / 2, "2 days" },
		{ 2 * DAY - HOUR / 2 - 1, "47 hours" },
		{ DAY, "24 hours" },
		{ 5 * HOUR + 29 * MINUTE, "5 hours" },
		{ 5 * HOUR - 1, "5 hours" },
		{ 2 * HOUR, "2 hours" },
		{ 2 * HOUR - MINUTE + 1, "2 hours" },
		{ 2 * HOUR - MINUTE, "119 minutes" },
		{ HOUR, "60 minutes" },
		{ MINUTE + 1, "2 minutes" },
		{ MINUTE, "1 minute" },
		{ 1, "1 minute" },
		{ 0, "1 minute" },
		{ -DAY, "1 minute" },
		{ 100000 * DAY, "100000 days" },
	};
	char text[SPAN_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(span_format_left(text, cases[i].seconds),
		    cases[i].text);
}

static void
an_age_is_short_and_rounded_down(void **state)
{
	char text[SPAN_TEXT];

	(void)state;
	assert_string_equal(span_format_age(text, -5), "0 s");
	assert_string_equal(span_format_age(text, MINUTE - 1), "59 s");
	assert_string_equal(span_format_age(text, HOUR - 1), "59 min");
	assert_string_equal(span_format_age(text, 2 * DAY - 1), "47 h");
	assert_string_equal(span_format_age(text, 3 * DAY - 1), "2 days");
}

static void
a_day_that_has_begun_does_not_count(void **state)
{
	(void)state;
	assert_int_equal(span_days(2 * DAY), 2);
	assert_int_equal(span_days(2 * DAY - 1), 1);
	assert_int_equal(span_days(0), 0);
	assert_int_equal(span_days(-1), -1);
	assert_int_equal(span_days(-DAY), -1);
	assert_int_equal(span_days(-DAY - 1), -2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_left_is_said_in_the_unit_that_tells_most),
		cmocka_unit_test(an_age_is_short_and_rounded_down),
		cmocka_unit_test(a_day_that_has_begun_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
