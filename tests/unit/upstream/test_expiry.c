/*
 * upstream/expiry: every form that is read, and that nothing is guessed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "base/clock.h"
#include "upstream/expiry.h"

#define AT	INT64_C(1803366000)	/* 2027-02-23T07:00:00Z */
#define DAY	INT64_C(1803340800)	/* 2027-02-23T00:00:00Z */

static const struct {
	const char *text;
	int64_t seconds;
} readable[] = {
	{ "2027-02-23T07:00:00Z", AT },
	{ "2027-02-23t07:00:00z", AT },
	{ "2027-02-23T07:00:00.000Z", AT },
	{ "2027-02-23T07:00:00.999999999Z", AT },
	{ "2027-02-23T08:30:00+01:30", AT },
	{ "2027-02-23T00:00:00-07:00", AT },
	{ "2027-02-23T08:30:00+0130", AT },
	{ "2027-02-23T07:00:00+00", AT },
	{ "2027-02-23 08:00:00+01", AT },
	{ "2027-02-23 07:00:00.123456789+00", AT },
	{ "2027-02-23 07:00:00.123456789 +0000 UTC", AT },
	{ "2027-02-23T07:00:00.1234567890123Z", AT },
	{ "2027-02-23T07:00:00,5Z", AT },
	{ "20270223T070000Z", AT },
	{ "20270223t070000.000z", AT },
	{ "20270223T070000", AT },
	{ "20270223T083000+0130", AT },
	{ "20270223T080000+01", AT },
	{ "2027-02-23T07:00:00-00:00", AT },
	{ "2027-02-23T07:00:00", AT },
	{ "2027-02-23T07:00Z", AT },
	{ "2027-02-23 07:00:00 UTC", AT },
	{ "2027-02-23 07:00:00 GMT", AT },
	{ "2027-02-23 07:00:00 +0000 UTC", AT },
	{ "2027-02-23 07:00:00", AT },
	{ "2027-02-23T06:59:60Z", AT - 1 },
	{ "2027-02-23", DAY },
	{ "  2027-02-23\t", DAY },
	{ "\"2027-02-23T07:00:00Z\"", AT },
	{ "Tue, 23 Feb 2027 07:00:00 GMT", AT },
	{ "Tue, 23 Feb 2027 07:00:00 +0000", AT },
	{ "tue, 23 feb 2027 07:00:00 gmt", AT },
	{ "Tuesday, 23-Feb-27 07:00:00 GMT", AT },
	{ "Tue Feb 23 07:00:00 2027", AT },
	{ "Mon Feb  1 07:00:00 2027", AT - 22 * 86400 },
	{ "1803366000", AT },
	{ "1803366000000", AT },
	{ "1803366000999", AT },
	{ "9999-12-31T23:59:59Z", INT64_C(253402300799) },
	{ "2028-02-29", INT64_C(1835395200) },
};

static const char *const unreadable[] = {
	"", " ", "never", "null", "0", "-1", "30", "30d", "P3M",
	"18033660000000000",
	"180336600", "180336600000", "1803366000.5", "+1803366000", "0x6b7c",
	"99999999999999999999999", "20270223", "2027-02", "2027-2-23",
	"27-02-23", "02/23/2027", "2027/02/23", "23.02.2027",
	"2027-02-29", "2027-13-01", "2027-00-10", "2027-02-00",
	"2027-02-23T24:00:00Z", "2027-02-23T07:60:00Z",
	"2027-02-23T07:00:61Z", "2027-02-23T07", "2027-02-23T",
	"2027-02-23T07:00:00.Z", "2027-02-23T07:00:00+24:00",
	"2027-02-23T07:00:00+01:60", "2027-02-23T07:00:00+1",
	"2027-02-23T07:00:00 CET", "2027-02-23T07:00:00Zx",
	"2027-02-23T07:00:00Z, 2027-02-23T07:00:00Z",
	"2027-02-23T07:00:00 +0100 UTC", "2027-02-23 07:00:00 +0100 CET",
	"Xxx, 23 Feb 2027 07:00:00 GMT", "Tue, 23 Foo 2027 07:00:00 GMT",
	"Tue, 30 Feb 2027 07:00:00 GMT", "Tue 23 Feb 2027 07:00:00 GMT",
	"20270223T0700Z", "20270223T07", "20270230T070000Z",
	"20270223T070000Zx", "20270223 070000Z", "2027-02-23T07:00:00+00:",
	"2027-02-23T07:00:00+000", "2027-02-23T07:00:00+",
	"\"", "\"\"", "\"2027-02-23",
	/* How programs write that there is no time. */
	"0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "0000000000",
	"0000-00-00",
};

