/*
 * Files of watched listeners that are refused: since when and why, until they
 * can be used.
 */
#include "daemon/tls_refused.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/clock.h"

static char plain[] = "plain", one[] = "one", two[] = "two";
static struct conf_listener listeners[] = {
	{ .name = plain },
	{ .name = one, .tls.watch = true },
	{ .name = two, .tls.watch = true },
};
static const struct conf conf = { .listeners = listeners, .n_listeners = 3 };
static struct tls_refused *all;
static struct admin_news news;

static int
set_up(void **state)
{
	(void)state;
	all = tls_refused_new(&conf);
	news = (struct admin_news){ .n_watched = 0 };
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	tls_refused_free(all);
	free(news.watched);
	return 0;
}

static void
take(size_t listener, const char *why)
{
	char *text = tls_refused_text(listener, why);

	tls_refused_take(all, text);
	free(text);
}

static void
describe(void)
{
	free(news.watched);
	news = (struct admin_news){ .n_watched = 0 };
	tls_refused_describe(all, &news);
}

static void
those_that_are_watched_are_told_with_what_is_wrong(void **state)
{
	int64_t now = clock_wall() / NS_PER_S;

	(void)state;
	take(2, "a.conf:3: no key: it is gone");
	describe();
	assert_int_equal(news.n_watched, 2);
	assert_string_equal(news.watched[0].listener, "one");
	assert_null(news.watched[0].refused);
	assert_string_equal(news.watched[1].listener, "two");
	assert_string_equal(news.watched[1].refused,
	    "a.conf:3: no key: it is gone");
	assert_in_range(news.watched[1].since, now, now + 60);
	assert_null(tls_refused_why(all, 1));
	assert_string_equal(tls_refused_why(all, 2),
	    "a.conf:3: no key: it is gone");
}

static void
another_reason_takes_the_place_and_not_the_time(void **state)
{
	int64_t since;

	(void)state;
	take(1, "first");
	describe();
	since = news.watched[0].since;
	take(1, "second");
	describe();
	assert_string_equal(news.watched[0].refused, "second");
	assert_int_equal(news.watched[0].since, since);
}

static void
what_can_be_used_again_is_over(void **state)
{
	(void)state;
	take(1, "first");
	take(2, "second");
	take(1, "");
	assert_null(tls_refused_why(all, 1));
	assert_non_null(tls_refused_why(all, 2));
	take(1, "");
	assert_null(tls_refused_why(all, 1));
}

static void
a_load_ends_all(void **state)
{
	(void)state;
	take(1, "first");
	take(2, "second");
	tls_refused_end(all);
	describe();
	assert_null(news.watched[0].refused);
	assert_null(news.watched[1].refused);
}

static void
what_is_no_message_changes_nothing(void **state)
{
	(void)state;
	tls_refused_take(all, "3 beyond the last");
	tls_refused_take(all, "1");
	tls_refused_take(all, "");
	tls_refused_take(all, "one why");
	tls_refused_take(all, "-1 why");
	describe();
	assert_null(news.watched[0].refused);
	assert_null(news.watched[1].refused);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(those_that_are_watched_are_told_with_what_is_wrong),
		TEST(another_reason_takes_the_place_and_not_the_time),
		TEST(what_can_be_used_again_is_over),
		TEST(a_load_ends_all),
		TEST(what_is_no_message_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
