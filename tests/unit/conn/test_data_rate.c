/*
 * conn/data_rate: the time that somebody has for a body.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../sim/memory.h"
#include "base/clock.h"
#include "conn/data_rate.h"

#define MOST		INT64_C(30000)

struct world {
	struct loop *loop;
	struct data_rate rate;
	unsigned late;
	size_t feeds;			/* what it gets when it is late */
};

static void
on_late(void *owner)
{
	struct world *w = owner;

	w->late++;
	data_rate_feed(&w->rate, w->feeds);
}

static int
set_up(void **state)
{
	static struct world w;

	w = (struct world){ .loop = loop_new() };
	memory_start(w.loop);
	data_rate_init(&w.rate, w.loop, on_late, &w);
	*state = &w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	data_rate_end(&w->rate);
	data_rate_end(&w->rate);
	memory_turn();
	loop_free(w->loop);
	memory_end();
	return 0;
}

static void
begin(struct world *w, uint64_t rate)
{
	data_rate_begin(&w->rate, MOST, rate);
	data_rate_run(&w->rate, true);
}

static void
assert_left(struct world *w, int64_t ms)
{
	assert_int_equal(data_rate_left(&w->rate), ms);
}

static void
it_runs_out_while_somebody_is_waited_for_and_only_then(void **state)
{
	struct world *w = *state;

	data_rate_begin(&w->rate, MOST, 1);
	assert_left(w, MOST);
	memory_pass(90000);
	assert_left(w, MOST);
	data_rate_run(&w->rate, true);
	memory_pass(10000);
	assert_left(w, 20000);
	memory_pass(1000);
	data_rate_run(&w->rate, false);
	memory_pass(898000);
	assert_left(w, 19000);
	data_rate_run(&w->rate, true);
	memory_pass(18500);
	assert_left(w, 500);
	assert_int_equal(w->late, 0);
	memory_pass(500);
	assert_left(w, 0);
	assert_int_equal(w->late, 1);
	memory_pass(1000000);
	assert_left(w, 0);
	assert_int_equal(w->late, 1);
}

static void
bytes_fill_it_at_the_rate_and_never_beyond_the_most(void **state)
{
	struct world *w = *state;

	begin(w, 500);
	memory_pass(10000);
	data_rate_feed(&w->rate, 500);
	assert_left(w, 21000);
	data_rate_feed(&w->rate, 250);
	assert_left(w, 21500);
	data_rate_feed(&w->rate, 1);
	assert_left(w, 21502);
	data_rate_feed(&w->rate, 0);
	assert_left(w, 21502);
	data_rate_feed(&w->rate, 10000);
	assert_left(w, MOST);
	memory_pass(MOST - 1);
	assert_int_equal(w->late, 0);
	memory_pass(1);
	assert_int_equal(w->late, 1);
}

static void
no_number_of_bytes_and_no_rate_is_too_large(void **state)
{
	struct world *w = *state;

	begin(w, 1);
	memory_pass(1000);
	data_rate_feed(&w->rate, SIZE_MAX);
	assert_left(w, MOST);
	begin(w, UINT64_C(1) << 30);
	memory_pass(1000);
	data_rate_feed(&w->rate, SIZE_MAX >> 30);
	assert_left(w, MOST);
}

/* One byte now and then is not enough, however regular. */
static void
a_trickle_ends_in_time(void **state)
{
	struct world *w = *state;
	unsigned seconds = 0;

	begin(w, 500);
	for (; w->late == 0; seconds++) {
		assert_true(seconds < 100);
		memory_pass(1000);
		data_rate_feed(&w->rate, 100);
	}
	assert_in_range(seconds, 37, 39);
}

static void
the_rate_itself_is_enough_for_ever(void **state)
{
	struct world *w = *state;

	begin(w, 500);
	for (unsigned i = 0; i < 500; i++) {
		memory_pass(20000);
		data_rate_feed(&w->rate, 10000);
		assert_left(w, MOST);
	}
	assert_int_equal(w->late, 0);
}

static void
without_a_rate_any_byte_fills_it(void **state)
{
	struct world *w = *state;

	begin(w, 0);
	memory_pass(29000);
	data_rate_feed(&w->rate, 0);
	assert_left(w, 1000);
	data_rate_feed(&w->rate, 1);
	assert_left(w, MOST);
}

static void
what_passed_before_a_cap_is_never_given_back(void **state)
{
	struct world *w = *state;

	begin(w, 10);
	memory_pass(20000);
	data_rate_cap(&w->rate);
	memory_pass(3000);
	data_rate_feed(&w->rate, 20);
	assert_left(w, 9000);
	data_rate_feed(&w->rate, 1000000);
	assert_left(w, 10000);
	memory_pass(10000);
	assert_int_equal(w->late, 1);
	data_rate_cap(&w->rate);
	data_rate_feed(&w->rate, 1000000);
	assert_left(w, 0);
}

static void
a_cap_on_nothing_left_is_late_again(void **state)
{
	struct world *w = *state;

	begin(w, 10);
	memory_pass(MOST);
	assert_int_equal(w->late, 1);
	data_rate_cap(&w->rate);
	memory_pass(1);
	assert_int_equal(w->late, 2);
	data_rate_run(&w->rate, false);
	data_rate_cap(&w->rate);
	memory_pass(MOST);
	assert_int_equal(w->late, 2);
}

static void
who_is_late_may_turn_out_not_to_be(void **state)
{
	struct world *w = *state;

	begin(w, 100);
	w->feeds = 500;
	memory_pass(MOST);
	assert_int_equal(w->late, 1);
	assert_left(w, 5000);
	w->feeds = 0;
	memory_pass(5000);
	assert_int_equal(w->late, 2);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_runs_out_while_somebody_is_waited_for_and_only_then),
		TEST(bytes_fill_it_at_the_rate_and_never_beyond_the_most),
		TEST(no_number_of_bytes_and_no_rate_is_too_large),
		TEST(a_trickle_ends_in_time),
		TEST(the_rate_itself_is_enough_for_ever),
		TEST(without_a_rate_any_byte_fills_it),
		TEST(what_passed_before_a_cap_is_never_given_back),
		TEST(a_cap_on_nothing_left_is_late_again),
		TEST(who_is_late_may_turn_out_not_to_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
