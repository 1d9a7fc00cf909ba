/* When a process that died is started again. */
#include "daemon/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/clock.h"

#define T	(1000 * NS_PER_S)

static void
one_that_ran_for_long_is_due_at_once(void **state)
{
	struct backoff b = { .pause_ns = 5 * NS_PER_S };

	(void)state;
	backoff_start(&b, T);
	backoff_died(&b, T + 11 * NS_PER_S);
	assert_int_equal(b.due_ns, T + 11 * NS_PER_S);
}

static void
the_first_early_death_costs_no_time_and_the_next_ones_ever_more(void **state)
{
	struct backoff b = { .pause_ns = 0 };
	const int64_t pauses_ms[] = { 0, 200, 400, 800, 1600, 3200, 6400,
		12800, 25600, 30000, 30000 };

	(void)state;
	for (size_t i = 0; i < sizeof(pauses_ms) / sizeof(*pauses_ms); i++) {
		backoff_start(&b, T);
		backoff_died(&b, T);
		assert_int_equal(b.due_ns - T, pauses_ms[i] * NS_PER_MS);
	}
}

static void
one_that_cannot_be_started_is_tried_again_after_a_pause(void **state)
{
	struct backoff b = { .pause_ns = 0 };

	(void)state;
	backoff_start(&b, T);
	backoff_put_off(&b, T);
	assert_int_equal(b.due_ns, T + 100 * NS_PER_MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_ran_for_long_is_due_at_once),
		cmocka_unit_test(
		    the_first_early_death_costs_no_time_and_the_next_ones_ever_more),
		cmocka_unit_test(
		    one_that_cannot_be_started_is_tried_again_after_a_pause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
