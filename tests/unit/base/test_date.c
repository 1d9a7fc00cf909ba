/*
 * base/date: every form that is read, by whom, and that nothing is guessed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "base/clock.h"
#include "base/date.h"

#define NOW	INT64_C(1795465140)	/* 2026-11-23T20:19:00Z */
#define AT	INT64_C(1803366000)	/* 2027-02-23T07:00:00Z */
#define DAY	INT64_C(1803340800)	/* 2027-02-23T00:00:00Z */
#define LAST	INT64_C(253402300799)	/* 9999-12-31T23:59:59Z */

/* Both readers agree; only the lenient one reads it; only the strict one. */
#define BOTH(text, at)		{ text, DATE_READ, true, at }
#define LENIENT(text, at)	{ text, DATE_UNREADABLE, true, at }
#define STRICT(text, at)	{ text, DATE_READ, false, at }
/* Neither, and why. */
#define UNREADABLE(text)	{ text, DATE_UNREADABLE, false, 0 }
#define IMPOSSIBLE(text)	{ text, DATE_IMPOSSIBLE, false, 0 }

static const struct {
	const char *text;
	enum date_result strict;
	bool lenient;
	int64_t seconds;
} forms[] = {
	/* RFC 3339. */
	BOTH("2027-02-23T07:00:00Z", AT),
	BOTH("2027-02-23t07:00:00z", AT),
	BOTH("2027-02-23 07:00:00Z", AT),
	BOTH("2027-02-23T07:00:00.000Z", AT),
	BOTH("2027-02-23T07:00:00.999999999Z", AT),
	BOTH("2027-02-23T07:00:00.1234567890123Z", AT),
	BOTH("2027-02-23T08:30:00+01:30", AT),
	BOTH("2027-02-23t08:30:00.999+01:30", AT),
	BOTH("2027-02-23T00:00:00-07:00", AT),
	BOTH("2027-02-22 23:30:00-07:30", AT),
	BOTH("2027-02-23T07:00:00-00:00", AT),
	BOTH("2027-02-24T06:59:00+23:59", AT),
	BOTH("2027-02-23T06:59:60Z", AT - 1),
	BOTH("9999-12-31T23:59:59Z", LAST),
	BOTH("9999-12-31T23:59:59-23:59", LAST + 86340),
	BOTH("2028-02-29", INT64_C(1835395200)),
	BOTH("2027-02-23", DAY),
	BOTH("1970-01-01T00:00:01Z", 1),

	/* Which programs write where there is no time. */
	STRICT("1970-01-01T00:00:00Z", 0),
	STRICT("1969-12-31T23:59:59Z", -1),
	STRICT("0001-01-01T00:00:00Z", INT64_C(-62135596800)),
	STRICT("0000-01-01", INT64_C(-62167219200)),
	IMPOSSIBLE("0000-00-00"),
	UNREADABLE("0000000000"),

	/* Less, or more, than RFC 3339. */
	LENIENT("2027-02-23T07:00:00", AT),
	LENIENT("2027-02-23 07:00:00", AT),
	LENIENT("2027-02-23T07:00Z", AT),
	LENIENT("2027-02-23T07:00", AT),
	LENIENT("2027-02-23T07:00:00,5Z", AT),
	LENIENT("2027-02-23T07:00:00.5", AT),
	LENIENT("2027-02-23T08:30:00+0130", AT),
	LENIENT("2027-02-23T07:00:00+00", AT),
	LENIENT("2027-02-23 08:00:00+01", AT),
	LENIENT("2027-02-23 08:00:00 +01:00", AT),
	LENIENT("2027-02-23 07:00:00.123456789+00", AT),
	LENIENT("2027-02-23 07:00:00.123456789 +0000 UTC", AT),
	LENIENT("2027-02-23 07:00:00 +0000 UTC", AT),
	LENIENT("2027-02-23 07:00:00 UTC", AT),
	LENIENT("2027-02-23 07:00:00 GMT", AT),
	LENIENT("2027-02-23 07:00:00utc", AT),
	LENIENT("2027-02-23 07:00:00 Z", AT),
	LENIENT("2027-02-23T07:00:00 ", AT),
	LENIENT("  2027-02-23\t", DAY),
	LENIENT("2027-02-23 ", DAY),
	LENIENT("\"2027-02-23T07:00:00Z\"", AT),
	LENIENT(" \"2027-02-23T07:00:00Z\" ", AT),

	/* ISO 8601, the basic form. */
	LENIENT("20270223T070000Z", AT),
	LENIENT("20270223t070000.000z", AT),
	LENIENT("20270223T070000", AT),
	LENIENT("20270223T083000+0130", AT),
	LENIENT("20270223T080000+01", AT),
	UNREADABLE("20270223"),
	UNREADABLE("20270223T0700Z"),
	UNREADABLE("20270223T07"),
	UNREADABLE("20270230T070000Z"),
	UNREADABLE("20270223T070000Zx"),
	UNREADABLE("20270223 070000Z"),

	/* HTTP. */
	LENIENT("Tue, 23 Feb 2027 07:00:00 GMT", AT),
	LENIENT("Tue, 23 Feb 2027 07:00:00 +0000", AT),
	LENIENT("tue, 23 feb 2027 07:00:00 gmt", AT),
	LENIENT("Mon, 1 Feb 2027 07:00:00 GMT", AT - 22 * 86400),
	LENIENT("Tuesday, 23-Feb-27 07:00:00 GMT", AT),
	LENIENT("Tue Feb 23 07:00:00 2027", AT),
	LENIENT("Mon Feb  1 07:00:00 2027", AT - 22 * 86400),
	/* At most 50 years ahead. */
	LENIENT("Sunday, 06-Nov-94 08:49:37 GMT", 784111777),
	LENIENT("Friday, 01-Jan-76 00:00:00 GMT", INT64_C(3345062400)),
	UNREADABLE("Xxx, 23 Feb 2027 07:00:00 GMT"),
	UNREADABLE("Tue, 23 Foo 2027 07:00:00 GMT"),
	UNREADABLE("Tue, 30 Feb 2027 07:00:00 GMT"),
	UNREADABLE("Tue 23 Feb 2027 07:00:00 GMT"),

	/* Since 1970. */
	LENIENT("1803366000", AT),
	LENIENT("1803366000000", AT),
	LENIENT("1803366000999", AT),
	LENIENT("10000000000", INT64_C(10000000000)),
	UNREADABLE("0"), UNREADABLE("-1"), UNREADABLE("30"),
	UNREADABLE("180336600"), UNREADABLE("180336600000"),
	UNREADABLE("18033660000000000"), UNREADABLE("1803366000.5"),
	UNREADABLE("+1803366000"), UNREADABLE("0x6b7c"),
	UNREADABLE("99999999999999999999999"),

	/* There is no such day or time. */
	IMPOSSIBLE("2027-02-29"), IMPOSSIBLE("2027-13-01"),
	IMPOSSIBLE("2027-00-10"), IMPOSSIBLE("2027-02-00"),
	IMPOSSIBLE("2027-02-30T00:00:00Z"),
	IMPOSSIBLE("2027-02-23T24:00:00Z"),
	IMPOSSIBLE("2027-02-23T07:60:00Z"),
	IMPOSSIBLE("2027-02-23T07:00:61Z"),

	/* Something else. */
	UNREADABLE(""), UNREADABLE(" "), UNREADABLE("\""),
	UNREADABLE("\"\""), UNREADABLE("never"), UNREADABLE("null"),
	UNREADABLE("30d"), UNREADABLE("P3M"), UNREADABLE("\"2027-02-23"),
	UNREADABLE("2027"), UNREADABLE("2027-02"), UNREADABLE("2027-2-23"),
	UNREADABLE("27-02-23"), UNREADABLE("12027-02-23T00:00:00Z"),
	UNREADABLE("-2027-02-23"), UNREADABLE("2027-02-2x"),
	UNREADABLE("02/23/2027"), UNREADABLE("2027/02/23"),
	UNREADABLE("23.02.2027"), UNREADABLE("2027-02-23Z"),
	UNREADABLE("2027-02-23T"), UNREADABLE("2027-02-23T07"),
	UNREADABLE("2027-02-23T7:00:00Z"),
	UNREADABLE("2027-02-23T07:00:00.Z"),
	UNREADABLE("2027-02-23T07:00:00,Z"),
	UNREADABLE("2027-02-23T07:00.5Z"),
	UNREADABLE("2027-02-23T07:00:00+24:00"),
	UNREADABLE("2027-02-23T07:00:00+01:60"),
	UNREADABLE("2027-02-23T07:00:00+00:"),
	UNREADABLE("2027-02-23T07:00:00+00:0"),
	UNREADABLE("2027-02-23T07:00:00+000"),
	UNREADABLE("2027-02-23T07:00:00+1"),
	UNREADABLE("2027-02-23T07:00:00+"),
	UNREADABLE("2027-02-23T07:00:00 CET"),
	UNREADABLE("2027-02-23T07:00:00Zx"),
	UNREADABLE("2027-02-23T07:00:00Z, 2027-02-23T07:00:00Z"),
	UNREADABLE("2027-02-23T07:00:00 +0100 UTC"),
	UNREADABLE("2027-02-23 07:00:00 +0100 CET"),
	UNREADABLE("2027-02-23 07:00:00 +0000 CET"),
};

