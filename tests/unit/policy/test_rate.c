/*
 * policy/rate: buckets of tokens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "base/clock.h"
#include "policy/rate.h"

#define NOW	(1000 * NS_PER_S)

static struct rate
make(uint32_t count, uint32_t seconds, uint32_t burst)
{
	return rate_of(&(struct conf_rate){ count, seconds }, burst);
}

static unsigned
take_all(const struct rate *r, _Atomic int64_t *full_at, int64_t now,
    int64_t *wait)
{
	unsigned n = 0;

	while (n < 100000 && rate_take(r, full_at, now, wait))
		n++;
	return n;
}

static void
a_full_bucket_gives_its_tokens_at_once_and_then_one_by_one(void **state)
{
	const struct rate r = make(10, 1, 3);
	_Atomic int64_t full_at = 0;
	int64_t wait;

	(void)state;
	assert_int_equal(take_all(&r, &full_at, NOW, &wait), 3);
	assert_int_equal(wait, 100 * NS_PER_MS);
	assert_int_equal(take_all(&r, &full_at, NOW + 99 * NS_PER_MS, &wait),
	    0);
	assert_int_equal(wait, NS_PER_MS);
	assert_int_equal(take_all(&r, &full_at, NOW + 100 * NS_PER_MS, &wait),
	    1);
	assert_int_equal(take_all(&r, &full_at, NOW + 300 * NS_PER_MS, &wait),
	    2);
	assert_int_equal(take_all(&r, &full_at, NOW + 60 * NS_PER_S, &wait),
	    3);
}

static void
without_a_burst_the_bucket_has_as_many_as_the_rate_names(void **state)
{
	const struct rate r = make(600, 60, 0);
	_Atomic int64_t full_at = 0;
	int64_t wait;

	(void)state;
	assert_int_equal(take_all(&r, &full_at, NOW, &wait), 600);
	assert_int_equal(take_all(&r, &full_at, NOW + 30 * NS_PER_S, &wait),
	    300);
}

static void
in_any_time_no_more_are_given_than_the_rate_and_one_bucket(void **state)
{
	const struct rate r = make(50, 1, 7);
	_Atomic int64_t full_at = 0;
	int64_t wait;
	unsigned n = 0;

	(void)state;
	for (int64_t ms = 0; ms < 10000; ms += 3)
		n += take_all(&r, &full_at, NOW + ms * NS_PER_MS, &wait);
	assert_in_range(n, 499, 507);
}

static void
a_token_that_was_given_back_is_there_again(void **state)
{
	const struct rate r = make(1, 86400, 1);
	_Atomic int64_t full_at = 0;
	int64_t wait;

	(void)state;
	assert_true(rate_take(&r, &full_at, NOW, &wait));
	assert_false(rate_take(&r, &full_at, NOW, &wait));
	assert_int_equal(wait, 86400 * NS_PER_S);
	rate_give_back(&r, &full_at);
	assert_true(rate_take(&r, &full_at, NOW, &wait));
}

static void
a_time_that_no_bucket_has_locks_nobody_out(void **state)
{
	const struct rate r = make(1, 1, 2);
	_Atomic int64_t full_at = INT64_MAX;
	int64_t wait;

	(void)state;
	assert_false(rate_take(&r, &full_at, NOW, &wait));
	assert_int_equal(wait, NS_PER_S);
	full_at = NOW + 10 * NS_PER_S;
	assert_false(rate_take(&r, &full_at, NOW, &wait));
	assert_int_equal(wait, NS_PER_S);
	/* It is empty at most, and fills from then on. */
	assert_int_equal(take_all(&r, &full_at, NOW + NS_PER_S, &wait), 1);
	full_at = INT64_MIN;
	assert_int_equal(take_all(&r, &full_at, NOW, &wait), 2);
}

static void
a_rate_that_is_raised_counts_at_once(void **state)
{
	const struct rate slow = make(2, 86400, 0), fast = make(100, 1, 0);
	_Atomic int64_t full_at = 0;
	int64_t wait;

	(void)state;
	assert_int_equal(take_all(&slow, &full_at, NOW, &wait), 2);
	assert_int_equal(take_all(&fast, &full_at, NOW, &wait), 0);
	assert_int_equal(wait, 10 * NS_PER_MS);
	assert_int_equal(take_all(&fast, &full_at, NOW + NS_PER_S, &wait),
	    100);
}

static void
the_slowest_rate_with_the_largest_bucket_can_be_reckoned(void **state)
{
	const struct rate r = make(1, 86400, 1000000);
	_Atomic int64_t full_at = 0;
	int64_t wait;

	(void)state;
	assert_in_range(take_all(&r, &full_at, NOW, &wait), 3000, 100000);
	full_at = INT64_MAX;
	assert_false(rate_take(&r, &full_at, NOW, &wait));
	assert_int_equal(wait, 86400 * NS_PER_S);
}

static void
a_rate_beyond_all_clocks_is_no_limit(void **state)
{
	const struct rate r = make(UINT32_MAX, 1, 0);
	_Atomic int64_t full_at = 0;
	int64_t wait;

	(void)state;
	assert_int_equal(r.token, 1);
	assert_true(rate_take(&r, &full_at, NOW, &wait));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name)	cmocka_unit_test(name)
		CASE(a_rate_beyond_all_clocks_is_no_limit),
		CASE(a_full_bucket_gives_its_tokens_at_once_and_then_one_by_one),
		CASE(without_a_burst_the_bucket_has_as_many_as_the_rate_names),
		CASE(in_any_time_no_more_are_given_than_the_rate_and_one_bucket),
		CASE(a_token_that_was_given_back_is_there_again),
		CASE(a_time_that_no_bucket_has_locks_nobody_out),
		CASE(a_rate_that_is_raised_counts_at_once),
		CASE(the_slowest_rate_with_the_largest_bucket_can_be_reckoned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
