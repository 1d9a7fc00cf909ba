/*
 * upstream/ratelimit: what a response says of its key's quota.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "upstream/ratelimit.h"

#define N(array)	(sizeof(array) / sizeof((array)[0]))

static bool
said(const char *remaining, const char *limit, const char *interval,
    struct ratelimit *r)
{
	struct fields fields = { .v = NULL };
	bool told;

	fields_add(&fields, FIELD_DATE, TEXT("Date"), TEXT("7"));
	if (remaining != NULL)
		fields_add(&fields, FIELD_X_RATELIMIT_REMAINING,
		    TEXT("x-ratelimit-remaining"), text_of(remaining));
	if (limit != NULL)
		fields_add(&fields, FIELD_X_RATELIMIT_LIMIT,
		    TEXT("x-ratelimit-limit"), text_of(limit));
	if (interval != NULL)
		fields_add(&fields, FIELD_X_RATELIMIT_INTERVAL,
		    TEXT("x-ratelimit-interval"), text_of(interval));
	told = ratelimit_of(&fields, r);
	fields_release(&fields);
	return told;
}

static void
all_three_are_read(void **state)
{
	struct ratelimit r;

	(void)state;
	assert_true(said("4999", "5000", "60", &r));
	assert_int_equal(r.remaining, 4999);
	assert_int_equal(r.limit, 5000);
	assert_int_equal(r.interval_s, 60);
	assert_true(said("0", "999999999", "86400", &r));
	assert_int_equal(r.remaining, 0);
	assert_int_equal(r.limit, RATELIMIT_MOST);
	assert_int_equal(r.interval_s, RATELIMIT_INTERVAL_S);
}

static void
nothing_is_known_unless_a_number_remains(void **state)
{
	static const char *const bad[] = { "", "-1", "+1", "1.0", "1 ", "1,2",
		"0x1", "1000000000", "99999999999999999999", "many", "1e3" };
	struct ratelimit r;

	(void)state;
	assert_false(said(NULL, "5000", "60", &r));
	for (size_t i = 0; i < N(bad); i++) {
		if (said(bad[i], "5000", "60", &r))
			fail_msg("'%s' was read", bad[i]);
	}
}

static void
an_interval_may_have_a_unit_and_is_a_day_at_most(void **state)
{
	static const struct {
		const char *text;
		uint32_t s;
	} cases[] = {
		{ "1s", 1 }, { "90s", 90 }, { "1m", 60 }, { "24h", 86400 },
		{ "25h", 0 }, { "86401", 0 }, { "0", 0 }, { "0s", 0 },
		{ "", 0 }, { "s", 0 }, { "m", 0 }, { "1d", 0 }, { "1ms", 0 },
		{ "-5", 0 }, { "1h30m", 0 }, { "999999999h", 0 },
	};
	struct ratelimit r;

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		assert_true(said("0", "7x", cases[i].text, &r));
		assert_int_equal(r.limit, 0);
		if (r.interval_s != cases[i].s)
			fail_msg("'%s' is %u", cases[i].text, r.interval_s);
	}
	assert_true(said("3", NULL, NULL, &r));
	assert_int_equal(r.limit, 0);
	assert_int_equal(r.interval_s, 0);
}

static void
two_that_differ_say_nothing(void **state)
{
	struct field v[] = {
		{ .id = FIELD_X_RATELIMIT_REMAINING, .value = TEXT("5") },
		{ .id = FIELD_X_RATELIMIT_REMAINING, .value = TEXT("5") },
	};
	const struct fields fields = { .v = v, .n = 2 };
	struct ratelimit r;

	(void)state;
	assert_true(ratelimit_of(&fields, &r));
	assert_int_equal(r.remaining, 5);
	v[1].value = TEXT("6");
	assert_false(ratelimit_of(&fields, &r));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_three_are_read),
		cmocka_unit_test(nothing_is_known_unless_a_number_remains),
		cmocka_unit_test(
		    an_interval_may_have_a_unit_and_is_a_day_at_most),
		cmocka_unit_test(two_that_differ_say_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
