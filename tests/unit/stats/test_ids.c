/*
 * stats/ids: numbers for names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <stdio.h>

#include "stats/ids.h"

static uint32_t
id_of(struct ids *ids, struct text name)
{
	uint32_t id = UINT32_MAX;

	assert_true(ids_add(ids, name, &id));
	return id;
}

static void
numbers_follow_in_the_order_of_the_first_asking(void **state)
{
	struct ids *ids = ids_new(10);
	uint32_t id;

	(void)state;
	assert_int_equal(id_of(ids, TEXT("m")), 0);
	assert_int_equal(id_of(ids, TEXT("z")), 1);
	assert_int_equal(id_of(ids, TEXT("a")), 2);
	assert_int_equal(id_of(ids, TEXT("")), 3);
	assert_int_equal(id_of(ids, TEXT("mm")), 4);
	assert_int_equal(id_of(ids, TEXT("m\0m")), 5);
	assert_int_equal(id_of(ids, TEXT("m")), 0);
	assert_int_equal(id_of(ids, TEXT("mm")), 4);
	assert_int_equal(ids_count(ids), 6);
	assert_true(ids_find(ids, TEXT("a"), &id));
	assert_int_equal(id, 2);
	assert_false(ids_find(ids, TEXT("b"), &id));
	assert_false(ids_find(ids, TEXT("zz"), &id));
	assert_int_equal(ids_count(ids), 6);
	ids_free(ids);
	ids_free(NULL);
}

static void
a_full_table_still_knows_its_names(void **state)
{
	struct ids *ids = ids_new(2);
	uint32_t id;

	(void)state;
	(void)id_of(ids, TEXT("a"));
	(void)id_of(ids, TEXT("b"));
	assert_false(ids_add(ids, TEXT("c"), &id));
	assert_int_equal(id_of(ids, TEXT("b")), 1);
	ids_free(ids);
}

static void
what_is_taken_back_was_never_there(void **state)
{
	struct ids *ids = ids_new(3);

	(void)state;
	(void)id_of(ids, TEXT("m"));
	(void)id_of(ids, TEXT("a"));
	(void)id_of(ids, TEXT("z"));
	ids_keep(ids, 1);
	assert_int_equal(ids_count(ids), 1);
	assert_int_equal(id_of(ids, TEXT("z")), 1);
	assert_int_equal(id_of(ids, TEXT("m")), 0);
	ids_free(ids);
}

static void
many_names_keep_their_numbers(void **state)
{
	struct ids *ids = ids_new(5000);
	char name[16];

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 5000; i++) {
			(void)snprintf(name, sizeof(name), "%u", i * 7919u);
			assert_int_equal(id_of(ids, text_of(name)), i);
		}
	}
	ids_free(ids);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    numbers_follow_in_the_order_of_the_first_asking),
		cmocka_unit_test(a_full_table_still_knows_its_names),
		cmocka_unit_test(what_is_taken_back_was_never_there),
		cmocka_unit_test(many_names_keep_their_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
