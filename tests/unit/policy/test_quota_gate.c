/*
 * policy/quota_gate: when a key may be used whose quota is spent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "base/clock.h"
#include "policy/quota_gate.h"

#define NOW	(1000 * NS_PER_S)

static bool
tell(struct quota_gate *g, uint32_t remaining, uint32_t interval_s,
    int64_t asked, int64_t now)
{
	return quota_gate_tell(g, &(struct quota_told){
		.remaining = remaining, .limit = 20, .interval_s = interval_s,
	}, asked, now);
}

static unsigned
pass_all(struct quota_gate *g, bool waited, int64_t now, int64_t *wait)
{
	unsigned n = 0;

	while (n < 1000 && quota_gate_pass(g, waited, now, wait))
		n++;
	return n;
}

static void
a_gate_is_open_until_nothing_remains(void **state)
{
	struct quota_gate g = { .opens_at = 0 };
	int64_t wait;

	(void)state;
	assert_int_equal(pass_all(&g, false, NOW, &wait), 1000);
	assert_false(tell(&g, 1, 60, NOW, NOW));
	assert_int_equal(pass_all(&g, false, NOW, &wait), 1000);
	assert_int_equal(quota_gate_closed(&g, NOW), 0);
	assert_false(tell(&g, 0, 60, NOW, NOW));
	assert_int_equal(quota_gate_closed(&g, NOW), 60 * NS_PER_S);
	assert_int_equal(pass_all(&g, false, NOW + 60 * NS_PER_S, &wait),
	    1000);
}

static void
one_a_second_goes_through_a_closed_gate(void **state)
{
	struct quota_gate g = { .opens_at = 0 };
	int64_t wait;
	unsigned n = 0;

	(void)state;
	(void)tell(&g, 0, 60, NOW, NOW);
	assert_int_equal(pass_all(&g, true, NOW, &wait), 1);
	assert_int_equal(wait, NS_PER_S);
	for (int64_t ms = 1; ms < 10000; ms += 7)
		n += pass_all(&g, ms % 2 == 0, NOW + ms * NS_PER_MS, &wait);
	assert_int_equal(n, 9);
}

static void
a_window_that_is_not_known_is_ten_seconds(void **state)
{
	struct quota_gate g = { .opens_at = 0 };

	(void)state;
	(void)tell(&g, 0, 0, NOW, NOW);
	assert_int_equal(quota_gate_closed(&g, NOW), 10 * NS_PER_S);
	/* Nor is one longer than a day. */
	(void)tell(&g, 0, UINT32_MAX, NOW, NOW);
	assert_int_equal(quota_gate_closed(&g, NOW), 86400 * NS_PER_S);
}

static void
a_worker_that_was_taken_over_closes_no_gate_for_ever(void **state)
{
	struct quota_gate g = { .opens_at = INT64_MAX,
		.closed_at = INT64_MAX };
	int64_t wait;

	(void)state;
	assert_int_equal(quota_gate_closed(&g, NOW), 0);
	assert_int_equal(pass_all(&g, false, NOW, &wait), 1000);
	(void)tell(&g, 0, 60, NOW, NOW);
	assert_int_equal(quota_gate_closed(&g, NOW), 60 * NS_PER_S);
	/* Nor does it keep an answer from opening one. */
	g.closed_at = INT64_MAX;
	assert_true(tell(&g, 7, 60, NOW + 1, NOW + 2));
	assert_int_equal(quota_gate_closed(&g, NOW + 2), 0);
}

static void
what_was_asked_before_it_closed_opens_no_gate(void **state)
{
	struct quota_gate g = { .opens_at = 0 };

	(void)state;
	(void)tell(&g, 0, 60, NOW, NOW + 5);
	assert_false(tell(&g, 7, 60, NOW, NOW + 6));
	assert_true(quota_gate_closed(&g, NOW + 6) > 0);
	assert_true(tell(&g, 7, 60, NOW + 6, NOW + 7));
	assert_int_equal(quota_gate_closed(&g, NOW + 7), 0);
	/* It is told once. */
	assert_false(tell(&g, 6, 60, NOW + 8, NOW + 9));
}

