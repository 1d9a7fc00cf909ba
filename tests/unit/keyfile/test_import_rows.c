/*
 * Rows of a table of keys, judged as a whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "keyfile/import_rows.h"

/* "abc:defghijklmnop" and "abd:defghijklmnop" in base64. */
#define FIRST	"YWJjOmRlZmdoaWprbG1ub3A="
#define SECOND	"YWJkOmRlZmdoaWprbG1ub3A="

struct table {
	struct secret *text;
	struct csv csv;
	struct import import;
	struct key_new options;
	struct import_rows rows;
};

static void
judge(struct table *t, const char *text, const char *name)
{
	*t = (struct table){ .text = secret_copy(text, strlen(text)) };
	assert_int_equal(csv_parse(&t->csv, t->text), 0);
	import_understand(&t->import, &t->csv);
	assert_int_equal(t->import.n_keys, 1);
	t->options = (struct key_new){ .name = name,
		.expires = CONF_NO_TIME, .created = CONF_NO_TIME };
	t->rows = (struct import_rows){ .file = "t.csv", .csv = &t->csv,
		.import = &t->import, .options = &t->options };
	import_rows_judge(&t->rows);
}

static void
clear(struct table *t)
{
	import_rows_free(&t->rows);
	import_free(&t->import);
	csv_free(&t->csv);
	secret_free(t->text);
}

static void
assert_fault(const struct table *t, unsigned line, const char *text)
{
	assert_int_equal(t->rows.diagnostics.n_errors, 1);
	assert_true(conf_diagnostics_have(&t->rows.diagnostics, "t.csv", line,
	    text));
}

static void
each_row_is_a_key_with_its_name_and_times(void **state)
{
	struct table t;

	(void)state;
	judge(&t, "name,key,expires\na," FIRST ",2999-01-01\nb," SECOND
	    ",never\n", NULL);
	assert_int_equal(t.rows.diagnostics.n_errors, 0);
	assert_int_equal(t.rows.n, 2);
	assert_string_equal(t.rows.v[0].name, "a");
	assert_int_equal(t.rows.v[0].line, 2);
	assert_int_equal(t.rows.v[0].expires, 32472144000);
	assert_true(text_eq(secret_text(t.rows.v[1].value), TEXT(SECOND)));
	assert_int_equal(t.rows.v[1].expires, CONF_NO_TIME);
	clear(&t);
}

static void
two_keys_of_one_name_are_a_fault_of_the_second(void **state)
{
	struct table t;

	(void)state;
	judge(&t, "name,key\na," FIRST "\na," SECOND "\n", NULL);
	assert_fault(&t, 3,
	    "the key has the same name as that of line 2");
	clear(&t);
}

static void
a_given_name_is_for_one_key(void **state)
{
	struct table t;

	(void)state;
	judge(&t, "key\n" FIRST "\n", "mine");
	assert_int_equal(t.rows.diagnostics.n_errors, 0);
	assert_string_equal(t.rows.v[0].name, "mine");
	clear(&t);
	judge(&t, "key\n" FIRST "\n" SECOND "\n", "mine");
	assert_fault(&t, 3, "a second key, of 2, and --name is for one");
	clear(&t);
}

static void
keys_that_nothing_names_are_a_fault(void **state)
{
	struct table t;

	(void)state;
	judge(&t, "key\n" FIRST "\n", NULL);
	assert_fault(&t, 2,
	    "nothing names the key: give a name with --name");
	clear(&t);
}

static void
a_fault_shows_nothing_of_the_table(void **state)
{
	struct table t;

	(void)state;
	judge(&t, "name,key\n" SECOND "," FIRST "\n", NULL);
	assert_int_equal(t.rows.diagnostics.n_errors, 1);
	for (size_t i = 0; i < t.rows.diagnostics.n; i++) {
		assert_null(strstr(t.rows.diagnostics.v[i].text, FIRST));
		assert_null(strstr(t.rows.diagnostics.v[i].text, SECOND));
	}
	clear(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_is_a_key_with_its_name_and_times),
		cmocka_unit_test(
		    two_keys_of_one_name_are_a_fault_of_the_second),
		cmocka_unit_test(a_given_name_is_for_one_key),
		cmocka_unit_test(keys_that_nothing_names_are_a_fault),
		cmocka_unit_test(a_fault_shows_nothing_of_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
