/*
 * Verbs in a table, by the words that were typed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/verb.h"

static const struct verb run = { .name = "run" };
static const struct verb key_add = { .name = "key add" };
static const struct verb *const table[] = { &run, &key_add, NULL };

static void
assert_found(const struct verb *v, size_t expected, const char *first,
    const char *second)
{
	const char *const words[] = { first, second };
	size_t used = 0;

	assert_ptr_equal(verb_find(table, words, second != NULL ? 2 : 1,
	    &used), v);
	if (v != NULL)
		assert_int_equal(used, expected);
}

static void
a_verb_is_all_of_its_words(void **state)
{
	(void)state;
	assert_found(&run, 1, "run", NULL);
	assert_found(&run, 1, "run", "add");
	assert_found(&key_add, 2, "key", "add");
	assert_found(&key_add, 1, "key add", NULL);
	assert_found(NULL, 0, "key", NULL);
	assert_found(NULL, 0, "key", "ad");
	assert_found(NULL, 0, "key", "added");
	assert_found(NULL, 0, "ru", NULL);
	assert_found(NULL, 0, "runs", NULL);
	assert_found(NULL, 0, "", NULL);
}

static void
a_verb_of_two_words_is_of_its_first(void **state)
{
	(void)state;
	assert_true(verb_is_of(&key_add, "key"));
	assert_false(verb_is_of(&key_add, "ke"));
	assert_false(verb_is_of(&key_add, "key add"));
	assert_false(verb_is_of(&run, "run"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_verb_is_all_of_its_words),
		cmocka_unit_test(a_verb_of_two_words_is_of_its_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
