/*
 * Single cells of tables of keys: what they look like and what may be shown
 * of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "keyfile/cell.h"

/* "essu_" and 64 random-looking letters; "abc:defghijklmnop" in base64. */
#define ESSU	"essu_VGhpcyBpcyBub3QgYSBrZXkgYnV0IGl0IGxvb2tzIGxpa2Ugb25l"
#define PAIR	"YWJjOmRlZmdoaWprbG1ub3A="

static void
only_plain_labels_and_words_may_be_shown(void **state)
{
	(void)state;
	assert_true(cell_may_be_shown(TEXT("API key")));
	assert_true(cell_may_be_shown(TEXT("key_name")));
	assert_false(cell_may_be_shown(TEXT("K=e/y")));
	assert_true(cell_may_be_shown(TEXT("who")));
	assert_true(cell_may_be_shown(TEXT("created_by")));
	assert_false(cell_may_be_shown(TEXT("")));
	assert_false(cell_may_be_shown(TEXT("schl\xc3\xbcssel")));
	assert_false(cell_may_be_shown(TEXT("YWJjOmRlZ")));
	assert_false(cell_may_be_shown(TEXT("s3cret")));
	assert_false(cell_may_be_shown(TEXT(ESSU)));
}

static void
words_are_short_and_of_one_case(void **state)
{
	(void)state;
	assert_true(cell_is_wordy(TEXT("Created by")));
	assert_true(cell_is_wordy(TEXT("ID")));
	assert_true(cell_is_wordy(TEXT("project_id")));
	assert_false(cell_is_wordy(TEXT("project__id")));
	assert_true(cell_is_wordy(TEXT("schl\xc3\xbcssel")));
	assert_false(cell_is_wordy(TEXT("dGhl")));
	assert_false(cell_is_wordy(TEXT("s3cret")));
	assert_false(cell_is_wordy(TEXT("essu")));
	assert_false(cell_is_wordy(TEXT("kessu_abc")));
	assert_false(cell_is_wordy(TEXT("abcdefghijklmnopqrstuvwxyz")));
}

static void
keys_have_a_look(void **state)
{
	(void)state;
	assert_true(cell_looks_like_key(TEXT(ESSU)));
	assert_true(cell_looks_like_key(TEXT(PAIR)));
	assert_true(cell_looks_like_key(TEXT("ApiKey " PAIR)));
	assert_true(cell_may_be_key(TEXT("API_KEY='essu_VGhp'")));
	assert_false(cell_looks_like_key(TEXT("essu_short")));
	assert_false(cell_looks_like_key(
	    TEXT("essu_with a space in the middle")));
	assert_false(cell_looks_like_key(TEXT("2026-11-23T00:00:00Z")));
	assert_false(cell_looks_like_key(
	    TEXT("0123456789abcdef0123456789abcdef")));
}

static void
a_name_is_made_of_any_text(void **state)
{
	char name[CELL_NAME_SIZE], *lots = xcalloc(1, 201);

	(void)state;
	cell_make_name(TEXT("Terraform prod (EU)"), name);
	assert_string_equal(name, "Terraform-prod-EU");
	cell_make_name(TEXT("  "), name);
	assert_string_equal(name, "");
	cell_make_name(TEXT("k\xc3\xa9y_1.b"), name);
	assert_string_equal(name, "k-y_1.b");
	memset(lots, 'x', 200);
	cell_make_name(text_of(lots), name);
	assert_int_equal(strlen(name), CELL_NAME_SIZE - 1);
	free(lots);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_plain_labels_and_words_may_be_shown),
		cmocka_unit_test(words_are_short_and_of_one_case),
		cmocka_unit_test(keys_have_a_look),
		cmocka_unit_test(a_name_is_made_of_any_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
