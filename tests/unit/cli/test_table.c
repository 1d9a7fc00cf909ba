/*
 * Tables for people: widths, cuts, and what is left out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "base/alloc.h"
#include "cli/table.h"

static const struct table_column columns[] = {
	{ .name = "NAME", .bends = true },
	{ .name = "N", .right = true },
	{ .name = "NOTE", .bends = true },
};

/* Two rows, of six cells, in that width. */
static void
assert_table(const char *const *cells, size_t width, const char *expected)
{
	struct table t;
	struct buf out;

	table_init(&t, columns, 3);
	for (size_t i = 0; i < 6; i++)
		table_add(&t, xstrdup(cells[i]));
	buf_init(&out, NULL);
	table_format(&t, width, &out);
	buf_append(&out, "", 1);
	assert_string_equal((char *)buf_data(&out), expected);
	buf_release(&out);
	table_free(&t);
}

static void
columns_are_as_wide_as_their_widest_cell(void **state)
{
	(void)state;
	assert_table((const char *const []){ "a", "1", "x", "longer", "100",
	    "y z" }, TABLE_UNBOUND,
	    "  NAME      N  NOTE\n"
	    "  a         1  x\n"
	    "  longer  100  y z\n");
}

static void
empty_cells_at_the_end_leave_no_blanks(void **state)
{
	(void)state;
	assert_table((const char *const []){ "a", "", "", "b", "2", "" },
	    TABLE_UNBOUND,
	    "  NAME  N  NOTE\n"
	    "  a\n"
	    "  b     2\n");
}

static void
the_widest_columns_are_cut_to_fit(void **state)
{
	(void)state;
	assert_table((const char *const []){ "abcdefghijklmnopqrst", "7",
	    "short", "b", "12345678901234567890", "a long note" }, 48,
	    "  NAME                            N  NOTE\n"
	    "  abcdefgh...                     7  short\n"
	    "  b            12345678901234567890  a long note\n");
	/* No further than to where they tell something, and no number. */
	assert_table((const char *const []){ "abcdefghijklmnopqrst", "7", "",
	    "b", "1234567890", "0123456789" }, 10,
	    "  NAME               N  NOTE\n"
	    "  abcde...           7\n"
	    "  b         1234567890  01234...\n");
}

static void
characters_count_and_stay_whole(void **state)
{
	(void)state;
	assert_table((const char *const []){ "\xc3\xa9\xc3\xa9", "1", "",
	    "b", "2", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
	    "\xc3\xa9\xc3\xa9" }, 15,
	    "  NAME  N  NOTE\n"
	    "  \xc3\xa9\xc3\xa9    1\n"
	    "  b     2  \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9...\n");
}

static void
cells_have_no_controls(void **state)
{
	(void)state;
	assert_table((const char *const []){ "a\nb\x1b", "1", "x", "c", "2",
	    "\t" }, TABLE_UNBOUND,
	    "  NAME  N  NOTE\n"
	    "  a?b?  1  x\n"
	    "  c     2  ?\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
		cmocka_unit_test(empty_cells_at_the_end_leave_no_blanks),
		cmocka_unit_test(the_widest_columns_are_cut_to_fit),
		cmocka_unit_test(characters_count_and_stay_whole),
		cmocka_unit_test(cells_have_no_controls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
