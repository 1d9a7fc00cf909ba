/* What is known of keys before a start and after it. */
#include "stats/kept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "stats/counting.h"
#include "stats/reader.h"
#include "stats/stats.h"
#include "stats_conf.h"

static void
what_was_restored_is_known_under_the_value_and_goes_on(void **state)
{
	struct conf *conf = stats_conf(2, 2, 1, 0);
	const struct stats_kept before = { .expires = 17, .last_used = 5,
		.requests = 40 };
	struct stats_memory *m;
	struct stats_kept now;
	uint8_t digest[DIGEST_SIZE];
	struct stats *f;
	int64_t expires;
	uint32_t number;
	char why[256];

	(void)state;
	m = stats_memory_new(3, why, sizeof(why));
	assert_non_null(m);
	assert_true(digest_sha256("key1", 4, digest));
	assert_false(stats_number_of(m, digest, &number));
	f = stats_new(m, conf, why, sizeof(why));
	assert_non_null(f);
	assert_true(stats_number_of(m, digest, &number));
	assert_int_equal(stats_numbers(f)->keys[1], number);
	stats_restore(m, number, &before);
	assert_true(stats_expiry(f, 1, &expires));
	assert_int_equal(expires, 17);
	assert_false(stats_expiry(f, 0, &expires));
	assert_int_equal(stats_read_key(m, number).requests, 40);
	assert_int_equal(stats_read_key(m, number).last_used, 5);

	assert_true(stats_note_expiry(f, 1, 18, true));
	now = stats_kept(m, number);
	assert_int_equal(now.expires, 18);
	assert_int_equal(now.requests, 40);
	stats_correct_expiry(m, number, 19);
	assert_int_equal(stats_kept(m, number).expires, 19);
	stats_correct_expiry(m, number, CONF_NO_TIME);
	assert_false(stats_expiry(f, 1, &expires));
	now = stats_kept(m, stats_numbers(f)->keys[0]);
	assert_int_equal(now.expires, 0);
	assert_int_equal(now.last_used, 0);
	assert_int_equal(now.requests, 0);
	stats_free(f);
	stats_memory_free(m);
	stats_conf_free(conf);
}

/* They would be in a file that the next start takes for damaged. */
static void
times_that_no_file_may_have_are_none(void **state)
{
	static const int64_t none[] = {
		INT64_MIN + 1, -1, 0, TIME_MOST + 1, INT64_MAX,
	};
	struct conf *conf = stats_conf(1, 1, 1, 0);
	struct stats_memory *m;
	struct stats_kept kept;
	int64_t told;
	uint32_t number;
	struct stats *f;
	char why[256];

	(void)state;
	m = stats_memory_new(2, why, sizeof(why));
	assert_non_null(m);
	f = stats_new(m, conf, why, sizeof(why));
	assert_non_null(f);
	stats_enter(f, 0);
	number = stats_numbers(f)->keys[0];
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		(void)stats_note_expiry(f, 0, none[i], true);
		stats_count_use(f, 0, none[i]);
		kept = stats_kept(m, number);
		assert_int_equal(kept.expires, 0);
		assert_int_equal(kept.last_used, 0);
		assert_false(stats_read_expiry(m, number, &told));
		assert_false(stats_expiry(f, 0, &told));
		assert_true(stats_read_end(m, number) == CONF_NO_TIME);
	}
	(void)stats_note_expiry(f, 0, TIME_MOST, true);
	stats_count_use(f, 0, TIME_MOST);
	kept = stats_kept(m, number);
	assert_true(kept.expires == TIME_MOST);
	assert_true(kept.last_used == TIME_MOST);
	stats_free(f);
	stats_memory_free(m);
	stats_conf_free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_was_restored_is_known_under_the_value_and_goes_on),
		cmocka_unit_test(times_that_no_file_may_have_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
