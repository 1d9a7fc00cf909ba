/*
 * The field list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>

#include "http/fields.h"

static void
every_name_of_the_table_is_known_in_any_case(void **state)
{
	(void)state;
	for (enum field_id id = FIELD_OTHER + 1;
	    id <= FIELD_ACCESS_CONTROL_REQUEST_HEADERS; id++) {
		struct text name = field_name(id);
		char upper[64];

		assert_int_equal(field_id_of(name), id);
		for (size_t i = 0; i < name.n; i++)
			upper[i] = (char)toupper((unsigned char)name.p[i]);
		name.p = upper;
		assert_int_equal(field_id_of(name), id);
		/* Its neighbours are others. */
		upper[0]++;
		assert_int_equal(field_id_of(name), FIELD_OTHER);
		upper[0]--;
		upper[name.n - 1]++;
		assert_int_equal(field_id_of(name), FIELD_OTHER);
	}
}

static void
names_of_every_length_are_looked_up_safely(void **state)
{
	char name[100];

	(void)state;
	memset(name, 'q', sizeof(name));
	for (size_t n = 0; n <= sizeof(name); n++)
		assert_int_equal(field_id_of((struct text){ name, n }),
		    FIELD_OTHER);
}

static void
add(struct fields *list, const char *name, const char *value)
{
	fields_add(list, field_id_of(text_of(name)), text_of(name),
	    text_of(value));
}

static void
fields_are_found_in_their_order(void **state)
{
	struct fields list = { .v = NULL };

	(void)state;
	add(&list, "x-a", "1");
	add(&list, "Te", "2");
	add(&list, "X-A", "3");
	add(&list, "te", "4");
	assert_int_equal(fields_count(&list, FIELD_TE), 2);
	assert_int_equal(fields_count(&list, FIELD_DATE), 0);
	assert_string_equal(fields_find(&list, FIELD_TE)->value.p, "2");
	assert_null(fields_find(&list, FIELD_DATE));
	fields_clear(&list);
	assert_null(fields_find(&list, FIELD_TE));
	fields_release(&list);
}

static void
the_list_grows(void **state)
{
	struct fields list = { .v = NULL };

	(void)state;
	for (int i = 0; i < 1000; i++)
		add(&list, i % 2 ? "te" : "x", "v");
	assert_int_equal(list.n, 1000);
	assert_int_equal(fields_count(&list, FIELD_TE), 500);
	fields_release(&list);
	assert_int_equal(list.n, 0);
}

static void
members_are_walked_across_fields_without_empty_ones(void **state)
{
	struct fields list = { .v = NULL };
	struct field_cursor at = { .next = 0 };
	struct text m;
	static const char *const want[] = { "a", "b c", "close", "d" };
	size_t n = 0;

	(void)state;
	add(&list, "Connection", " a ,\t, b c,");
	add(&list, "X", "no");
	add(&list, "connection", "");
	add(&list, "connection", ",");
	add(&list, "CONNECTION", "close,d");
	while (fields_next_member(&list, FIELD_CONNECTION, &at, &m))
		assert_true(n < 4 && text_eq(m, text_of(want[n++])));
	assert_int_equal(n, 4);
	assert_true(fields_have_token(&list, FIELD_CONNECTION, TEXT("CLOSE")));
	assert_false(fields_have_token(&list, FIELD_CONNECTION, TEXT("b")));
	assert_false(fields_have_token(&list, FIELD_TE, TEXT("no")));
	fields_release(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_of_the_table_is_known_in_any_case),
		cmocka_unit_test(names_of_every_length_are_looked_up_safely),
		cmocka_unit_test(fields_are_found_in_their_order),
		cmocka_unit_test(the_list_grows),
		cmocka_unit_test(
		    members_are_walked_across_fields_without_empty_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
