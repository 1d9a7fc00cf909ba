#include "net/timer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "turns.h"

struct ring {
	struct loop *loop;
	struct timer timer;
	unsigned n;
	bool rang;
	int64_t at;
	bool ends;
};

static void
on_ring(void *arg)
{
	struct ring *r = arg;

	r->n++;
	r->rang = true;
	r->at = clock_monotonic();
	if (r->ends)
		timer_end(&r->timer);
}

static int
setup(void **state)
{
	static struct ring r;

	r = (struct ring){ .loop = loop_new() };
	timer_init(&r.timer, r.loop, on_ring, &r);
	*state = &r;
	return 0;
}

static int
teardown(void **state)
{
	struct ring *r = *state;

	timer_end(&r->timer);
	loop_free(r->loop);
	return 0;
}

static void
a_timer_runs_once_and_not_before_its_time(void **state)
{
	struct ring *r = *state;
	int64_t start = clock_monotonic();

	timer_set(&r->timer, 30);
	assert_true(timer_is_set(&r->timer));
	run_until(r->loop, &r->rang);
	assert_true(r->at - start >= 30 * NS_PER_MS);
	assert_false(timer_is_set(&r->timer));
	run_for(r->loop, 20);
	assert_int_equal(r->n, 1);
}

static void
a_deadline_can_be_put_off(void **state)
{
	struct ring *r = *state;
	int64_t start = clock_monotonic();

	timer_set(&r->timer, 5);
	timer_set(&r->timer, 40);
	run_until(r->loop, &r->rang);
	assert_true(r->at - start >= 40 * NS_PER_MS);
	assert_int_equal(r->n, 1);
}

static void
a_deadline_can_be_moved_closer(void **state)
{
	struct ring *r = *state;

	timer_set(&r->timer, 1000 * 1000);
	timer_set(&r->timer, 5);
	run_until(r->loop, &r->rang);
	assert_int_equal(r->n, 1);
}

static void
a_cleared_timer_does_not_run(void **state)
{
	struct ring *r = *state;

	timer_set(&r->timer, 5);
	timer_clear(&r->timer);
	assert_false(timer_is_set(&r->timer));
	run_for(r->loop, 30);
	assert_int_equal(r->n, 0);
	timer_set(&r->timer, 5);
	run_until(r->loop, &r->rang);
	assert_int_equal(r->n, 1);
}

static void
a_timer_may_end_when_it_runs(void **state)
{
	struct ring *r = *state;

	r->ends = true;
	timer_set(&r->timer, 0);
	run_until(r->loop, &r->rang);
	memset(&r->timer, 0xff, sizeof(r->timer));
	run_for(r->loop, 20);
	assert_int_equal(r->n, 1);
	r->timer = (struct timer){ .all = NULL };
}

static void
a_timer_that_ends_while_it_is_set_does_not_run(void **state)
{
	struct ring *r = *state;

	timer_set(&r->timer, 5);
	timer_end(&r->timer);
	timer_end(&r->timer);
	memset(&r->timer, 0xff, sizeof(r->timer));
	run_for(r->loop, 30);
	assert_int_equal(r->n, 0);
	r->timer = (struct timer){ .all = NULL };
}

static void
the_longest_time_does_not_overflow(void **state)
{
	struct ring *r = *state;

	timer_set(&r->timer, INT64_MAX);
	run_for(r->loop, 10);
	assert_int_equal(r->n, 0);
	assert_true(timer_is_set(&r->timer));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_timer_runs_once_and_not_before_its_time, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(a_deadline_can_be_put_off,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_deadline_can_be_moved_closer, setup, teardown),
		cmocka_unit_test_setup_teardown(a_cleared_timer_does_not_run,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_timer_may_end_when_it_runs, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_timer_that_ends_while_it_is_set_does_not_run, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    the_longest_time_does_not_overflow, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
