/*
 * What is in a sealed file, and what differs in another one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "keyfile/contents.h"

#define KEY(name, value) \
	"{ name = \"" name "\"; value = \"" value "\"; " \
	"hosts = [ \"h.example\" ]; }"

static bool
read_text(struct contents *k, const char *text,
    struct conf_diagnostics *diagnostics)
{
	*diagnostics = (struct conf_diagnostics){ .n = 0 };
	return contents_read(k, text_of(text), "k.age", diagnostics);
}

static void
keys_are_found_by_name_and_number(void **state)
{
	struct conf_diagnostics diagnostics;
	struct contents k;

	(void)state;
	assert_true(read_text(&k, "keys = (" KEY("a", "1234") ", "
	    KEY("b", "5678") ");", &diagnostics));
	assert_int_equal(contents_count(&k), 2);
	assert_string_equal(contents_name(&k, 0), "a");
	assert_int_equal(contents_find(&k, "b"), 1);
	assert_int_equal(contents_find(&k, "c"), SIZE_MAX);
	assert_true(text_eq(secret_text(contents_key(&k, 1)->value),
	    TEXT("5678")));
	contents_free(&k);
	conf_diagnostics_free(&diagnostics);
}

static void
twins_are_a_fault_of_their_line(void **state)
{
	struct conf_diagnostics diagnostics;
	struct contents k;

	(void)state;
	assert_false(read_text(&k, "keys = (" KEY("a", "1234") ",\n"
	    KEY("a", "5678") ");", &diagnostics));
	assert_true(conf_diagnostics_have(&diagnostics, "k.age", 2,
	    "the name 'a' is used twice"));
	contents_free(&k);
	conf_diagnostics_free(&diagnostics);
}

static void
keys_include_no_other_file(void **state)
{
	struct conf_diagnostics diagnostics;
	struct contents k;

	(void)state;
	assert_false(read_text(&k, "@include \"more\"\nkeys = ();",
	    &diagnostics));
	assert_true(conf_diagnostics_have(&diagnostics, "k.age", 1,
	    "a sealed file cannot use @include: its content must be its own"));
	contents_free(&k);
	conf_diagnostics_free(&diagnostics);
}

static void
what_is_no_configuration_is_told_from_one(void **state)
{
	(void)state;
	assert_true(contents_is_text(TEXT("a = 1;\n")));
	assert_true(contents_is_text(TEXT("")));
	assert_false(contents_is_text(TEXT("-----BEGIN\n")));
}

static void
one_key_less_or_more_is_seen(void **state)
{
	struct conf_diagnostics diagnostics;
	struct contents one, two, other;

	(void)state;
	assert_true(read_text(&one, "keys = (" KEY("b", "5678") ");",
	    &diagnostics));
	assert_true(read_text(&two, "keys = (" KEY("a", "1234") ", "
	    KEY("b", "5678") ");", &diagnostics));
	assert_true(read_text(&other, "keys = (" KEY("a", "1234") ", "
	    KEY("b", "5679") ");", &diagnostics));
	assert_true(contents_same_but(&one, &two, 0));
	assert_false(contents_same_but(&one, &two, 1));
	assert_false(contents_same_but(&one, &other, 0));
	assert_true(contents_same_but(&two, &two, SIZE_MAX));
	assert_true(contents_begins_with(&two, &two));
	assert_false(contents_begins_with(&two, &one));
	assert_false(contents_begins_with(&two, &other));
	contents_free(&one);
	contents_free(&two);
	contents_free(&other);
}

static void
whatever_else_differs_in_a_key_is_seen(void **state)
{
	static const char *const others[] = {
		"hosts = [ \"other.example\" ]; field = \"X-Key\";",
		"hosts = [ \"h.example\" ]; field = \"X-Other\";",
		"hosts = [ \"h.example\" ]; field = \"X-Key\"; note = \"n\";",
		"hosts = [ \"h.example\" ]; field = \"X-Key\"; "
		    "scheme = \"Word\";",
		"hosts = [ \"h.example\" ]; field = \"X-Key\"; "
		    "expires = \"2999-01-01\";",
		"hosts = [ \"h.example\" ]; field = \"X-Key\"; "
		    "created = \"2001-01-01\";",
	};
	struct conf_diagnostics diagnostics;
	struct contents k, other;
	char text[256];

	(void)state;
	assert_true(read_text(&k, "keys = ({ name = \"a\"; value = \"1234\"; "
	    "hosts = [ \"h.example\" ]; field = \"X-Key\"; });", &diagnostics));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		(void)snprintf(text, sizeof(text), "keys = ({ name = \"a\"; "
		    "value = \"1234\"; %s });", others[i]);
		assert_true(read_text(&other, text, &diagnostics));
		assert_false(contents_same_but(&k, &other, SIZE_MAX));
		assert_false(contents_begins_with(&other, &k));
		contents_free(&other);
	}
	assert_true(contents_same_but(&k, &k, SIZE_MAX));
	contents_free(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_found_by_name_and_number),
		cmocka_unit_test(twins_are_a_fault_of_their_line),
		cmocka_unit_test(keys_include_no_other_file),
		cmocka_unit_test(what_is_no_configuration_is_told_from_one),
		cmocka_unit_test(one_key_less_or_more_is_seen),
		cmocka_unit_test(whatever_else_differs_in_a_key_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
