/*
 * conf/source: the names of files.  What is in them is tested with conf_load().
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
/* cmocka.h needs four of the above. */
#include <cmocka.h>

#include "base/alloc.h"
#include "base/shell.h"
#include "conf/source.h"

static void
paths_are_beside_the_main_file_unless_they_are_absolute(void **state)
{
	static const struct {
		const char *folder, *path, *expected;
	} all[] = {
		{ "/etc/s", "keys.age", "/etc/s/keys.age" },
		{ "/etc/s", "../keys.age", "/etc/s/../keys.age" },
		{ "/etc/s", "/keys.age", "/keys.age" },
		{ "s", "keys.age", "s/keys.age" },
		{ ".", "keys.age", "keys.age" },
		{ ".", "./keys.age", "./keys.age" },
		{ "/", "keys.age", "/keys.age" },
		{ "/", "/keys.age", "/keys.age" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		char *path = source_beside(all[i].folder, all[i].path);

		assert_string_equal(path, all[i].expected);
		free(path);
	}
}

static void
no_name_in_a_configuration_means_standard_input(void **state)
{
	char *path = source_beside(".", "-");

	(void)state;
	assert_true(source_is_standard("-"));
	assert_string_equal(path, "./-");
	assert_false(source_is_standard(path));
	free(path);
	path = source_beside("/etc/s", "-");
	assert_string_equal(path, "/etc/s/-");
	free(path);
}

static void
assert_word(const char *path, const char *expected)
{
	char *word = source_word(path);

	assert_string_equal(word, expected);
	free(word);
}

static void
the_word_of_a_file_leads_to_it_from_any_folder(void **state)
{
	char *here = getcwd(NULL, 0), *expected, *all;

	(void)state;
	assert_word("/etc/s", "/etc/s");
	assert_word("/it's", "'/it'\\''s'");
	assert_word("-", "-");
	assert_word(SOURCE_STANDARD, "-");
	all = xasprintf("%s/a b", here);
	expected = shell_word(all);
	assert_word("a b", expected);
	free(expected);
	free(all);
	free(here);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    paths_are_beside_the_main_file_unless_they_are_absolute),
		cmocka_unit_test(
		    no_name_in_a_configuration_means_standard_input),
		cmocka_unit_test(
		    the_word_of_a_file_leads_to_it_from_any_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