#define N_FORMS	(sizeof(forms) / sizeof(*forms))

static void
what_is_written_to_us_is_read_strictly(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_FORMS; i++) {
		int64_t seconds = 42, expected = forms[i].strict == DATE_READ ?
		    forms[i].seconds : 42;

		if (date_parse_strict(text_of(forms[i].text), &seconds) !=
		    forms[i].strict || seconds != expected)
			fail_msg("%s: %lld", forms[i].text,
			    (long long)seconds);
	}
}

static void
what_others_write_is_read_leniently_but_never_guessed(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_FORMS; i++) {
		int64_t seconds = 42, expected = forms[i].lenient ?
		    forms[i].seconds : 42;

		if (date_parse_lenient(text_of(forms[i].text), NOW,
		    &seconds) != forms[i].lenient || seconds != expected)
			fail_msg("%s: %lld", forms[i].text,
			    (long long)seconds);
	}
}

static void
a_nul_byte_is_part_of_no_form(void **state)
{
	int64_t seconds = 42;

	(void)state;
	assert_int_equal(date_parse_strict(TEXT("2027-02-23\0"), &seconds),
	    DATE_UNREADABLE);
	assert_false(date_parse_lenient(TEXT("2027-02-23\0"), NOW, &seconds));
	assert_int_equal(seconds, 42);
}