static int64_t
in_2026(void)
{
	return INT64_C(1795465140) * NS_PER_S;
}

static void
every_sensible_form_is_read(void **state)
{
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof(readable) / sizeof(*readable); i++) {
		seconds = -1;
		if (!expiry_parse(text_of(readable[i].text), &seconds) ||
		    seconds != readable[i].seconds)
			fail_msg("%s: %lld", readable[i].text,
			    (long long)seconds);
	}
}

static void
nothing_is_guessed(void **state)
{
	int64_t seconds = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(unreadable) / sizeof(*unreadable); i++) {
		if (expiry_parse(text_of(unreadable[i]), &seconds))
			fail_msg("%s: %lld", unreadable[i],
			    (long long)seconds);
	}
	assert_false(expiry_parse(TEXT("2027-02-23\0"), &seconds));
	assert_int_equal(seconds, 42);
}

static void
a_year_of_two_digits_is_at_most_50_years_ahead(void **state)
{
	static const struct clock_source fixed = { .wall = in_2026 };
	int64_t seconds;

	(void)state;
	clock_replace(&fixed);
	assert_true(expiry_parse(TEXT("Sunday, 06-Nov-94 08:49:37 GMT"),
	    &seconds));
	assert_int_equal(seconds, 784111777);
	assert_true(expiry_parse(TEXT("Friday, 01-Jan-76 00:00:00 GMT"),
	    &seconds));
	assert_int_equal(seconds, INT64_C(3345062400));
	clock_replace(NULL);
}

static void
what_is_formatted_is_read_back(void **state)
{
	char text[CLOCK_TEXT];
	int64_t seconds;

	(void)state;
	for (int64_t at = 1; at < INT64_C(253402300799);
	    at += INT64_C(86399) * 37) {
		struct text t = { .p = text, .n = clock_format_s(text, at) };

		assert_true(expiry_parse(t, &seconds));
		assert_int_equal(seconds, at);
	}
}

/* What up to two fields say. */
static enum expiry_result
result_of(const char *first, const char *second, int64_t *seconds,
    struct text *raw)
{
	struct field v[3] = { { .id = FIELD_DATE, .value = TEXT("x") } };
	struct fields fields = { .v = v, .n = 1 };

	if (first != NULL)
		v[fields.n++] = (struct field){
			.id = FIELD_X_ELASTIC_API_KEY_EXPIRATION,
			.value = text_of(first),
		};
	if (second != NULL)
		v[fields.n++] = (struct field){
			.id = FIELD_X_ELASTIC_API_KEY_EXPIRATION,
			.value = text_of(second),
		};
	return expiry_of(&fields, seconds, raw);
}

static void
fields_of_a_response_are_either_read_or_raw(void **state)
{
	int64_t seconds;
	struct text raw;

	(void)state;
	assert_int_equal(result_of(NULL, NULL, &seconds, &raw), EXPIRY_ABSENT);
	assert_int_equal(raw.n, 0);
	assert_int_equal(result_of("2027-02-23", NULL, &seconds, &raw),
	    EXPIRY_READ);
	assert_int_equal(seconds, DAY);
	assert_int_equal(raw.n, 0);
	assert_int_equal(result_of("soon", NULL, &seconds, &raw),
	    EXPIRY_UNREADABLE);
	assert_true(text_eq(raw, TEXT("soon")));
	assert_int_equal(result_of("soon", "soon", &seconds, &raw),
	    EXPIRY_UNREADABLE);
}

static void
two_that_differ_are_ambiguous_but_not_two_that_agree(void **state)
{
	int64_t seconds;
	struct text raw;

	(void)state;
	assert_int_equal(result_of("2027-02-23", "2027-02-24", &seconds, &raw),
	    EXPIRY_AMBIGUOUS);
	assert_true(text_eq(raw, TEXT("ambiguous")));
	assert_int_equal(result_of("2027-02-23", "soon", &seconds, &raw),
	    EXPIRY_AMBIGUOUS);
	assert_int_equal(result_of("2027-02-23", "2027-02-23T00:00:00Z",
	    &seconds, &raw), EXPIRY_READ);
	assert_int_equal(raw.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sensible_form_is_read),
		cmocka_unit_test(nothing_is_guessed),
		cmocka_unit_test(
		    a_year_of_two_digits_is_at_most_50_years_ahead),
		cmocka_unit_test(what_is_formatted_is_read_back),
		cmocka_unit_test(fields_of_a_response_are_either_read_or_raw),
		cmocka_unit_test(
		    two_that_differ_are_ambiguous_but_not_two_that_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
