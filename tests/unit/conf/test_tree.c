/*
 * conf/tree: settings as libconfig has them, without its names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h needs four of the above. */
#include <cmocka.h>

#include "base/alloc.h"
#include "conf/tree.h"

static struct tree *
read_copy(const char *text, struct conf_diagnostics *diagnostics)
{
	const struct tree_source from = { .file = "f", .directory = "." };
	char *copy = xstrdup(text);
	struct tree *tree = tree_read(copy, strlen(copy), &from, diagnostics);

	free(copy);
	return tree;
}

static const struct setting *
named(const struct tree *tree, const char *name)
{
	const struct setting *s = setting_find(tree_root(tree), name);

	assert_non_null(s);
	assert_string_equal(setting_name(s), name);
	return s;
}

static void
each_setting_has_its_kind_and_its_value(void **state)
{
	static const struct {
		const char *name;
		enum setting_kind kind;
		size_t count;
	} all[] = {
		{ "t", SETTING_TEXT, 0 }, { "i", SETTING_INT, 0 },
		{ "l", SETTING_INT64, 0 }, { "b", SETTING_BOOL, 0 },
		{ "f", SETTING_OTHER, 0 }, { "g", SETTING_GROUP, 1 },
		{ "s", SETTING_LIST, 2 }, { "a", SETTING_ARRAY, 3 },
	};
	struct tree *tree = tree_of("t = \"x\"; i = -5; l = 5000000000L; "
	    "b = true; f = 1.5; g = { n = 1; }; s = ( 1, \"y\" ); "
	    "a = [ 1, 2, 3 ];");

	(void)state;
	assert_int_equal(setting_count(tree_root(tree)),
	    sizeof(all) / sizeof(*all));
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		const struct setting *s = named(tree, all[i].name);

		assert_ptr_equal(s, setting_at(tree_root(tree), i));
		assert_int_equal(setting_kind(s), all[i].kind);
		assert_int_equal(setting_count(s), all[i].count);
		assert_int_equal(setting_text(s) != NULL,
		    all[i].kind == SETTING_TEXT);
	}
	assert_string_equal(setting_text(named(tree, "t")), "x");
	assert_int_equal(setting_number(named(tree, "i")), -5);
	assert_int_equal(setting_number(named(tree, "l")),
	    INT64_C(5000000000));
	assert_true(setting_bool(named(tree, "b")));
	assert_null(setting_text(NULL));
	tree_free(tree);
}

static void
settings_are_found_in_a_group_and_beside_each_other(void **state)
{
	struct tree *tree = tree_of("g = ( { name = \"x\"; v = 1; } );");
	const struct setting *element = setting_at(named(tree, "g"), 0);

	(void)state;
	assert_null(setting_name(element));
	assert_null(setting_name(tree_root(tree)));
	assert_null(setting_find(element, "w"));
	assert_null(setting_find(named(tree, "g"), "name"));
	assert_ptr_equal(setting_beside(setting_find(element, "v"), "name"),
	    setting_find(element, "name"));
	assert_null(setting_beside(setting_find(element, "v"), "w"));
	tree_free(tree);
}

static void
settings_know_their_line_and_that_they_were_not_included(void **state)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct tree *tree = read_copy("\na = 1;\n\nb = 2;\n", &diagnostics);

	(void)state;
	assert_non_null(tree);
	assert_int_equal(setting_line(named(tree, "a")), 2);
	assert_int_equal(setting_line(named(tree, "b")), 4);
	assert_null(setting_included(named(tree, "a"), "."));
	tree_free(tree);
	assert_int_equal(diagnostics.n, 0);
}

static void
of_a_text_that_cannot_be_read_there_is_no_tree(void **state)
{
	struct conf_diagnostics diagnostics = { .n = 0 };

	(void)state;
	assert_null(read_copy("a = 1;\nb = [ 1, \"x\" ];\n", &diagnostics));
	assert_int_equal(diagnostics.n, 1);
	assert_int_equal(diagnostics.v[0].line, 2);
	conf_diagnostics_free(&diagnostics);
	tree_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_setting_has_its_kind_and_its_value),
		cmocka_unit_test(
		    settings_are_found_in_a_group_and_beside_each_other),
		cmocka_unit_test(
		    settings_know_their_line_and_that_they_were_not_included),
		cmocka_unit_test(
		    of_a_text_that_cannot_be_read_there_is_no_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
