/*
 * Unit tests of policy/key_idle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "policy/key_idle.h"

#define NOW	(100000 * NS_PER_S)
#define HOUR	(3600 * NS_PER_S)

/* When it is due, of a key that was used that long before now. */
static int64_t
due_after(int64_t since, uint32_t any)
{
	struct key_idle i = { .due_ns = 0 };

	assert_false(key_idle_is_due(&i, HOUR, since, NOW, any));
	assert_false(key_idle_is_due(&i, HOUR, since, i.due_ns - 1, any));
	return i.due_ns;
}

static void
it_is_due_when_nobody_used_it_for_the_interval(void **state)
{
	(void)state;
	assert_true(due_after(0, 0) == NOW + HOUR);
	assert_true(due_after(HOUR / 4, 0) == NOW + HOUR - HOUR / 4);
	assert_true(due_after(HOUR, 0) == NOW);
	assert_true(due_after(20 * HOUR, 0) == NOW);
	/* Nothing is known of it: it was not long ago. */
	assert_true(due_after(-1, 0) == NOW + HOUR);
}

static void
it_is_put_off_by_chance_and_never_put_forward(void **state)
{
	(void)state;
	for (uint32_t any = 0; any < 256; any++) {
		int64_t due = due_after(0, any);

		assert_true(due >= NOW + HOUR);
		assert_true(due <= NOW + HOUR + HOUR / 8);
	}
	assert_true(due_after(0, 255) > due_after(0, 1));
}

static void
use_puts_it_off(void **state)
{
	struct key_idle i = { .due_ns = 0 };

	(void)state;
	assert_false(key_idle_is_due(&i, HOUR, 0, NOW, 0));
	assert_false(key_idle_is_due(&i, HOUR, HOUR / 2, NOW + HOUR, 0));
	assert_true(i.due_ns == NOW + HOUR + HOUR / 2);
}

static void
it_is_due_once_in_each_interval(void **state)
{
	struct key_idle i = { .due_ns = 0 };
	unsigned n = 0;

	(void)state;
	for (int64_t s = 0; s <= 36000; s += 7)
		n += key_idle_is_due(&i, HOUR, -1, NOW + s * NS_PER_S,
		    (uint32_t)s);
	assert_in_range(n, 8, 10);
}

static void
a_shorter_interval_counts_at_once(void **state)
{
	struct key_idle i = { .due_ns = 0 };

	(void)state;
	assert_false(key_idle_is_due(&i, 24 * HOUR, 0, NOW, 0));
	assert_false(key_idle_is_due(&i, HOUR, 0, NOW, 0));
	assert_true(i.due_ns == NOW + HOUR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    it_is_due_when_nobody_used_it_for_the_interval),
		cmocka_unit_test(
		    it_is_put_off_by_chance_and_never_put_forward),
		cmocka_unit_test(use_puts_it_off),
		cmocka_unit_test(it_is_due_once_in_each_interval),
		cmocka_unit_test(a_shorter_interval_counts_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