static void
a_year_of_two_digits_follows_the_present(void **state)
{
	const int64_t in_2240 = INT64_C(8520336000);
	int64_t seconds;

	(void)state;
	assert_true(date_parse_lenient(TEXT("Sunday, 06-Nov-90 08:49:37 GMT"),
	    in_2240, &seconds));
	assert_int_equal(seconds, INT64_C(10124988577));
	assert_true(date_parse_lenient(TEXT("Sunday, 06-Nov-94 08:49:37 GMT"),
	    in_2240, &seconds));
	assert_int_equal(seconds, INT64_C(7095545377));
}

static void
what_is_formatted_is_read_back(void **state)
{
	char text[CLOCK_TEXT];
	int64_t seconds;

	(void)state;
	for (int64_t at = 1; at < LAST; at += INT64_C(86399) * 37) {
		struct text t = { .p = text, .n = clock_format_s(text, at) };

		assert_true(date_parse_lenient(t, NOW, &seconds));
		assert_int_equal(seconds, at);
		assert_int_equal(date_parse_strict(t, &seconds), DATE_READ);
		assert_int_equal(seconds, at);
	}
}

static void
words_for_none_are_known(void **state)
{
	static const char *const none[] = { "", " ", "\"\"", "-", "null",
		"nil", "None", "NEVER", "n/a", " \"never\" " };
	static const char *const other[] = { "0", "no", "--", "never ever",
		"\"", "2027-02-23" };

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_true(date_is_none(text_of(none[i])));
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++)
		assert_false(date_is_none(text_of(other[i])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_to_us_is_read_strictly),
		cmocka_unit_test(
		    what_others_write_is_read_leniently_but_never_guessed),
		cmocka_unit_test(a_nul_byte_is_part_of_no_form),
		cmocka_unit_test(a_year_of_two_digits_follows_the_present),
		cmocka_unit_test(what_is_formatted_is_read_back),
		cmocka_unit_test(words_for_none_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
