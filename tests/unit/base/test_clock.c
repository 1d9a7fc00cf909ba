/*
 * Time stamps and the calendar.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "base/clock.h"

static void
time_stamps_are_rfc_3339_in_utc(void **state)
{
	char s[CLOCK_TEXT];

	(void)state;
	assert_int_equal(clock_format_s(s, 0), 20);
	assert_string_equal(s, "1970-01-01T00:00:00Z");
	clock_format_s(s, INT64_C(1709210096));
	assert_string_equal(s, "2024-02-29T12:34:56Z");
	clock_format_s(s, -1);
	assert_string_equal(s, "1969-12-31T23:59:59Z");
	assert_int_equal(clock_format_ms(s, INT64_C(1709210096007999999)), 24);
	assert_string_equal(s, "2024-02-29T12:34:56.007Z");
	clock_format_ms(s, -NS_PER_MS);
	assert_string_equal(s, "1969-12-31T23:59:59.999Z");
}

static void
years_are_clamped_to_four_digits(void **state)
{
	char s[CLOCK_TEXT];

	(void)state;
	clock_format_s(s, INT64_MAX);
	assert_string_equal(s, "9999-12-31T23:59:59Z");
	clock_format_s(s, INT64_MIN);
	assert_string_equal(s, "0000-01-01T00:00:00Z");
	clock_format_ms(s, INT64_MIN);
	clock_format_ms(s, INT64_MAX);
}

static void
dates_agree_with_the_system_calendar(void **state)
{
	(void)state;
	for (int64_t day = -200000; day < 200000; day += 13) {
		time_t t = (time_t)(day * 86400 + 4711);
		int64_t seconds;
		struct tm tm;

		assert_non_null(gmtime_r(&t, &tm));
		assert_true(clock_from_civil(tm.tm_year + 1900, tm.tm_mon + 1,
		    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, &seconds));
		assert_int_equal(seconds, t);
	}
}

static void
dates_of_http_agree_with_the_system_calendar(void **state)
{
	char ours[CLOCK_HTTP_TEXT], system[64];

	(void)state;
	clock_format_http(ours, INT64_C(784111777));
	assert_string_equal(ours, "Sun, 06 Nov 1994 08:49:37 GMT");
	for (int64_t day = -700000; day < 2900000; day += 131) {
		time_t t = (time_t)(day * 86400 + day * 7 % 86400);
		struct tm tm;

		assert_non_null(gmtime_r(&t, &tm));
		if (tm.tm_year + 1900 < 1000)
			continue;
		assert_int_equal(strftime(system, sizeof(system),
		    "%a, %d %b %Y %H:%M:%S GMT", &tm), CLOCK_HTTP_TEXT - 1);
		clock_format_http(ours, t);
		assert_string_equal(ours, system);
	}
	clock_format_http(ours, INT64_MIN);
	assert_string_equal(ours, "Sat, 01 Jan 0000 00:00:00 GMT");
	clock_format_http(ours, INT64_MAX);
	assert_string_equal(ours, "Fri, 31 Dec 9999 23:59:59 GMT");
}

static void
dates_that_do_not_exist_are_refused(void **state)
{
	static const int bad[][6] = {
		{ 2026, 0, 1, 0, 0, 0 }, { 2026, 13, 1, 0, 0, 0 },
		{ 2026, 1, 0, 0, 0, 0 }, { 2026, 1, 32, 0, 0, 0 },
		{ 2026, 2, 29, 0, 0, 0 }, { 1900, 2, 29, 0, 0, 0 },
		{ 2026, 4, 31, 0, 0, 0 }, { 2026, 1, 1, 24, 0, 0 },
		{ 2026, 1, 1, 0, 60, 0 }, { 2026, 1, 1, 0, 0, 61 },
		{ 10000, 1, 1, 0, 0, 0 }, { -1, 1, 1, 0, 0, 0 },
		{ 2026, 1, 1, -1, 0, 0 },
	};
	int64_t s;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(clock_from_civil(bad[i][0], bad[i][1], bad[i][2],
		    bad[i][3], bad[i][4], bad[i][5], &s));
	assert_true(clock_from_civil(2000, 2, 29, 0, 0, 0, &s));
	assert_true(clock_from_civil(2016, 12, 31, 23, 59, 60, &s));
	assert_int_equal(s, INT64_C(1483228799));
}

static int64_t
seven(void)
{
	return 7;
}

static int64_t
eight(void)
{
	return 8;
}

static void
the_clocks_can_be_replaced(void **state)
{
	struct clock_source fake = { .monotonic = seven, .wall = seven };
	int64_t before = clock_monotonic();

	(void)state;
	assert_true(clock_wall() > INT64_C(1700000000) * NS_PER_S);
	clock_replace(&fake);
	assert_int_equal(clock_monotonic(), 7);
	assert_int_equal(clock_wall(), 7);
	assert_int_equal(clock_boot(), 7);
	fake.boot = eight;
	assert_int_equal(clock_boot(), 8);
	clock_replace(NULL);
	assert_true(clock_monotonic() >= before);
	assert_true(clock_boot() >= before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_stamps_are_rfc_3339_in_utc),
		cmocka_unit_test(years_are_clamped_to_four_digits),
		cmocka_unit_test(dates_agree_with_the_system_calendar),
		cmocka_unit_test(dates_of_http_agree_with_the_system_calendar),
		cmocka_unit_test(dates_that_do_not_exist_are_refused),
		cmocka_unit_test(the_clocks_can_be_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
