/* When people are told that keys expire; played on a faked clock. */
#include "keys/key_warnings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../stats/stats_conf.h"
#include "base/clock.h"
#include "base/log.h"
#include "policy/key_state.h"
#include "stats/decided.h"
#include "stats/stats.h"

#define N(array)	(sizeof(array) / sizeof((array)[0]))
#define HOUR		((int64_t)3600)
#define DAY		(24 * HOUR)
/* 2026-12-01T00:00:00Z */
#define START		INT64_C(1796083200)

static struct conf_threshold preset[] = {
	{ .text = "30d", .before = 30 * DAY },
	{ .text = "14d", .before = 14 * DAY },
	{ .text = "7d", .before = 7 * DAY },
	{ .text = "3d", .before = 3 * DAY },
	{ .text = "1d", .before = DAY },
	{ .text = "10%", .part = 10, .of = 100 },
};

static int64_t wall_ns, monotonic_ns;

static int64_t
get_wall(void)
{
	return wall_ns;
}

static int64_t
get_monotonic(void)
{
	return monotonic_ns;
}

/* The life of a daemon, and what it had told before it was started again. */
struct rig {
	struct conf *conf;
	struct stats_memory *memory;
	struct stats *stats;
	struct key_warnings *warnings;
	int pipe_fds[2];
};

static _Atomic uint64_t lost;

static void
start(struct rig *r)
{
	char why[256];

	r->memory = stats_memory_new(1 + r->conf->workers, why, sizeof(why));
	assert_non_null(r->memory);
	r->stats = stats_new(r->memory, r->conf, why, sizeof(why));
	assert_non_null(r->stats);
	r->warnings = key_warnings_new(r->memory);
	key_warnings_serve(r->warnings, r->conf, stats_numbers(r->stats));
}

static void
stop(struct rig *r)
{
	key_warnings_free(r->warnings);
	stats_free(r->stats);
	stats_memory_free(r->memory);
}

/* With what the one before has told. */
static void
restart(struct rig *r)
{
	struct key_warned warned[16];
	const struct stats_numbers *n;

	assert_true(r->conf->n_keys <= N(warned));
	n = stats_numbers(r->stats);
	for (size_t i = 0; i < n->n_keys; i++)
		warned[i] = key_warnings_get(r->warnings, n->keys[i]);
	stop(r);
	start(r);
	n = stats_numbers(r->stats);
	for (size_t i = 0; i < n->n_keys; i++)
		key_warnings_restore(r->warnings, n->keys[i], &warned[i]);
}

static int
setup(void **state)
{
	static const struct clock_source source = {
		.monotonic = get_monotonic, .wall = get_wall };
	static struct rig r;

	r = (struct rig){ .conf = stats_conf(4, 4, 1, 0) };
	r.conf->expiry.warn = (struct conf_thresholds){ preset, N(preset) };
	for (size_t i = 0; i < r.conf->n_keys; i++)
		r.conf->keys[i].created = r.conf->keys[i].expires =
		    CONF_NO_TIME;
	wall_ns = START * NS_PER_S;
	monotonic_ns = 1;
	clock_replace(&source);
	if (pipe(r.pipe_fds) != 0)
		return -1;
	(void)fcntl(r.pipe_fds[0], F_SETFL, O_NONBLOCK);
	log_start(r.pipe_fds[1], LOG_LEVEL_INFO, &lost);
	start(&r);
	*state = &r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	stop(r);
	stats_conf_free(r->conf);
	clock_replace(NULL);
	log_start(STDERR_FILENO, LOG_LEVEL_INFO, NULL);
	close(r->pipe_fds[0]);
	close(r->pipe_fds[1]);
	return 0;
}

/* The messages since, one a line. */
static const char *
told(const struct rig *r)
{
	static char lines[65536], messages[8192];
	static const char before[] = "\"message\":\"";
	ssize_t n = read(r->pipe_fds[0], lines, sizeof(lines) - 1);
	size_t at = 0;

	lines[n > 0 ? n : 0] = '\0';
	messages[0] = '\0';
	for (const char *p = lines; (p = strstr(p, before)) != NULL;) {
		p += sizeof(before) - 1;
		at += (size_t)snprintf(messages + at, sizeof(messages) - at,
		    "%.*s\n", (int)strcspn(p, "\""), p);
	}
	return messages;
}

