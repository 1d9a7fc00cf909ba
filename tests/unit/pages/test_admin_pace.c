/* Counts of the last minute. */
#include "pages/admin_pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void
count_fault(struct stats_memory *memory)
{
	STATS_ADD(&stats_memory_parent(memory)->faults[FAULT_NO_ROUTE], 1);
}

/* It is looked at twelve times in a minute. */
static void
what_is_older_than_a_minute_does_not_count(void **state)
{
	const struct stats_numbers numbers = { .n_routes = 0 };
	struct loop *loop = loop_new();
	struct stats_memory *memory;
	struct admin_pace *pace;
	char why[200];

	(void)state;
	memory = stats_memory_new(1, why, sizeof(why));
	assert_non_null(memory);
	count_fault(memory);
	pace = admin_pace_new(loop, memory, &numbers);
	assert_int_equal(admin_pace_fault(pace, FAULT_NO_ROUTE, 1), 0);
	count_fault(memory);
	for (unsigned i = 1; i < 12; i++) {
		assert_int_equal(admin_pace_fault(pace, FAULT_NO_ROUTE, 2), 1);
		admin_pace_look(pace);
	}
	assert_int_equal(admin_pace_fault(pace, FAULT_NO_ROUTE, 2), 1);
	admin_pace_look(pace);
	assert_int_equal(admin_pace_fault(pace, FAULT_NO_ROUTE, 2), 0);
	/* It never falls. */
	assert_int_equal(admin_pace_fault(pace, FAULT_NO_ROUTE, 0), 0);
	admin_pace_free(pace);
	stats_memory_free(memory);
	loop_free(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_older_than_a_minute_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
