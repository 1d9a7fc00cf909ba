/*
 * upstream/budget: the time an upstream has for one exchange.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "upstream/budget.h"

#define RESPONSE	INT64_C(25000)
#define BODY		INT64_C(60000)

static const struct conf_upstream upstream = {
	.timeouts = { .response = RESPONSE, .body = BODY },
	.body_rate = 10,
};

static int64_t
at(int64_t ms)
{
	return INT64_C(7) * NS_PER_S + ms * NS_PER_MS;
}

static void
all_that_passes_before_the_responses_head_counts(void **state)
{
	struct budget b;

	(void)state;
	budget_begin(&b, &upstream, at(0));
	assert_int_equal(budget_left(&b, at(0)), RESPONSE);
	budget_send(&b, at(10000));
	assert_int_equal(budget_left(&b, at(12000)), 13000);
	/* A second attempt. */
	budget_send(&b, at(24000));
	assert_int_equal(budget_left(&b, at(24500)), 500);
	assert_int_equal(budget_left(&b, at(25000)), 0);
	assert_int_equal(budget_left(&b, at(99000)), 0);
}

static void
time_in_which_only_the_client_is_waited_for_does_not(void **state)
{
	struct budget b;

	(void)state;
	budget_begin(&b, &upstream, at(0));
	budget_send(&b, at(5000));
	budget_run(&b, false, at(6000));
	assert_int_equal(budget_left(&b, at(600000)), 19000);
	budget_run(&b, true, at(600000));
	assert_int_equal(budget_left(&b, at(618000)), 1000);
}

static void
bytes_give_back_what_they_cost_and_not_the_time_before(void **state)
{
	struct budget b;

	(void)state;
	budget_begin(&b, &upstream, at(0));
	budget_send(&b, at(20000));
	budget_feed(&b, 20, at(23000));
	assert_int_equal(budget_left(&b, at(23000)), 4000);
	budget_feed(&b, 1000000, at(24000));
	assert_int_equal(budget_left(&b, at(24000)), 5000);
	assert_int_equal(budget_left(&b, at(29000)), 0);
}

static void
who_takes_a_body_at_the_rate_may_take_for_ever(void **state)
{
	struct budget b;

	(void)state;
	budget_begin(&b, &upstream, at(0));
	budget_send(&b, at(1000));
	for (int64_t now = 11000; now < 10000000; now += 10000) {
		assert_true(budget_left(&b, at(now)) > 0);
		budget_feed(&b, 100, at(now));
	}
}

static void
a_responses_body_has_a_budget_of_its_own(void **state)
{
	struct budget b;

	(void)state;
	budget_begin(&b, &upstream, at(0));
	budget_send(&b, at(20000));
	budget_head(&b);
	/* Nobody has asked for any yet. */
	assert_int_equal(budget_left(&b, at(500000)), BODY);
	budget_run(&b, true, at(500000));
	budget_feed(&b, 100, at(530000));
	assert_int_equal(budget_left(&b, at(530000)), 40000);
	budget_feed(&b, 100000, at(530000));
	assert_int_equal(budget_left(&b, at(530000)), BODY);
}

static void
without_a_rate_any_byte_of_a_response_is_enough_but_not_of_a_request(
    void **state)
{
	const struct conf_upstream none = { .timeouts = upstream.timeouts };
	struct budget b;

	(void)state;
	budget_begin(&b, &none, at(0));
	budget_send(&b, at(0));
	budget_feed(&b, 1, at(24000));
	assert_int_equal(budget_left(&b, at(24000)), 1100);
	budget_head(&b);
	budget_run(&b, true, at(24000));
	budget_feed(&b, 1, at(83000));
	assert_int_equal(budget_left(&b, at(83000)), BODY);
	assert_int_equal(budget_left(&b, at(143000)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    all_that_passes_before_the_responses_head_counts),
		cmocka_unit_test(
		    time_in_which_only_the_client_is_waited_for_does_not),
		cmocka_unit_test(
		    bytes_give_back_what_they_cost_and_not_the_time_before),
		cmocka_unit_test(
		    who_takes_a_body_at_the_rate_may_take_for_ever),
		cmocka_unit_test(a_responses_body_has_a_budget_of_its_own),
		cmocka_unit_test(
	without_a_rate_any_byte_of_a_response_is_enough_but_not_of_a_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