/* Time passes until then, and the parent calls as it is asked to. */
static void
pass_until(const struct rig *r, int64_t seconds)
{
	while (wall_ns < seconds * NS_PER_S) {
		int64_t next = key_warnings_tell(r->warnings);
		int64_t left = seconds * NS_PER_S - wall_ns;
		int64_t step = next - monotonic_ns;

		assert_true(step > 0);
		if (step > left)
			step = left;
		wall_ns += step;
		monotonic_ns += step;
	}
	(void)key_warnings_tell(r->warnings);
}

static void
set_clock(int64_t by_s)
{
	wall_ns += by_s * NS_PER_S;
}

/* The i-th key is made now and lives so long. */
static int64_t
live(struct rig *r, size_t i, int64_t seconds)
{
	struct conf_key *k = &r->conf->keys[i];

	k->created = wall_ns / NS_PER_S;
	k->expires = k->created + seconds;
	key_warnings_serve(r->warnings, r->conf, stats_numbers(r->stats));
	return k->expires;
}

static const char expected[] =
    "key key0 expires in 2 hours, at 2026-12-02T00:00:00Z (threshold 10%)\n"
    "key key1 expires in 3 days, at 2026-12-08T00:00:00Z (threshold 3d)\n"
    "key key1 expires in 24 hours, at 2026-12-08T00:00:00Z (threshold 1d)\n"
    "key key2 expires in 30 days, at 2027-03-01T00:00:00Z (threshold 30d)\n"
    "key key2 expires in 14 days, at 2027-03-01T00:00:00Z (threshold 14d)\n"
    "key key2 expires in 7 days, at 2027-03-01T00:00:00Z (threshold 7d)\n"
    "key key2 expires in 3 days, at 2027-03-01T00:00:00Z (threshold 3d)\n"
    "key key2 expires in 24 hours, at 2027-03-01T00:00:00Z (threshold 1d)\n"
    "key key3 expires in 30 days, at 2027-12-01T00:00:00Z (threshold 30d)\n"
    "key key3 expires in 14 days, at 2027-12-01T00:00:00Z (threshold 14d)\n"
    "key key3 expires in 7 days, at 2027-12-01T00:00:00Z (threshold 7d)\n"
    "key key3 expires in 3 days, at 2027-12-01T00:00:00Z (threshold 3d)\n"
    "key key3 expires in 24 hours, at 2027-12-01T00:00:00Z (threshold 1d)\n";

static void
live_all(struct rig *r)
{
	(void)live(r, 0, DAY);
	(void)live(r, 1, 7 * DAY);
	(void)live(r, 2, 90 * DAY);
	(void)live(r, 3, 365 * DAY);
}

static void
keys_of_a_day_a_week_a_quarter_and_a_year_are_told_of_exactly_so(void **state)
{
	struct rig *r = *state;

	live_all(r);
	pass_until(r, START + DAY - 1 * HOUR);
	restart(r);
	pass_until(r, START + 90 * DAY - 6 * DAY);
	restart(r);
	pass_until(r, START + 400 * DAY);
	assert_string_equal(told(r), expected);
	assert_int_equal(lost, 0);
}

/* Each life is played with the clock set at every hour, back and forth. */
static void
steps_of_an_hour_neither_lose_nor_repeat_a_warning(void **state)
{
	struct rig *r = *state;
	unsigned n = 0;

	live_all(r);
	for (int64_t day = 0; day <= 366; day++) {
		for (int64_t hour = 0; hour < 24; hour++) {
			pass_until(r, START + day * DAY + hour * HOUR);
			set_clock(hour % 2 != 0 ? HOUR : -HOUR);
			(void)key_warnings_tell(r->warnings);
			set_clock(hour % 2 != 0 ? -HOUR : HOUR);
			(void)key_warnings_tell(r->warnings);
		}
	}
	for (const char *p = told(r); (p = strchr(p, '\n')) != NULL; p++)
		n++;
	assert_int_equal(n, 13);
}

static void
what_was_missed_is_told_at_once_and_only_the_last_of_it(void **state)
{
	struct rig *r = *state;

	(void)live(r, 2, 90 * DAY);
	set_clock(85 * DAY);
	pass_until(r, START + 86 * DAY);
	assert_string_equal(told(r), "key key2 expires in 5 days, at "
	    "2027-03-01T00:00:00Z (threshold 7d)\n");
}

