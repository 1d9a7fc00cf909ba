/* When people are told of what ends. */
#include "daemon/reminders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define HOUR	(3600 * NS_PER_S)
#define DAY	(24 * HOUR)

static _Atomic uint64_t lost;
static int pipe_fds[2];
static int64_t now;

static int64_t
get_now(void)
{
	return now;
}

static int
setup(void **state)
{
	static const struct clock_source source = { get_now, get_now,
		get_now };

	(void)state;
	now = 1000 * DAY;
	clock_replace(&source);
	if (pipe(pipe_fds) != 0)
		return -1;
	fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK);
	log_start(pipe_fds[1], LOG_LEVEL_INFO, &lost);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	clock_replace(NULL);
	log_start(STDERR_FILENO, LOG_LEVEL_INFO, NULL);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return 0;
}

/* How many lines were written since, each with what. */
static unsigned
told(const char *what)
{
	char text[4096];
	ssize_t n = read(pipe_fds[0], text, sizeof(text) - 1);
	unsigned lines = 0;

	text[n > 0 ? n : 0] = '\0';
	for (const char *p = text; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	if (lines != 0)
		assert_non_null(strstr(text, what));
	return lines;
}

/* Calls as it is asked to, for that long. */
static void
pass(struct reminders *r, int64_t ns)
{
	int64_t end = now + ns;

	while (now < end) {
		int64_t next = reminders_tell(r);

		assert_true(next > now);
		now = next < end ? next : end;
	}
	(void)reminders_tell(r);
}

static struct conf_threshold thresholds[] = {
	{ .before = 7 * DAY / NS_PER_S }, { .before = 3 * DAY / NS_PER_S },
	{ .part = 1, .of = 10 },
};

/* Until so many days from now; the year before it is good. */
static struct conf
with_end(struct conf_due *due, int64_t days)
{
	*due = (struct conf_due){
		.where = { .file = "main", .line = 7 },
		.kind = CONF_DUE_CRL,
		.what = "option 'crl_file': x",
		.from = (now - 365 * DAY) / NS_PER_S,
		.until = (now + days * DAY) / NS_PER_S,
	};
	return (struct conf){ .dues = due, .n_dues = 1,
		.expiry = { .warn = { .v = thresholds, .n = 3 } } };
}

static void
what_will_end_is_told_once_for_each_threshold(void **state)
{
	struct conf_due due;
	struct conf conf = with_end(&due, 10);
	struct reminders *r = reminders_new(&conf);

	(void)state;
	pass(r, 3 * DAY - 2 * HOUR);
	assert_int_equal(told(""), 0);
	pass(r, 3 * HOUR);
	assert_int_equal(told("main:7: option 'crl_file': x: its nextUpdate "
	    "is "), 1);
	pass(r, 3 * DAY);
	assert_int_equal(told(""), 0);
	pass(r, DAY);
	assert_int_equal(told("its nextUpdate is "), 1);
	pass(r, 3 * DAY - 2 * HOUR);
	assert_int_equal(told(""), 0);
	pass(r, HOUR);
	assert_int_equal(told("its nextUpdate was "), 1);
	pass(r, 2 * DAY);
	assert_int_equal(told("its nextUpdate was "), 2);
	reminders_free(r);
}

static void
what_is_renewed_is_told_of_no_more(void **state)
{
	struct conf_due due;
	struct conf conf = with_end(&due, 10);
	struct reminders *r = reminders_new(&conf);

	(void)state;
	pass(r, 4 * DAY);
	assert_int_equal(told("its nextUpdate is "), 1);
	due.from = now / NS_PER_S;
	due.until = (now + 20 * DAY) / NS_PER_S;
	pass(r, 12 * DAY);
	assert_int_equal(told(""), 0);
	pass(r, 2 * DAY);
	assert_int_equal(told("its nextUpdate is "), 1);
	reminders_free(r);
}

/* An hour, of which a tenth is the time to be told. */
static void
of_a_short_life_the_last_part_is_told_in_time(void **state)
{
	struct conf_due due;
	struct conf conf = with_end(&due, 0);
	struct reminders *r;

	(void)state;
	due.from = now / NS_PER_S;
	due.until = (now + HOUR) / NS_PER_S;
	r = reminders_new(&conf);
	pass(r, 53 * HOUR / 60);
	assert_int_equal(told(""), 0);
	pass(r, 2 * HOUR / 60);
	assert_int_equal(told("its nextUpdate is "), 1);
	pass(r, 6 * HOUR / 60);
	assert_int_equal(told("its nextUpdate was "), 1);
	reminders_free(r);
}

/* It was told when the configuration was loaded. */
static void
what_has_ended_at_the_start_is_told_a_day_later(void **state)
{
	struct conf_due due;
	struct conf conf = with_end(&due, -1);
	struct reminders *r = reminders_new(&conf);

	(void)state;
	pass(r, DAY - HOUR);
	assert_int_equal(told(""), 0);
	pass(r, HOUR);
	assert_int_equal(told("its nextUpdate was "), 1);
	reminders_free(r);
}

static void
who_has_nothing_to_tell_sleeps(void **state)
{
	struct conf conf = { .n_dues = 0 };
	struct reminders *r = reminders_new(&conf);

	(void)state;
	assert_int_equal(reminders_tell(r), INT64_MAX);
	reminders_free(r);
	reminders_free(NULL);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_will_end_is_told_once_for_each_threshold),
		TEST(what_is_renewed_is_told_of_no_more),
		TEST(of_a_short_life_the_last_part_is_told_in_time),
		TEST(what_has_ended_at_the_start_is_told_a_day_later),
		TEST(who_has_nothing_to_tell_sleeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
