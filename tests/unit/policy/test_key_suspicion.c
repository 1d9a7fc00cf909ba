/*
 * Unit tests of policy/key_suspicion.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "policy/key_suspicion.h"

#define NOW	(1000 * NS_PER_S)

static void
a_suspected_key_is_probed_at_once_and_once(void **state)
{
	struct key_suspicion s = { .pending = false };

	(void)state;
	assert_true(key_suspicion_next(&s) == INT64_MAX);
	key_suspicion_raise(&s, NOW);
	assert_true(key_suspicion_is_due(&s, NOW));
	assert_true(key_suspicion_next(&s) == NOW);
	key_suspicion_asked(&s, NOW);
	assert_false(key_suspicion_is_due(&s, NOW));
	key_suspicion_raise(&s, NOW + 1);
	assert_false(key_suspicion_is_due(&s, NOW + 1));
}

static void
a_key_that_was_cleared_is_not_suspected_for_a_minute(void **state)
{
	static const enum key_answer answers[] = {
		KEY_ACCEPTED, KEY_UNCLEAR,
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct key_suspicion s = { .pending = false };

		key_suspicion_raise(&s, NOW);
		key_suspicion_asked(&s, NOW);
		key_suspicion_answered(&s, answers[i], NOW, 0);
		assert_true(key_suspicion_next(&s) == INT64_MAX);
		key_suspicion_raise(&s, NOW + 59 * NS_PER_S);
		assert_false(key_suspicion_is_due(&s, NOW + 59 * NS_PER_S));
		key_suspicion_raise(&s, NOW + 60 * NS_PER_S);
		assert_true(key_suspicion_is_due(&s, NOW + 60 * NS_PER_S));
	}
}

static void
a_rejected_key_is_probed_at_growing_intervals(void **state)
{
	struct key_suspicion s = { .pending = false };
	int64_t now = NOW, pause, last = 0;

	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		key_suspicion_asked(&s, now);
		/* That nobody answers changes nothing. */
		key_suspicion_answered(&s, i % 3 == 1 ? KEY_UNCLEAR :
		    KEY_REJECTED, now, 0);
		assert_false(key_suspicion_is_due(&s, now));
		pause = key_suspicion_next(&s) - now;
		assert_true(pause > last || pause == 600 * NS_PER_S);
		assert_true(pause <= 600 * NS_PER_S);
		last = pause;
		now += pause;
		assert_true(key_suspicion_is_due(&s, now));
	}
	key_suspicion_asked(&s, now);
	key_suspicion_answered(&s, KEY_ACCEPTED, now, 0);
	assert_true(key_suspicion_next(&s) == INT64_MAX);
}

static void
a_key_that_came_back_in_doubt_is_suspected_at_once_and_its_pauses_go_on(
    void **state)
{
	struct key_suspicion s = { .pending = false };
	int64_t now = NOW, pause, last = 0;

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		key_suspicion_asked(&s, now);
		key_suspicion_answered(&s, KEY_REJECTED, now, 0);
		pause = key_suspicion_next(&s) - now;
		assert_true(pause > last);
		last = pause;
		now += pause;
		key_suspicion_asked(&s, now);
		key_suspicion_answered(&s, KEY_ASTRAY, now, 0);
		assert_true(key_suspicion_next(&s) == INT64_MAX);
		assert_true(key_suspicion_raise(&s, now));
	}
	/* It worked meanwhile: the next rejection is another one. */
	key_suspicion_asked(&s, now);
	key_suspicion_answered(&s, KEY_UNCLEAR, now, 0);
	now += 3600 * NS_PER_S;
	key_suspicion_asked(&s, now);
	key_suspicion_answered(&s, KEY_REJECTED, now, 0);
	assert_true(key_suspicion_next(&s) - now < last);
}

static void
failures_within_the_pause_do_not_prolong_it(void **state)
{
	struct key_suspicion s = { .pending = false };
	int64_t due;

	(void)state;
	key_suspicion_asked(&s, NOW);
	key_suspicion_answered(&s, KEY_REJECTED, NOW, 0);
	due = key_suspicion_next(&s);
	for (int64_t at = NOW; at < due; at += NS_PER_S)
		key_suspicion_raise(&s, at);
	assert_true(key_suspicion_next(&s) == due);
}

static void
what_may_be_sent_again_has_its_least_pause_and_nothing_clears_it(void **state)
{
	struct key_suspicion s = { .pending = false }, cleared = s;
	int64_t now = NOW, least;

	(void)state;
	key_suspicion_asked(&s, now);
	key_suspicion_answered(&s, KEY_REJECTED, now, 0);
	least = key_suspicion_next(&s) - now;
	for (unsigned i = 0; i < 12; i++) {
		now = key_suspicion_next(&s);
		key_suspicion_asked(&s, now);
		key_suspicion_answered(&s, KEY_UNCLEAR, now, 0);
	}
	assert_true(key_suspicion_next(&s) - now > 10 * least);
	key_suspicion_resume(&s, true, now, 0);
	assert_true(key_suspicion_next(&s) - now == least);
	/* One that is not rejected is only suspected. */
	key_suspicion_asked(&cleared, now);
	key_suspicion_answered(&cleared, KEY_UNCLEAR, now, 0);
	assert_false(key_suspicion_raise(&cleared, now));
	key_suspicion_resume(&cleared, false, now, 0);
	assert_true(key_suspicion_next(&cleared) == INT64_MAX);
	assert_true(key_suspicion_raise(&cleared, now));
}

static void
an_answer_that_does_not_come_is_late(void **state)
{
	struct key_suspicion s = { .pending = false };
	int64_t late;

	(void)state;
	key_suspicion_raise(&s, NOW);
	key_suspicion_asked(&s, NOW);
	late = key_suspicion_next(&s);
	assert_true(late > NOW && late < INT64_MAX);
	assert_false(key_suspicion_is_late(&s, late - 1));
	assert_true(key_suspicion_is_late(&s, late));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_suspected_key_is_probed_at_once_and_once),
		cmocka_unit_test(
		    a_key_that_was_cleared_is_not_suspected_for_a_minute),
		cmocka_unit_test(
		    a_key_that_came_back_in_doubt_is_suspected_at_once_and_its_pauses_go_on),
		cmocka_unit_test(a_rejected_key_is_probed_at_growing_intervals),
		cmocka_unit_test(failures_within_the_pause_do_not_prolong_it),
		cmocka_unit_test(
		    what_may_be_sent_again_has_its_least_pause_and_nothing_clears_it),
		cmocka_unit_test(an_answer_that_does_not_come_is_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
