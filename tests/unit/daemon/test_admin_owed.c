/*
 * daemon/admin_owed: results of commands that are owed to admin processes.
 */
#include "daemon/admin_owed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>

static void
results_are_taken_in_the_order_in_which_they_were_asked_for(void **state)
{
	struct admin_debts d = { .list = NULL };
	uint64_t one = admin_debts_add(&d, 7, 1, false),
	    two = admin_debts_add(&d, 8, 1, true);
	struct admin_owed owed;

	(void)state;
	assert_false(admin_debts_take(&d, &owed));
	admin_debts_settle(&d, two, ADMIN_DONE, "b");
	admin_debts_settle(&d, one, ADMIN_REFUSED, "a");
	assert_true(admin_debts_take(&d, &owed));
	assert_int_equal(owed.serial, 7);
	assert_int_equal(owed.outcome, ADMIN_REFUSED);
	assert_string_equal(owed.text, "a");
	free(owed.text);
	assert_true(admin_debts_take(&d, &owed));
	assert_int_equal(owed.serial, 8);
	free(owed.text);
	assert_false(admin_debts_take(&d, &owed));
	admin_debts_release(&d);
}

static void
those_of_other_commands_take_no_place_of_urgent_ones(void **state)
{
	struct admin_debts d = { .list = NULL };
	struct admin_owed owed;
	uint64_t first = 0;

	(void)state;
	for (unsigned i = 0; i < ADMIN_OWED; i++)
		assert_int_not_equal(admin_debts_add(&d, 1, i, false), 0);
	assert_int_equal(admin_debts_add(&d, 1, 0, false), 0);
	for (unsigned i = 0; i < ADMIN_OWED; i++) {
		uint64_t id = admin_debts_add(&d, 1, i, true);

		assert_int_not_equal(id, 0);
		first = first != 0 ? first : id;
	}
	assert_int_equal(admin_debts_add(&d, 1, 0, true), 0);
	/* The place that is free then is one for its kind. */
	admin_debts_settle(&d, first, ADMIN_DONE, "");
	assert_true(admin_debts_take(&d, &owed));
	free(owed.text);
	assert_int_equal(admin_debts_add(&d, 1, 0, false), 0);
	assert_int_not_equal(admin_debts_add(&d, 1, 0, true), 0);
	admin_debts_release(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    results_are_taken_in_the_order_in_which_they_were_asked_for),
		cmocka_unit_test(
		    those_of_other_commands_take_no_place_of_urgent_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
