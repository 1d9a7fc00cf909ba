/*
 * policy/foreign_use: a quota that falls faster than we send.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "base/clock.h"
#include "policy/foreign_use.h"

#define NOW	(1000 * NS_PER_S)
#define HOUR	(3600 * NS_PER_S)

static bool
told(struct foreign_use *f, uint32_t remaining, int64_t now)
{
	return foreign_use_told(f, remaining, 100, now);
}

/* One of ours, of which the answer says what remains. */
static bool
ask(struct foreign_use *f, uint32_t remaining, int64_t now)
{
	bool seen;

	foreign_use_sent(f);
	seen = told(f, remaining, now);
	foreign_use_ended(f);
	return seen;
}

static void
our_own_use_is_none(void **state)
{
	struct foreign_use f = { .sent = 0 };

	(void)state;
	f.sent = f.ended = UINT32_MAX - 20;	/* they may wrap */
	for (unsigned window = 0; window < 3; window++) {
		for (uint32_t left = 100; left-- > 0;)
			assert_false(ask(&f, left, NOW));
	}
}

static void
answers_may_overtake_each_other(void **state)
{
	struct foreign_use f = { .sent = 0 };

	(void)state;
	assert_false(ask(&f, 99, NOW));
	for (unsigned i = 0; i < 50; i++)
		foreign_use_sent(&f);
	/* The last one's comes first. */
	assert_false(told(&f, 49, NOW));
	for (uint32_t left = 98; left > 49; left--) {
		foreign_use_ended(&f);
		assert_false(told(&f, left, NOW));
	}
}

static void
another_s_use_is_told_once_in_an_episode(void **state)
{
	struct foreign_use f = { .sent = 0 };

	(void)state;
	assert_false(ask(&f, 99, NOW));
	assert_false(ask(&f, 90, NOW));		/* it may be a mistake */
	assert_true(ask(&f, 60, NOW));
	assert_false(ask(&f, 20, NOW));
	assert_false(ask(&f, 99, NOW + 60 * NS_PER_S));
	assert_false(ask(&f, 40, NOW + HOUR));
	assert_false(ask(&f, 99, NOW + HOUR));
	assert_true(ask(&f, 40, NOW + 3 * HOUR));
}

static void
slow_use_adds_up_within_a_window(void **state)
{
	struct foreign_use f = { .sent = 0 };
	unsigned n = 0;

	(void)state;
	for (uint32_t left = 98; left > 60; left -= 2)
		n += ask(&f, left, NOW);
	assert_int_equal(n, 1);
}

static void
requests_without_an_answer_are_ours_nevertheless(void **state)
{
	struct foreign_use f = { .sent = 0 };

	(void)state;
	assert_false(ask(&f, 99, NOW));
	for (unsigned i = 0; i < 50; i++) {
		foreign_use_sent(&f);
		foreign_use_ended(&f);
	}
	assert_false(ask(&f, 48, NOW));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_use_is_none),
		cmocka_unit_test(answers_may_overtake_each_other),
		cmocka_unit_test(another_s_use_is_told_once_in_an_episode),
		cmocka_unit_test(slow_use_adds_up_within_a_window),
		cmocka_unit_test(
		    requests_without_an_answer_are_ours_nevertheless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
