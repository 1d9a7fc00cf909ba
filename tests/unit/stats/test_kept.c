/* What is known of keys before a start and after it. */
#include "stats/kept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "base/digest.h"
#include "stats/counting.h"
#include "stats/reader.h"
#include "stats/stats.h"
#include "stats_conf.h"

static void
what_was_restored_is_known_under_the_value_and_goes_on(void **state)
{
	struct conf *conf = stats_conf(2, 2, 1, 0);
	const struct stats_kept before = { .expires = 17, .outlived = 9,
		.last_used = 5, .requests = 40 };
	struct stats_memory *m;
	struct stats_kept now;
	uint8_t digest[DIGEST_SIZE];
	uint32_t number, again;
	struct stats *f;
	int64_t expires;
	char why[256];

	(void)state;
	m = stats_memory_new(3, why, sizeof(why));
	assert_non_null(m);
	assert_true(digest_sha256("key1", 4, digest));
	assert_true(stats_number_of(m, digest, &number));
	assert_true(stats_number_of(m, digest, &again));
	assert_int_equal(number, again);
	stats_restore(m, number, &before);

	f = stats_new(m, conf, why, sizeof(why));
	assert_non_null(f);
	assert_int_equal(stats_numbers(f)->keys[1], number);
	assert_true(stats_expiry(f, 1, &expires));
	assert_int_equal(expires, 17);
	assert_true(stats_outlived(f, 1, 9));
	assert_false(stats_expiry(f, 0, &expires));
	assert_int_equal(stats_read_key(m, number).requests, 40);
	assert_int_equal(stats_read_key(m, number).last_used, 5);

	assert_true(stats_note_expiry(f, 1, 18));
	now = stats_kept(m, number);
	assert_int_equal(now.expires, 18);
	assert_int_equal(now.outlived, 9);
	assert_int_equal(now.requests, 40);
	now = stats_kept(m, stats_numbers(f)->keys[0]);
	assert_int_equal(now.expires, 0);
	assert_int_equal(now.outlived, 0);
	assert_int_equal(now.last_used, 0);
	assert_int_equal(now.requests, 0);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
