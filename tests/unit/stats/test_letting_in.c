/*
 * Unit tests of stats/letting_in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stats/letting_in.h"

/* Without workers, so that two need no more slots than one. */
static char names[3][2] = { "a", "b", "c" };
static struct conf_listener listeners[] = { { .name = names[0] },
    { .name = names[1] }, { .name = names[2] } };
static const struct conf first = { .listeners = listeners, .n_listeners = 2 };
static const struct conf next = { .listeners = &listeners[1],
    .n_listeners = 2 };

struct fixture {
	struct stats_memory *memory;
	struct stats *first, *next;
};

static int
setup(void **state)
{
	static struct fixture f;
	char why[200];

	f.memory = stats_memory_new(1, why, sizeof(why));
	assert_non_null(f.memory);
	f.first = stats_new(f.memory, &first, why, sizeof(why));
	f.next = stats_new(f.memory, &next, why, sizeof(why));
	assert_true(f.first != NULL && f.next != NULL);
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	stats_free(f->first);
	stats_free(f->next);
	stats_memory_free(f->memory);
	return 0;
}

static void
a_generation_is_followed_when_the_next_lets_in(void **state)
{
	const struct fixture *f = *state;

	assert_false(stats_is_followed(f->first));
	stats_let_in(f->first);
	assert_false(stats_is_followed(f->first));
	assert_false(stats_is_followed(f->next));
	stats_let_in(f->next);
	assert_true(stats_is_followed(f->first));
	assert_false(stats_is_followed(f->next));
}

static void
who_only_reads_sees_what_is_trusted(void **state)
{
	const struct fixture *f = *state;
	struct stats *reader = stats_new_reader(f->memory,
	    stats_numbers(f->first));

	assert_int_equal(stats_trust(reader, 1), 0);
	stats_set_trust(f->first, 1, 5);
	assert_int_equal(stats_trust(reader, 1), 5);
	stats_free(reader);
}

/* A listener is the same by its name, wherever it stands. */
static void
trust_is_that_of_a_listener_in_each_generation(void **state)
{
	const struct fixture *f = *state;

	for (size_t i = 0; i < 2; i++)
		assert_int_equal(stats_trust(f->first, i), 0);
	stats_set_trust(f->first, 0, 3);
	stats_set_trust(f->next, 0, STATS_TRUST_NONE);
	stats_set_trust(f->next, 1, 7);
	assert_int_equal(stats_trust(f->first, 0), 3);
	assert_true(stats_trust(f->first, 1) == STATS_TRUST_NONE);
	assert_int_equal(stats_trust(f->next, 1), 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_generation_is_followed_when_the_next_lets_in, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    who_only_reads_sees_what_is_trusted, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    trust_is_that_of_a_listener_in_each_generation, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
