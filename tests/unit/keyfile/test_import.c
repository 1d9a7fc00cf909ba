/*
 * Tables of keys, understood without knowing their layout.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "keyfile/csv.h"
#include "keyfile/import.h"

/* "essu_" and 64 random-looking letters; "abc:defghijklmnop" in base64. */
#define ESSU	"essu_VGhpcyBpcyBub3QgYSBrZXkgYnV0IGl0IGxvb2tzIGxpa2Ugb25l"
#define PAIR	"YWJjOmRlZmdoaWprbG1ub3A="

struct table {
	struct secret *text;
	struct csv csv;
	struct import import;
};

static struct table
read_table(const char *text)
{
	struct table t = { .text = secret_copy(text, strlen(text)) };

	(void)csv_parse(&t.csv, t.text);
	import_understand(&t.import, &t.csv);
	return t;
}

static void
free_table(struct table *t)
{
	import_free(&t->import);
	csv_free(&t->csv);
	secret_free(t->text);
}

static void
assert_cell(const struct table *t, size_t row, size_t column, const char *is)
{
	char *cell;
	struct text c = csv_cell(&t->csv, row, column);

	cell = xstrndup(c.p, c.n);
	assert_string_equal(cell, is);
	free(cell);
}

static void
an_empty_table_has_no_key(void **state)
{
	static const char *const texts[] = { "", "\n\n", "\xef\xbb\xbf",
		"a,b\n1,2\n", ",,,\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct table t = read_table(texts[i]);

		assert_int_equal(t.import.n_keys, 0);
		free_table(&t);
	}
}

static void
a_key_is_found_by_its_heading(void **state)
{
	struct table t = read_table(
	    "Name,Created,API Key,Expiration date\n"
	    "terraform,2026-11-23,not-like-a-key,2027-02-23\n");

	(void)state;
	assert_int_equal(t.import.n_keys, 1);
	assert_int_equal(t.import.keys[0], 2);
	assert_int_equal(t.import.name, 0);
	assert_int_equal(t.import.expires, 3);
	free_table(&t);
}

static void
a_key_is_found_by_its_look(void **state)
{
	static const char *const texts[] = {
		ESSU, ESSU "\n", "x," ESSU "\n", "what,who\n" ESSU ",me\n",
		"one;two\nx;" PAIR "\n",
	};
	static const size_t columns[] = { 0, 0, 1, 0, 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct table t = read_table(texts[i]);

		assert_int_equal(t.import.n_keys, 1);
		assert_int_equal(t.import.keys[0], columns[i]);
		free_table(&t);
	}
}

static void
a_heading_and_a_look_beat_either_alone(void **state)
{
	struct table t = read_table("Key,API key,ID\nterraform," ESSU ","
	    PAIR "\n");

	(void)state;
	assert_int_equal(t.import.n_keys, 1);
	assert_int_equal(t.import.keys[0], 1);
	free_table(&t);
}

static void
more_than_one_candidate_is_left_to_the_user(void **state)
{
	struct table t = read_table("first,second\n" ESSU "," PAIR "\n");

	(void)state;
	assert_int_equal(t.import.n_keys, 2);
	assert_int_equal(import_find_column(&t.import, &t.csv,
	    TEXT("Second")), 1);
	assert_int_equal(import_find_column(&t.import, &t.csv, TEXT("1")), 0);
	assert_int_equal(import_find_column(&t.import, &t.csv, TEXT("3")),
	    IMPORT_NO_COLUMN);
	assert_int_equal(import_find_column(&t.import, &t.csv, TEXT("0")),
	    IMPORT_NO_COLUMN);
	free_table(&t);
}

static void
a_table_that_stands_upright_is_turned(void **state)
{
	struct table t = read_table("Name,terraform\nAPI key," ESSU "\n"
	    "Expires,2027-02-23\n");

	(void)state;
	assert_true(t.import.headings);
	assert_true(t.import.upright);
	assert_int_equal(csv_line(&t.csv, 0, t.import.key), 2);
	assert_int_equal(t.csv.n_rows, 2);
	assert_int_equal(t.import.n_keys, 1);
	assert_cell(&t, 1, t.import.name, "terraform");
	assert_cell(&t, 1, t.import.keys[0], ESSU);
	assert_cell(&t, 1, t.import.expires, "2027-02-23");
	free_table(&t);
}

static void
two_columns_with_headings_are_not_turned(void **state)
{
	struct table t = read_table("api_key,name\n" ESSU ",a\n");

	(void)state;
	assert_true(t.import.headings);
	assert_int_equal(t.import.n_keys, 1);
	assert_int_equal(t.import.keys[0], 0);
	assert_int_equal(t.import.name, 1);
	free_table(&t);
}

/* Headings. */

