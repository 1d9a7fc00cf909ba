/*
 * conn/patience: the time a client has for a request's body.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "conn/patience.h"

#define MOST		INT64_C(30000)
#define START		(INT64_C(7) * NS_PER_S)

static int64_t
at(int64_t ms)
{
	return START + ms * NS_PER_MS;
}

static void
it_runs_out_while_the_client_is_waited_for_and_only_then(void **state)
{
	struct patience p;

	(void)state;
	patience_begin(&p, MOST);
	assert_int_equal(patience_left(&p, at(0)), MOST);
	assert_int_equal(patience_left(&p, at(90000)), MOST);
	patience_run(&p, true, at(90000));
	assert_int_equal(patience_left(&p, at(100000)), 20000);
	patience_run(&p, false, at(101000));
	assert_int_equal(patience_left(&p, at(999000)), 19000);
	patience_run(&p, true, at(999000));
	assert_int_equal(patience_left(&p, at(1017500)), 500);
	assert_int_equal(patience_left(&p, at(1018000)), 0);
	assert_int_equal(patience_left(&p, at(2000000)), 0);
}

static void
bytes_fill_it_at_the_rate_and_never_beyond_the_most(void **state)
{
	struct patience p;

	(void)state;
	patience_begin(&p, MOST);
	patience_run(&p, true, at(0));
	patience_feed(&p, MOST, 500, 500, at(10000));
	assert_int_equal(patience_left(&p, at(10000)), 21000);
	patience_feed(&p, MOST, 500, 250, at(10000));
	assert_int_equal(patience_left(&p, at(10000)), 21500);
	patience_feed(&p, MOST, 500, 1, at(10000));
	assert_int_equal(patience_left(&p, at(10000)), 21502);
	patience_feed(&p, MOST, 500, 0, at(10000));
	assert_int_equal(patience_left(&p, at(10000)), 21502);
	patience_feed(&p, MOST, 500, 10000, at(10000));
	assert_int_equal(patience_left(&p, at(10000)), MOST);
	patience_feed(&p, MOST, 1, SIZE_MAX, at(10000));
	assert_int_equal(patience_left(&p, at(10000)), MOST);
	patience_feed(&p, MOST, UINT64_C(1) << 30, (size_t)-1 >> 30,
	    at(10000));
	assert_int_equal(patience_left(&p, at(10000)), MOST);
}

/* One byte now and then is not enough, however regular. */
static void
a_trickle_ends_in_time(void **state)
{
	struct patience p;
	int64_t now = 0;

	(void)state;
	patience_begin(&p, MOST);
	patience_run(&p, true, at(0));
	while (patience_left(&p, at(now)) != 0) {
		now += 1000;
		patience_feed(&p, MOST, 500, 100, at(now));
		assert_true(now < 100000);
	}
	assert_in_range(now, 37000, 39000);
}

static void
the_rate_itself_is_enough_for_ever(void **state)
{
	struct patience p;

	(void)state;
	patience_begin(&p, MOST);
	patience_run(&p, true, at(0));
	for (int64_t now = 0; now < 10000000; now += 20000) {
		patience_feed(&p, MOST, 500, 10000, at(now));
		assert_true(patience_left(&p, at(now)) >= 20000);
	}
}

static void
without_a_rate_any_byte_fills_it(void **state)
{
	struct patience p;

	(void)state;
	patience_begin(&p, MOST);
	patience_run(&p, true, at(0));
	patience_feed(&p, MOST, 0, 0, at(29000));
	assert_int_equal(patience_left(&p, at(29000)), 1000);
	patience_feed(&p, MOST, 0, 1, at(29000));
	assert_int_equal(patience_left(&p, at(29000)), MOST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    it_runs_out_while_the_client_is_waited_for_and_only_then),
		cmocka_unit_test(
		    bytes_fill_it_at_the_rate_and_never_beyond_the_most),
		cmocka_unit_test(a_trickle_ends_in_time),
		cmocka_unit_test(the_rate_itself_is_enough_for_ever),
		cmocka_unit_test(without_a_rate_any_byte_fills_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
