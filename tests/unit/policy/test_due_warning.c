/* When the end of a certificate is worth a warning, and in which words. */
#include "policy/due_warning.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#define HOUR	((int64_t)3600)
#define DAY	(24 * HOUR)

static struct conf_threshold some[] = {
	{ .before = 30 * DAY }, { .before = 14 * DAY }, { .before = 7 * DAY },
	{ .before = 3 * DAY }, { .before = DAY }, { .part = 1, .of = 10 },
};
static const struct conf_thresholds all = { .v = some, .n = 6 };

static struct conf_due
from_to(int64_t from, int64_t until)
{
	return (struct conf_due){ .what = "x", .kind = CONF_DUE_LISTENER,
		.from = from, .until = until };
}

static void
assert_warns(const struct conf_due *due, int64_t now, const char *text)
{
	char *said = due_warning(due, &all, now);

	if (text == NULL)
		assert_null(said);
	else
		assert_string_equal(said, text);
	free(said);
}

static void
the_warning_comes_in_time(void **state)
{
	struct conf_due due = from_to(0, 1000 * DAY);

	(void)state;
	assert_warns(&due, 970 * DAY - 1, NULL);
	assert_warns(&due, 970 * DAY, "x: it expires at 1972-09-27T00:00:00Z, "
	    "in 30 days: put a newer one there and reload");
	due.kind = CONF_DUE_CRL;
	assert_warns(&due, 999 * DAY, "x: its nextUpdate is "
	    "1972-09-27T00:00:00Z, in 24 hours: put a newer one there and "
	    "reload");
}

static void
none_comes_in_the_first_half_of_a_life(void **state)
{
	struct conf_due due = from_to(1000 * DAY, 1090 * DAY);

	(void)state;
	assert_warns(&due, 1060 * DAY - 1, NULL);
	assert_warns(&due, 1060 * DAY, "x: it expires at "
	    "1972-12-26T00:00:00Z, in 30 days: put a newer one there and "
	    "reload");
	due = from_to(1000 * DAY, 1000 * DAY + 24 * HOUR);
	assert_warns(&due, 1000 * DAY + 21 * HOUR, NULL);
	assert_warns(&due, 1000 * DAY + 22 * HOUR, "x: it expires at "
	    "1972-09-28T00:00:00Z, in 2 hours: put a newer one there and "
	    "reload");
}

static void
nothing_is_reloaded_where_files_are_watched(void **state)
{
	struct conf_due due = from_to(0, 1000 * DAY);

	(void)state;
	due.watched = true;
	assert_warns(&due, 990 * DAY, "x: it expires at 1972-09-27T00:00:00Z, "
	    "in 10 days: put a newer one there");
}

static void
what_is_of_no_use_is_told_in_any_case(void **state)
{
	const struct conf_thresholds none = { .n = 0 };
	struct conf_due due = from_to(DAY, 1000 * DAY);
	char *said;

	(void)state;
	assert_warns(&due, DAY - 1, "x: it is not good before "
	    "1970-01-02T00:00:00Z");
	assert_null(due_warning(&due, &none, 1000 * DAY - 1));
	said = due_warning(&due, &none, 1000 * DAY);
	assert_string_equal(said, "x: it expired at 1972-09-27T00:00:00Z, and "
	    "clients refuse it: put a newer one there and reload");
	free(said);
	due.kind = CONF_DUE_CERTIFICATE;
	assert_warns(&due, 1000 * DAY, "x: it expired at "
	    "1972-09-27T00:00:00Z, and the upstream may refuse it: put a newer "
	    "one there and reload");
	due.kind = CONF_DUE_CLIENT_CA;
	(void)snprintf(due.subject, sizeof(due.subject), "CN=root");
	assert_warns(&due, 1000 * DAY, "x: authority \"CN=root\": it expired "
	    "at 1972-09-27T00:00:00Z, and no client is accepted by it: put a "
	    "newer one there and reload");
}

static void
what_never_ends_is_never_warned_of(void **state)
{
	struct conf_due due = from_to(0, INT64_MAX);
	char *text = due_text(&due);

	(void)state;
	assert_warns(&due, INT64_MAX - 1, NULL);
	assert_string_equal(text, "x: it expires at never");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_warning_comes_in_time),
		cmocka_unit_test(none_comes_in_the_first_half_of_a_life),
		cmocka_unit_test(nothing_is_reloaded_where_files_are_watched),
		cmocka_unit_test(what_is_of_no_use_is_told_in_any_case),
		cmocka_unit_test(what_never_ends_is_never_warned_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