/* Else all of them would spend the new window's quota at once, and more. */
static void
who_waited_goes_no_faster_than_the_quota(void **state)
{
	struct quota_gate g = { .opens_at = 0 };
	const int64_t open = NOW + 10 * NS_PER_S;
	int64_t wait;

	(void)state;
	(void)tell(&g, 0, 10, NOW, NOW);
	assert_int_equal(pass_all(&g, true, open, &wait), 20);
	assert_int_equal(wait, NS_PER_S / 2);
	assert_int_equal(pass_all(&g, true, open + 5 * NS_PER_S, &wait), 10);
	assert_int_equal(pass_all(&g, false, open, &wait), 1000);
	/* Others may have used a part of it. */
	(void)tell(&g, 0, 10, open, open);
	assert_true(tell(&g, 7, 10, open + 1, open + 2));
	/* The answers to those that go on count down what is left. */
	assert_false(tell(&g, 3, 10, open + 3, open + 4));
	assert_int_equal(pass_all(&g, true, open + 20 * NS_PER_S, &wait), 7);
}

/* They waited for another gate. */
static void
where_nothing_was_told_nobody_is_slowed_down(void **state)
{
	struct quota_gate g = { .opens_at = 0 };
	int64_t wait;

	(void)state;
	assert_int_equal(pass_all(&g, true, NOW, &wait), 1000);
	(void)tell(&g, 19, 10, NOW, NOW);
	assert_int_equal(pass_all(&g, true, NOW, &wait), 20);
	assert_int_equal(wait, NS_PER_S / 2);
}

static void
whatever_was_told_one_a_second_goes_through(void **state)
{
	struct quota_gate g = { .opens_at = 0 };
	const int64_t open = NOW + 2 * NS_PER_S;
	unsigned n = 0;
	int64_t wait;

	(void)state;
	/* As many as any service behind the API may tell. */
	(void)tell(&g, 0, 2, NOW, NOW);
	(void)tell(&g, 1, 86400, NOW + 1, NOW + 1);
	(void)pass_all(&g, true, NOW + 1, &wait);
	(void)tell(&g, 0, 2, NOW + 2, NOW + 2);
	assert_int_equal(pass_all(&g, true, NOW + NS_PER_S, &wait), 1);
	for (int64_t s = 0; s < 60; s++)
		n += pass_all(&g, true, open + s * NS_PER_S, &wait);
	assert_true(n >= 60);
	(void)tell(&g, 0, 60, open, open + 60 * NS_PER_S);
	n = 0;
	for (int64_t s = 60; s < 70; s++)
		n += pass_all(&g, true, open + s * NS_PER_S, &wait);
	assert_int_equal(n, 10);
}

/* One that was opened by an answer, with a window of which little is left. */
static void
who_waited_goes_no_slower_than_through_a_closed_gate(void **state)
{
	struct quota_gate g = { .opens_at = 0 };
	unsigned n = 0;
	int64_t wait;

	(void)state;
	(void)tell(&g, 0, 86400, NOW, NOW);
	assert_true(tell(&g, 1, 86400, NOW + 1, NOW + 1));
	for (int64_t s = 1; s <= 60; s++)
		n += pass_all(&g, true, NOW + s * NS_PER_S, &wait);
	assert_int_equal(n, 60);
}

static void
an_answer_from_before_it_closed_changes_no_pace(void **state)
{
	struct quota_gate g = { .opens_at = 0 };
	int64_t wait;

	(void)state;
	(void)tell(&g, 0, 10, NOW, NOW + 5);
	assert_false(tell(&g, 7, 86400, NOW, NOW + 6));
	assert_int_equal(pass_all(&g, true, NOW + 11 * NS_PER_S, &wait), 20);
	assert_int_equal(wait, NS_PER_S / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gate_is_open_until_nothing_remains),
		cmocka_unit_test(one_a_second_goes_through_a_closed_gate),
		cmocka_unit_test(a_window_that_is_not_known_is_ten_seconds),
		cmocka_unit_test(
		    a_worker_that_was_taken_over_closes_no_gate_for_ever),
		cmocka_unit_test(
		    what_was_asked_before_it_closed_opens_no_gate),
		cmocka_unit_test(who_waited_goes_no_faster_than_the_quota),
		cmocka_unit_test(where_nothing_was_told_nobody_is_slowed_down),
		cmocka_unit_test(whatever_was_told_one_a_second_goes_through),
		cmocka_unit_test(
		    who_waited_goes_no_slower_than_through_a_closed_gate),
		cmocka_unit_test(
		    an_answer_from_before_it_closed_changes_no_pace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
