/*
 * policy/key_revoke: when nobody notices that a key was revoked.
 */
#include "policy/key_revoke.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define NOW	1000000

static const struct key_revoke_facts quiet = {
	.listed = true, .worst = KEY_STAND_BEHIND, .last_used = NOW - 60,
};

static void
what_another_took_over_from_is_behind_it(void **state)
{
	struct key_line l = { .its = 0, .serving = 1, .off = true };

	(void)state;
	assert_int_equal(key_stand(&l), KEY_STAND_BEHIND);
	l.off = false;
	assert_int_equal(key_stand(&l), KEY_STAND_BEHIND);
	l = (struct key_line){ .its = 2, .serving = 1, .off = true };
	assert_int_equal(key_stand(&l), KEY_STAND_BEHIND);
}

static void
what_would_take_over_is_next(void **state)
{
	struct key_line l = { .its = 1, .serving = 0 };

	(void)state;
	assert_int_equal(key_stand(&l), KEY_STAND_NEXT);
	l.its = 2;
	assert_int_equal(key_stand(&l), KEY_STAND_NEXT);
}

/* Also where it serves though it is off, for a while. */
static void
the_one_that_serves_does_so_under_each_name(void **state)
{
	struct key_line l = { .its = 0, .serving = 0, .is_same = true };

	(void)state;
	assert_int_equal(key_stand(&l), KEY_STAND_SERVES);
	l.serving = 1;
	assert_int_equal(key_stand(&l), KEY_STAND_SERVES);
	l = (struct key_line){ .is_same = true, .off = true,
		.serving_off = true };
	assert_int_equal(key_stand(&l), KEY_STAND_SERVES);
}

/* As one that was rejected does for a minute where it was the last one. */
static void
one_that_is_off_takes_over_from_none_though_it_serves(void **state)
{
	struct key_line l = { .its = 0, .serving = 1, .off = true,
		.serving_off = true };
	struct key_revoke_facts f = quiet;

	(void)state;
	assert_int_equal(key_stand(&l), KEY_STAND_BRIEF);
	f.worst = KEY_STAND_BRIEF;
	assert_int_equal(key_revoke_judge(&f, NOW), KEY_REVOKE_BRIEF);
	assert_false(key_revoke_is_safe(KEY_REVOKE_BRIEF));
	assert_true(key_revoke_is_of_route(KEY_REVOKE_BRIEF));
}

static void
where_none_serves_it_is_alone(void **state)
{
	const struct key_line l = { .serving = SIZE_MAX, .off = true };

	(void)state;
	assert_int_equal(key_stand(&l), KEY_STAND_ALONE);
}

static void
one_that_a_proxy_is_sent_is_never_safe(void **state)
{
	struct key_revoke_facts f = { .of_proxy = true };

	(void)state;
	assert_int_equal(key_revoke_judge(&f, NOW), KEY_REVOKE_PROXY);
	assert_false(key_revoke_is_safe(KEY_REVOKE_PROXY));
	f = quiet;
	f.of_proxy = true;
	assert_int_equal(key_revoke_judge(&f, NOW), KEY_REVOKE_PROXY);
}

static void
one_that_was_left_behind_is_safe_after_a_minute(void **state)
{
	struct key_revoke_facts f = quiet;

	(void)state;
	assert_int_equal(key_revoke_judge(&f, NOW), KEY_REVOKE_SAFE);
	assert_int_equal(key_revoke_judge(&f, NOW - 1), KEY_REVOKE_LATELY);
	/* The clock was set back. */
	assert_int_equal(key_revoke_judge(&f, NOW - 3600), KEY_REVOKE_LATELY);
	f.last_used = 0;
	assert_int_equal(key_revoke_judge(&f, NOW), KEY_REVOKE_SAFE);
}

static void
no_route_may_need_it(void **state)
{
	struct key_revoke_facts f = quiet;

	(void)state;
	f.worst = KEY_STAND_SERVES;
	assert_int_equal(key_revoke_judge(&f, NOW), KEY_REVOKE_SERVES);
	f.worst = KEY_STAND_ALONE;
	assert_int_equal(key_revoke_judge(&f, NOW), KEY_REVOKE_ALONE);
	f.worst = KEY_STAND_NEXT;
	assert_int_equal(key_revoke_judge(&f, NOW), KEY_REVOKE_NEXT);
	f.listed = false;
	assert_int_equal(key_revoke_judge(&f, NOW), KEY_REVOKE_UNLISTED);
}

static void
nothing_may_be_under_way_with_it(void **state)
{
	struct key_revoke_facts f = quiet;

	(void)state;
	f.running = 1;
	assert_int_equal(key_revoke_judge(&f, NOW), KEY_REVOKE_RUNNING);
	f.listed = false;
	assert_int_equal(key_revoke_judge(&f, NOW), KEY_REVOKE_RUNNING);
	f.running = 0;
	f.old_workers = true;
	assert_int_equal(key_revoke_judge(&f, NOW), KEY_REVOKE_OLD_WORKERS);
}

static void
each_verdict_is_safe_or_not_and_has_its_words(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= KEY_REVOKE_LATELY; i++) {
		enum key_revoke r = (enum key_revoke)i;

		assert_int_equal(key_revoke_is_safe(r),
		    i <= KEY_REVOKE_UNLISTED);
		assert_non_null(key_revoke_words(r));
		assert_false(key_revoke_is_safe(r) &&
		    key_revoke_is_of_route(r));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_another_took_over_from_is_behind_it),
		cmocka_unit_test(what_would_take_over_is_next),
		cmocka_unit_test(the_one_that_serves_does_so_under_each_name),
		cmocka_unit_test(
		    one_that_is_off_takes_over_from_none_though_it_serves),
		cmocka_unit_test(where_none_serves_it_is_alone),
		cmocka_unit_test(one_that_a_proxy_is_sent_is_never_safe),
		cmocka_unit_test(one_that_was_left_behind_is_safe_after_a_minute),
		cmocka_unit_test(no_route_may_need_it),
		cmocka_unit_test(nothing_may_be_under_way_with_it),
		cmocka_unit_test(each_verdict_is_safe_or_not_and_has_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
