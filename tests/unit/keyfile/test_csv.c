/*
 * Tables: read as spreadsheets write them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "keyfile/csv.h"

struct table {
	struct secret *text;
	struct csv csv;
	size_t broken;
};

static struct table
read_table(const char *text)
{
	struct table t = { .text = secret_copy(text, strlen(text)) };

	t.broken = csv_parse(&t.csv, t.text);
	return t;
}

static void
free_table(struct table *t)
{
	csv_free(&t->csv);
	secret_free(t->text);
}

static void
assert_cell(const struct table *t, size_t row, size_t column, const char *is)
{
	struct text c = csv_cell(&t->csv, row, column);
	char *cell = xstrndup(c.p, c.n);

	assert_string_equal(cell, is);
	free(cell);
}

static void
cells_are_separated_by_what_the_first_line_uses(void **state)
{
	static const char *const texts[] = {
		"a,b c,d\n1,2,3\n", "a;b c;d\r\n1;2;3\r\n",
		"a\tb c\td\n1\t2\t3", "a|b c|d\r1|2|3\r",
		"\xef\xbb\xbf\"a\",\"b c\",\"d\"\r\n\r\n1, 2 , \"3\"\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct table t = read_table(texts[i]);

		assert_int_equal(t.broken, 0);
		assert_int_equal(t.csv.n_rows, 2);
		assert_int_equal(csv_width(&t.csv, 0), 3);
		assert_cell(&t, 0, 1, "b c");
		assert_cell(&t, 1, 0, "1");
		assert_cell(&t, 1, 1, "2");
		assert_cell(&t, 1, 2, "3");
		assert_cell(&t, 1, 9, "");
		free_table(&t);
	}
}

static void
quoted_cells_may_hold_anything(void **state)
{
	struct table t = read_table(
	    "\"a,b\",\"c\"\"d\"\n\"two\nlines\",\"\"\n");

	(void)state;
	assert_int_equal(t.broken, 0);
	assert_cell(&t, 0, 0, "a,b");
	assert_cell(&t, 0, 1, "c\"d");
	assert_cell(&t, 1, 0, "two\nlines");
	assert_cell(&t, 1, 1, "");
	free_table(&t);
}

static void
a_quote_that_is_never_closed_is_found(void **state)
{
	struct table t = read_table("a,b\nc,\"d\n\n");

	(void)state;
	assert_int_equal(t.broken, 2);
	free_table(&t);
}

static void
cells_know_their_lines(void **state)
{
	struct table t = read_table("a,\"b\nb\",c\r\n\r\nd,e\rf,\"g\r\n\"\n"
	    "h,i");

	(void)state;
	assert_int_equal(csv_line(&t.csv, 0, 0), 1);
	assert_int_equal(csv_line(&t.csv, 0, 1), 1);
	assert_int_equal(csv_line(&t.csv, 0, 2), 2);
	assert_int_equal(csv_line(&t.csv, 1, 0), 4);
	assert_int_equal(csv_line(&t.csv, 1, 9), 4);
	assert_int_equal(csv_line(&t.csv, 2, 1), 5);
	assert_int_equal(csv_line(&t.csv, 3, 0), 7);
	csv_transpose(&t.csv);
	assert_int_equal(csv_line(&t.csv, 1, 3), 7);
	free_table(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    cells_are_separated_by_what_the_first_line_uses),
		cmocka_unit_test(quoted_cells_may_hold_anything),
		cmocka_unit_test(a_quote_that_is_never_closed_is_found),
		cmocka_unit_test(cells_know_their_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
