/*
 * Unit tests of stats/decided.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/key_state.h"
#include "stats/decided.h"
#include "stats_conf.h"

static int
setup(void **state)
{
	*state = stats_conf(1, 2, 1, 0);
	return 0;
}

static int
teardown(void **state)
{
	stats_conf_free(*state);
	return 0;
}

static uint32_t
number_of(const struct stats *f, size_t key)
{
	return stats_numbers(f)->keys[key];
}

static void
nothing_is_decided_at_first(void **state)
{
	struct stats *f = stats_new_alone(*state);

	assert_int_equal(stats_key_off(f, 0), 0);
	assert_int_equal(stats_key_promoted(f, 0), 0);
	assert_int_equal(stats_key_changes(f), 0);
	stats_free(f);
}

static void
a_decision_is_seen_by_each_name_of_the_value_and_no_other(void **state)
{
	struct conf *conf = *state;
	struct stats *f;

	secret_free(conf->keys[1].value);
	conf->keys[1].value = secret_copy("key0", 4);
	f = stats_new_alone(conf);
	assert_true(stats_key_is_same(f, 0, 1));
	stats_decide(stats_shared(f), number_of(f, 0),
	    (struct stats_decision){
		.facts = KEY_OFF_REJECTED | KEY_LISTED,
		.promoted = 3,
		.rejected_ns = 7,
	    });
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(stats_key_off(f, i), KEY_OFF_REJECTED);
		assert_int_equal(stats_key_facts(f, i),
		    KEY_OFF_REJECTED | KEY_LISTED);
		assert_int_equal(stats_key_promoted(f, i), 3);
		assert_int_equal(stats_key_rejected_ns(f, i), 7);
	}
	assert_int_equal(stats_key_changes(f), 1);
	stats_free(f);
}

static void
other_values_are_not_concerned(void **state)
{
	struct stats *f = stats_new_alone(*state);

	assert_false(stats_key_is_same(f, 0, 1));
	stats_decide(stats_shared(f), number_of(f, 1),
	    (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	assert_int_equal(stats_key_off(f, 0), 0);
	assert_int_equal(stats_key_off(f, 1), KEY_OFF_DISABLED);
	stats_free(f);
}

static void
a_decision_outlives_configurations_without_the_value(void **state)
{
	char why[256];
	struct stats_memory *m = stats_memory_new(10, why, sizeof(why));
	struct conf *other = stats_conf(1, 2, 1, 5);
	struct stats *f;

	assert_non_null(m);
	f = stats_new(m, *state, why, sizeof(why));
	stats_decide(m, number_of(f, 1),
	    (struct stats_decision){ .facts = KEY_OFF_DISABLED });
	stats_free(f);
	f = stats_new(m, other, why, sizeof(why));
	assert_int_equal(stats_key_off(f, 0), 0);
	assert_int_equal(stats_key_off(f, 1), 0);
	stats_free(f);
	f = stats_new(m, *state, why, sizeof(why));
	assert_int_equal(stats_key_off(f, 0), 0);
	assert_int_equal(stats_key_off(f, 1), KEY_OFF_DISABLED);
	stats_free(f);
	stats_memory_free(m);
	stats_conf_free(other);
}

#define TEST(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_decided_at_first),
		TEST(a_decision_is_seen_by_each_name_of_the_value_and_no_other),
		TEST(other_values_are_not_concerned),
		TEST(a_decision_outlives_configurations_without_the_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
