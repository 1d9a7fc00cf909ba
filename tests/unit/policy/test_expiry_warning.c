/* Which warnings of the end of a key are due. */
#include "policy/expiry_warning.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define N(array)	(sizeof(array) / sizeof((array)[0]))
#define HOUR		((int64_t)3600)
#define DAY		(24 * HOUR)
#define START		(20000 * DAY)

/* The preset. */
static struct conf_threshold preset[] = {
	{ .text = "30d", .before = 30 * DAY },
	{ .text = "14d", .before = 14 * DAY },
	{ .text = "7d", .before = 7 * DAY },
	{ .text = "3d", .before = 3 * DAY },
	{ .text = "1d", .before = DAY },
	{ .text = "10%", .part = 10, .of = 100 },
};
static const struct conf_thresholds all = { .v = preset, .n = N(preset) };

static struct conf_threshold third[] = {
	{ .text = "1/3", .part = 1, .of = 3 },
};
static const struct conf_thresholds parts = { .v = third, .n = 1 };

/* The leads of all warnings of a life, in hours, in their order: "72 24". */
static const char *
leads(const struct conf_thresholds *thresholds, const struct key_life *life,
    int64_t from)
{
	static char text[256];
	size_t n = 0;
	int64_t at = from, before = INT64_MAX;

	text[0] = '\0';
	while ((at = expiry_warning_next(thresholds, life, at)) != INT64_MAX) {
		struct expiry_warning w = expiry_warning_due(thresholds, life,
		    at);

		assert_true(at == life->expires - w.lead);
		assert_true(w.lead < before);
		before = w.lead;
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%g",
		    n != 0 ? " " : "", (double)w.lead / HOUR);
	}
	return text;
}

static void
only_thresholds_shorter_than_half_of_a_life_count(void **state)
{
	static const struct {
		int64_t days;
		const char *hours;
	} cases[] = {
		{ 1, "2.4" }, { 2, "4.8" }, { 3, "24" }, { 6, "24" },
		{ 7, "72 24" }, { 14, "72 24" }, { 15, "168 72 24" },
		{ 60, "336 168 72 24" }, { 90, "720 336 168 72 24" },
		{ 365, "720 336 168 72 24" },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct key_life life = { .created = START,
			.expires = START + cases[i].days * DAY };

		assert_string_equal(leads(&all, &life, START), cases[i].hours);
		assert_true(expiry_warning_next(&all, &life, START) >
		    START + cases[i].days * DAY / 2);
	}
}

static void
of_an_unknown_life_every_time_counts_and_no_part(void **state)
{
	struct key_life life = { .created = CONF_NO_TIME,
		.expires = START + 1000 * DAY };

	(void)state;
	assert_string_equal(leads(&all, &life, START), "720 336 168 72 24");
	assert_string_equal(leads(&parts, &life, START), "");
	assert_true(expiry_warning_first(&parts, &life) == INT64_MAX);
	/* One of the two times is wrong. */
	life.created = life.expires;
	assert_string_equal(leads(&all, &life, START), "720 336 168 72 24");
	life.expires = CONF_NO_TIME;
	assert_string_equal(leads(&all, &life, START), "");
	assert_int_equal(expiry_warning_due(&all, &life, START).lead, 0);
	assert_true(expiry_warning_first(&all, &life) == INT64_MAX);
}

static void
a_part_is_that_of_the_life(void **state)
{
	struct key_life life = { .created = START, .expires = START + 3 * DAY };

	(void)state;
	assert_string_equal(leads(&parts, &life, START), "24");
	/* The longest and the shortest there are. */
	life = (struct key_life){ .created = INT64_MIN / 4,
		.expires = INT64_MAX / 4 };
	assert_true(expiry_warning_first(&parts, &life) > life.created);
	life = (struct key_life){ .created = START, .expires = START + 2 };
	assert_string_equal(leads(&parts, &life, START), "");
}

static void
a_key_expires_from_its_first_threshold_on(void **state)
{
	struct key_life life = { .created = START, .expires = START + 7 * DAY };

	(void)state;
	assert_true(expiry_warning_first(&all, &life) == START + 4 * DAY);
	life.expires = START + DAY;
	assert_true(expiry_warning_first(&all, &life) ==
	    life.expires - 24 * HOUR / 10);
}

static void
the_last_threshold_that_has_come_is_due(void **state)
{
	struct key_life life = { .created = START, .expires = START + 7 * DAY };

	(void)state;
	assert_int_equal(expiry_warning_due(&all, &life, START).lead, 0);
	assert_int_equal(expiry_warning_due(&all, &life,
	    START + 4 * DAY - 1).lead, 0);
	assert_string_equal(expiry_warning_due(&all, &life,
	    START + 4 * DAY).threshold->text, "3d");
	assert_string_equal(expiry_warning_due(&all, &life,
	    START + 7 * DAY - 1).threshold->text, "1d");
	assert_int_equal(expiry_warning_due(&all, &life,
	    START + 7 * DAY).lead, 0);
}

static void
what_was_told_is_not_repeated_unless_the_end_moves(void **state)
{
	const int64_t end = START + 90 * DAY;
	struct expiry_warned none = { .lead = 0 };
	struct expiry_warned month = { .expires = end, .lead = 30 * DAY };
	struct expiry_warned day = { .expires = end, .lead = DAY };
	const struct expiry_warning at30 = { &preset[0], 30 * DAY };
	const struct expiry_warning at1 = { &preset[4], DAY };
	const struct expiry_warning nothing = { .lead = 0 };

	(void)state;
	assert_true(expiry_warning_is_new(&none, &at30, end));
	assert_false(expiry_warning_is_new(&none, &nothing, end));
	assert_false(expiry_warning_is_new(&month, &nothing, end));
	assert_false(expiry_warning_is_new(&month, &at30, end));
	assert_true(expiry_warning_is_new(&month, &at1, end));
	/* The clock was set back. */
	assert_false(expiry_warning_is_new(&day, &at30, end));
	/* The day alone, and later the time of the day. */
	assert_false(expiry_warning_is_new(&month, &at30, end + 20 * HOUR));
	assert_true(expiry_warning_is_new(&day, &at1, end + 20 * HOUR));
	assert_true(expiry_warning_is_new(&month, &at30, end + 10 * DAY));
	assert_true(expiry_warning_is_new(&month, &at30, end - 10 * DAY));
}

static void
a_file_that_names_the_day_agrees_with_every_time_of_it(void **state)
{
	const int64_t day = START, time = START + 5 * HOUR;

	(void)state;
	assert_false(expiry_differs(day, day));
	assert_false(expiry_differs(day, day + DAY - 1));
	assert_true(expiry_differs(day, day + DAY));
	assert_true(expiry_differs(day, day - 60));
	assert_false(expiry_differs(time, time));
	assert_false(expiry_differs(time, time + 59));
	assert_false(expiry_differs(time, time - 59));
	assert_true(expiry_differs(time, time + 60));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    only_thresholds_shorter_than_half_of_a_life_count),
		cmocka_unit_test(
		    of_an_unknown_life_every_time_counts_and_no_part),
		cmocka_unit_test(a_part_is_that_of_the_life),
		cmocka_unit_test(a_key_expires_from_its_first_threshold_on),
		cmocka_unit_test(the_last_threshold_that_has_come_is_due),
		cmocka_unit_test(
		    what_was_told_is_not_repeated_unless_the_end_moves),
		cmocka_unit_test(
		    a_file_that_names_the_day_agrees_with_every_time_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