static void
assert_headings(const char *text, const char *expected)
{
	struct table t = read_table(text);
	char *have = import_headings(&t.import, &t.csv);

	if (expected == NULL)
		assert_null(have);
	else
		assert_string_equal(have, expected);
	free(have);
	free_table(&t);
}

static void
headings_are_shown_where_they_are_known(void **state)
{
	(void)state;
	assert_headings("Name,API key,Expires\na," ESSU ",never\n",
	    "Name, API key, Expires");
	assert_headings("name,Comment,key\na,b," ESSU "\n", "name, Comment, key");
	assert_headings("what,who\n" ESSU ",me\n", "what, who");
	assert_headings(",key\na," ESSU "\n", "(column 1), key");
	/* Signs are no letters, but may be part of a key. */
	assert_headings("K=e/y,name\n" ESSU ",a\n", "(column 1), name");
	assert_headings("a," ESSU "\nb," ESSU "\n", NULL);
}

static void
a_first_row_with_part_of_a_key_is_no_heading(void **state)
{
	static const char *const texts[] = {
		"a,essu_VGhpcyBpc\nb," ESSU "\n",
		"a,essu_\nb," ESSU "\n",
		"name,essu_VGhpcyBpc\nb," ESSU "\n",
		"a,YWJjOmRlZ\nb," PAIR "\n",
		"a,YWJjOmRlZmdoaWprbG1ub3\nb," PAIR "\n",
		"key,YWJjOmRlZ\nb," PAIR "\n",
		"a,s3cret\nb," PAIR "\n",
		"a,VGhpcyBpcyBub3QgYSBrZXkgYnV0IGl0IGxvb2tzIGxp\nb," ESSU
		"\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct table t = read_table(texts[i]);

		assert_false(t.import.headings);
		assert_int_equal(t.import.n_keys, 1);
		assert_int_equal(t.import.key, 1);
		free_table(&t);
	}
}

static void
a_key_that_is_called_like_a_heading_is_read(void **state)
{
	struct table t = read_table("token," ESSU "\nprod," ESSU "\n");

	(void)state;
	assert_false(t.import.headings);
	assert_int_equal(t.csv.n_rows, 2);
	assert_int_equal(t.import.key, 1);
	free_table(&t);
}

static void
a_single_key_cut_short_is_found_all_the_same(void **state)
{
	struct table t = read_table("a,essu_VGhp\n");

	(void)state;
	assert_int_equal(t.import.n_keys, 1);
	assert_int_equal(t.import.key, 1);
	free_table(&t);
}

static void
a_key_is_in_its_column_or_elsewhere_or_not_there(void **state)
{
	struct table t = read_table("name,key,note\na," PAIR ",\nb,word,\n"
	    "c,,\nd,," PAIR "\n# a remark\n");
	static const enum import_key expected[] = { IMPORT_KEY_THERE,
		IMPORT_KEY_THERE, IMPORT_KEY_NONE, IMPORT_KEY_ELSEWHERE,
		IMPORT_KEY_NONE };

	(void)state;
	assert_int_equal(t.import.key, 1);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_int_equal(import_find_key(&t.import, &t.csv, i + 1),
		    expected[i]);
	free_table(&t);
}

static void
several_keys_may_be_in_one_table(void **state)
{
	struct table t = read_table("name,key\na," ESSU "\nb," ESSU "\n");

	(void)state;
	assert_int_equal(t.csv.n_rows, 3);
	assert_int_equal(t.import.n_keys, 1);
	free_table(&t);
}

static void
any_cut_of_a_table_is_survived(void **state)
{
	const char *text = "\xef\xbb\xbfName;\"API \"\"key\"\"\";Expires\r\n"
	    "\"a;b\";" ESSU ";never\r\n\"c\nd\";\"" PAIR "\";\r\n";

	(void)state;
	for (size_t n = strlen(text); n > 0; n--) {
		char *cut = xstrndup(text, n);
		struct table t = read_table(cut);

		free_table(&t);
		free(cut);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_table_has_no_key),
		cmocka_unit_test(a_key_is_found_by_its_heading),
		cmocka_unit_test(a_key_is_found_by_its_look),
		cmocka_unit_test(a_heading_and_a_look_beat_either_alone),
		cmocka_unit_test(more_than_one_candidate_is_left_to_the_user),
		cmocka_unit_test(a_table_that_stands_upright_is_turned),
		cmocka_unit_test(two_columns_with_headings_are_not_turned),
		cmocka_unit_test(headings_are_shown_where_they_are_known),
		cmocka_unit_test(a_first_row_with_part_of_a_key_is_no_heading),
		cmocka_unit_test(a_key_that_is_called_like_a_heading_is_read),
		cmocka_unit_test(a_single_key_cut_short_is_found_all_the_same),
		cmocka_unit_test(
		    a_key_is_in_its_column_or_elsewhere_or_not_there),
		cmocka_unit_test(several_keys_may_be_in_one_table),
		cmocka_unit_test(any_cut_of_a_table_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