static void
two_names_of_a_value_are_told_of_once(void **state)
{
	struct rig *r = *state;
	struct conf_key *keys = r->conf->keys;

	secret_free(keys[1].value);
	keys[1].value = secret_copy("key0", 4);
	keys[0].expires = keys[1].expires = START + 7 * DAY;
	keys[0].created = keys[1].created = START;
	stop(r);
	start(r);
	pass_until(r, START + 8 * DAY);
	assert_string_equal(told(r), "key key0 expires in 3 days, at "
	    "2026-12-08T00:00:00Z (threshold 3d)\n"
	    "key key0 expires in 24 hours, at 2026-12-08T00:00:00Z "
	    "(threshold 1d)\n");
}

static void
what_the_api_told_counts_and_a_contradiction_is_told_once(void **state)
{
	struct rig *r = *state;

	(void)live(r, 1, 7 * DAY);
	assert_true(stats_note_expiry(r->stats, 1, START + 90 * DAY, true));
	pass_until(r, START + 8 * DAY);
	restart(r);
	assert_true(stats_note_expiry(r->stats, 1, START + 90 * DAY, true));
	pass_until(r, START + 9 * DAY);
	assert_string_equal(told(r), "key key1: its sealed file says that it "
	    "expires at 2026-12-08T00:00:00Z, the API says "
	    "2027-03-01T00:00:00Z, which counts\n");
	pass_until(r, START + 61 * DAY);
	assert_string_equal(told(r), "key key1 expires in 30 days, at "
	    "2027-03-01T00:00:00Z (threshold 30d)\n");
}

static void
another_end_is_warned_of_anew(void **state)
{
	struct rig *r = *state;

	(void)live(r, 1, 7 * DAY);
	pass_until(r, START + 5 * DAY);
	assert_string_equal(told(r), "key key1 expires in 3 days, at "
	    "2026-12-08T00:00:00Z (threshold 3d)\n");
	assert_true(stats_note_expiry(r->stats, 1, START + 20 * DAY, true));
	pass_until(r, START + 14 * DAY);
	assert_string_equal(told(r), "key key1: its sealed file says that it "
	    "expires at 2026-12-08T00:00:00Z, the API says "
	    "2026-12-21T00:00:00Z, which counts\n"
	    "key key1 expires in 7 days, at 2026-12-21T00:00:00Z "
	    "(threshold 7d)\n");
}

static bool
is_ending(const struct rig *r, size_t key)
{
	return (stats_key_facts(r->stats, key) & KEY_ENDING) != 0;
}

static void
a_key_is_ending_from_its_first_threshold_on(void **state)
{
	struct rig *r = *state;

	(void)live(r, 1, 7 * DAY);
	pass_until(r, START + 4 * DAY - 1);
	assert_false(is_ending(r, 1));
	pass_until(r, START + 4 * DAY);
	assert_true(is_ending(r, 1));
	pass_until(r, START + 6 * DAY);
	assert_true(is_ending(r, 1));
	assert_false(is_ending(r, 0));
	assert_true(stats_note_expiry(r->stats, 1, START + 90 * DAY, true));
	pass_until(r, START + 7 * DAY);
	assert_false(is_ending(r, 1));
}

static void
without_keys_nobody_is_woken(void **state)
{
	struct rig *r = *state;
	size_t n = r->conf->n_keys;

	r->conf->n_keys = 0;
	key_warnings_serve(r->warnings, r->conf, stats_numbers(r->stats));
	assert_true(key_warnings_tell(r->warnings) == INT64_MAX);
	r->conf->n_keys = n;
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(
		    keys_of_a_day_a_week_a_quarter_and_a_year_are_told_of_exactly_so),
		TEST(steps_of_an_hour_neither_lose_nor_repeat_a_warning),
		TEST(what_was_missed_is_told_at_once_and_only_the_last_of_it),
		TEST(two_names_of_a_value_are_told_of_once),
		TEST(what_the_api_told_counts_and_a_contradiction_is_told_once),
		TEST(another_end_is_warned_of_anew),
		TEST(a_key_is_ending_from_its_first_threshold_on),
		TEST(without_keys_nobody_is_woken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
