/*
 * The look before libconfig: what it would swallow is found, with its line,
 * and what is fine is left alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "conf/scan.h"

static void
assert_fine(const char *text, bool sealed)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	char *copy = xstrdup(text);

	if (!scan_text(copy, strlen(copy), sealed, "f", NULL, &diagnostics) ||
	    diagnostics.n != 0)
		fail_msg("'%s': %s", text, diagnostics.n != 0 ?
		    diagnostics.v[0].text : "not readable");
	assert_string_equal(copy, text);
	free(copy);
	conf_diagnostics_free(&diagnostics);
}

static void
assert_fault(const char *text, size_t n, bool sealed, bool readable,
    unsigned line)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	char *copy = xmalloc(n);

	memcpy(copy, text, n);
	assert_int_equal(scan_text(copy, n, sealed, "f", NULL, &diagnostics),
	    readable);
	assert_int_equal(diagnostics.n, 1);
	assert_string_equal(diagnostics.v[0].file, "f");
	assert_int_equal(diagnostics.v[0].line, line);
	free(copy);
	conf_diagnostics_free(&diagnostics);
}

#define FAULT(text, sealed, readable, line) \
	assert_fault("" text, sizeof(text) - 1, sealed, readable, line)

static void
assert_fragment(const char *text, bool fine)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	char *copy = xstrdup(text);

	if (scan_fragment(copy, strlen(copy), false, "f",
	    &diagnostics) != fine ||
	    diagnostics.n != !fine)
		fail_msg("'%s': %s", text, diagnostics.n != 0 ?
		    diagnostics.v[0].text : "fine");
	free(copy);
	conf_diagnostics_free(&diagnostics);
}

/* Within ( ), [ ] and { }, at the beginning and behind others. */
static void
a_fragment_is_whatever_brackets_may_hold(void **state)
{
	(void)state;
	assert_fragment("", true);
	assert_fragment("{ name = \"a\"; }, { name = \"b\"; }\n", true);
	assert_fragment(", { name = \"a\"; }\n", true);
	assert_fragment("\"a\", \"b\"", true);
	assert_fragment("1, 2", true);
	assert_fragment("a = 1; b = ( { c = 2; } ); d = [ 1 ]", true);
	assert_fragment("{ name = \"a\"; ", false);
	assert_fragment("{ name = \"a\" ]", false);
	assert_fragment("{ a = 1; a = 2; }", false);
	assert_fragment("a = 1; b = 1; b = 2;", false);
}

static void
ordinary_texts_pass_unchanged(void **state)
{
	(void)state;
	assert_fine("", true);
	assert_fine("a = 1; # not \"closed\n b = \"x\"; // /* nor\n", true);
	assert_fine("/* \"x\n 12345678901 @include */ a = 0x0001234;\n", true);
	assert_fine("a = \"12345678901 @include /* # \\\" \\\\\";", true);
	assert_fine("@include \"other\"\n", false);
	assert_fine("a = 000000000000007; b = 1.5e10; c = 999999999;", true);
}

static void
a_comment_or_a_text_without_end_is_found_where_it_begins(void **state)
{
	(void)state;
	FAULT("a = 1;\n/* b\n c\n", false, false, 2);
	FAULT("/*/", false, false, 1);
	FAULT("a = 1;\nb = \"x;\nc = 1;\n", false, false, 2);
	FAULT("a =\n\"\\", false, false, 2);
	FAULT("a = \"\\\"", false, false, 1);
}

static void
include_is_found_in_sealed_texts_only_outside_of_texts(void **state)
{
	(void)state;
	FAULT("a = 1;\n @include \"/etc/x\"\n", true, false, 2);
}

/* What is taken is spaces, nothing else changes. */
static void
assert_taken(const char *text, const char *left, const char *name,
    unsigned line)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct scan_includes in = { .v = NULL };
	char *copy = xstrdup(text);

	assert_true(scan_text(copy, strlen(copy), true, "f", &in,
	    &diagnostics));
	assert_int_equal(diagnostics.n, 0);
	assert_string_equal(copy, left);
	assert_int_equal(in.n, name != NULL);
	if (name != NULL) {
		assert_string_equal(in.v[0].name, name);
		assert_int_equal(in.v[0].line, line);
	}
	free(copy);
	scan_includes_free(&in);
	assert_int_equal(in.n, 0);
}

static void
an_include_in_a_line_of_its_own_is_taken(void **state)
{
	(void)state;
	assert_taken("@include \"x y\"", "              ", "x y", 1);
	assert_taken("a = 1\n\t@include\t\"x\" \r\nb = 2;\n",
	    "a = 1\n\t             \r\nb = 2;\n", "x", 2);
	assert_taken("a = { b = 1; };\n@include \"x\" # \"y\n",
	    "a = { b = 1; };\n             # \"y\n", "x", 2);
	assert_taken("/*\n@include \"x\"\n*/",
	    "/*\n@include \"x\"\n*/", NULL, 0);
}

static void
a_byte_order_mark_is_taken_at_the_beginning_only(void **state)
{
	(void)state;
	assert_taken("\xef\xbb\xbf" "a = 1;", "   a = 1;", NULL, 0);
	assert_taken("\xef\xbb\xbf@include \"x\"", "               ", "x", 1);
	assert_taken("a = \"\xef\xbb\xbf\";", "a = \"\xef\xbb\xbf\";",
	    NULL, 0);
	assert_taken("\xef\xbb", "\xef\xbb", NULL, 0);
}

static void
any_other_include_is_left_or_refused(void **state)
{
	static const char *const others[] = {
		"a = {\n@include \"x\"\n};", "a =\n@include \"x\"\n",
		"a = 1; @include \"x\"", "@include \"x\" b = 1;",
		"@include \"\\x\"", "@include\"x\"", "@includes \"x\"",
		"@include \"x", "@include", "@include ", "@",
		"@include \"x\n\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct conf_diagnostics diagnostics = { .n = 0 };
		struct scan_includes in = { .v = NULL };
		char *copy = xstrdup(others[i]);

		(void)scan_text(copy, strlen(copy), false, "f", &in,
		    &diagnostics);
		assert_string_equal(copy, others[i]);
		assert_false(scan_text(copy, strlen(copy), true, "f", &in,
		    &diagnostics));
		assert_int_equal(in.n, 0);
		free(copy);
		conf_diagnostics_free(&diagnostics);
	}
}

static void
numbers_that_libconfig_would_cut_are_found(void **state)
{
	(void)state;
	FAULT("a = 5000000000;", false, true, 1);
	FAULT("a = 1;\nb = 99999999999999999999L;", false, true, 2);
	FAULT("a = 0x123456789;", false, true, 1);
	FAULT("a = -12345678901;", false, true, 1);
}

static void
a_text_where_none_can_stand_is_found(void **state)
{
	(void)state;
	assert_fine("a = \"x\" \"y\"; b : \"z\", c = [ \"x\", \"y\" ];\n"
	    "d = ( \"x\", { e = \"y\" }, \"z\" ); f = ( [ \"x\" ] );", true);
	FAULT("a = 1;\nb \"x\";", true, false, 2);
	FAULT("\"x\"", true, false, 1);
	FAULT("a = 1, \"x\";", true, false, 1);
	FAULT("a = { \"x\" };", true, false, 1);
	FAULT("a = { b = 1, \"x\" };", true, false, 1);
	FAULT("a = ( 1 )\n\"x\";", true, false, 2);
}

static void
brackets_without_end_are_refused(void **state)
{
	(void)state;
	assert_fine("a = ((((((((((((((((((((((((((((((()))))))))))))))))))"
	    "))))))))))))", false);
	FAULT("a = \n(((((((((((((((((((((((((((((((((((((((((((((((((((((",
	    false, false, 2);
}

/* That it is the only fault, where and in which words. */
static void
assert_said(const char *text, unsigned line, const char *said)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	char *copy = xstrdup(text);

	assert_false(scan_text(copy, strlen(copy), true, "f", NULL,
	    &diagnostics));
	if (diagnostics.n != 1 || diagnostics.v[0].line != line ||
	    strcmp(diagnostics.v[0].text, said) != 0)
		fail_msg("'%s': %zu faults, line %u: %s", text, diagnostics.n,
		    diagnostics.n != 0 ? diagnostics.v[0].line : 0,
		    diagnostics.n != 0 ? diagnostics.v[0].text : "");
	free(copy);
	conf_diagnostics_free(&diagnostics);
}

#define OF_GROUPS	"a list of groups is written ( { ... }, { ... } )"

static void
a_missing_bracket_is_named_with_where_the_other_is(void **state)
{
	(void)state;
	assert_said("a = [ \"x\",\n\"y\";\nb = 1;", 2, "the '[' of line 1 is "
	    "still open at this ';': a ']' is missing before it, or ',' is "
	    "meant");
	assert_said("a = [ \"x\"\nb = 1;", 2, "a ']' is missing before 'b': "
	    "the '[' of line 1 is still open");
	assert_said("a = (\n{ b = 1; }\nc = 1;", 3, "a ')' is missing before "
	    "'c': the '(' of line 1 is still open");
	assert_said("a = (\n{ b = 1;\n);\nc = (", 3, "this ')' cannot close "
	    "the '{' of line 2: a '}' is missing before it");
	assert_said("a = [ 1 );", 1, "this ')' cannot close the '[' of line "
	    "1: a ']' is missing before it");
	assert_said("a = (\n{ b = 1;\n{ b = 2; } );", 3, "a '}' is missing "
	    "before this '{': the '{' of line 2 is still open");
	assert_said("a = 1;\nb = { c = 1;\n\n", 2, "this '{' is never closed: "
	    "a '}' is missing");
	assert_said("a = 1;\n};", 2, "this '}' closes nothing");
	assert_said("a = (\nb = 1; );", 2, "a '{' is missing before 'b': "
	    "within ( and ) options stand in { and }");
}

static void
what_is_missing_before_a_bracket_is_named(void **state)
{
	(void)state;
	assert_said("a = ( { b = 1; }\n{ b = 2; } );", 2, "a ',' is missing "
	    "before this '{'");
	assert_said("a {\nb = 1; };", 1, "'=' is missing behind 'a'");
	assert_said("{ b = 1; }", 1, "NAME = is missing before this '{'; "
	    OF_GROUPS);
	assert_said("a = { { b = 1; } };", 1, "NAME = is missing before this "
	    "'{'; " OF_GROUPS);
	assert_said("a = [ { b = 1; } ];", 1, "this '{' cannot stand in the "
	    "'[' of line 1: " OF_GROUPS);
}

static void
a_missing_quote_or_value_is_named_where_it_is(void **state)
{
	static const char quotes[] =
	    "this value must stand in double quotes";
	static const char missing[] = "a value is missing here";

	(void)state;
	assert_said("a = 1;\nb = \"x;\nc = \"y\";", 2, "this text in quotes "
	    "has no end in its line: a '\"' is missing");
	assert_said("a = x\";\nb = ( 1 );", 1, quotes);
	assert_said("a = https://x;", 1, quotes);
	assert_said("a = 127.0.0.1:9080;", 1, quotes);
	assert_said("a = 30d;", 1, quotes);
	assert_said("a = /etc/x;", 1, quotes);
	assert_said("a = 'x';", 1, quotes);
	assert_said("a = \xe2\x80\x9cx\xe2\x80\x9d;", 1, quotes);
	assert_said("a = [ x, 1 ];", 1, quotes);
	assert_said("a = [ 1, x ];", 1, quotes);
	assert_said("a = ;", 1, missing);
	assert_said("a = { b = };", 1, missing);
	assert_said("a = [ 1,\n];", 2, "a value is missing here, or the ',' "
	    "is too much");
	assert_said("a = [ , 1 ];", 1, missing);
	assert_said("a \"x\";", 1, "syntax error: no text in quotes can stand "
	    "here; is '=' missing before it?");
	assert_said("a = ( { b = 1; } \"x\" );", 1, "syntax error: no text in "
	    "quotes can stand here; is ',' or '\"' missing before it?");
	assert_fine("a = TRUE; b = [ -1, +2 ]; c = ( .5, 1.e3, 0x1fL, 7LL );",
	    true);
}

static void
an_option_that_is_given_twice_is_named(void **state)
{
	(void)state;
	assert_fine("a = 1; b = { a = 1; }; c = ( { a = 1; }, { a = 1; } );",
	    true);
	assert_said("a = 1;\nb = 2;\na = 3;", 3, "option 'a' is given twice, "
	    "the first time in line 1");
	assert_said("a = { b = 1; c = 1; };\nc = ( { b = 1,\nb : 2 } );", 3,
	    "option 'b' is given twice, the first time in line 2");
	assert_said("a = 1; ab = 1; aa = 1; a = 2;", 1, "option 'a' is given "
	    "twice, the first time in line 1");
}

/* Who pastes a key into a line of its own need not see it again. */
static void
what_may_be_a_key_is_not_shown(void **state)
{
	(void)state;
	assert_said("a = 1;\nessu_abc\nb = 2;", 3, "a key stands where an "
	    "option is expected");
	assert_said("essu_abc=1;\nessu_abc=1;", 2, "option (withheld) is given "
	    "twice, the first time in line 1");
	assert_said("a = [ 1\nessu_abc=1;", 2, "a ']' is missing before "
	    "(withheld): the '[' of line 1 is still open");
}

static void
a_nul_byte_is_no_text(void **state)
{
	(void)state;
	FAULT("a = 1;\n\0b = 2;", false, false, 2);
}

static void
an_escaped_nul_becomes_a_control_character(void **state)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	char text[] = "a = \"x\\x00y\\\\x00\";";

	(void)state;
	assert_true(scan_text(text, strlen(text), true, "f", NULL,
	    &diagnostics));
	assert_int_equal(diagnostics.n, 0);
	assert_string_equal(text, "a = \"x\\x01y\\\\x00\";");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fragment_is_whatever_brackets_may_hold),
		cmocka_unit_test(ordinary_texts_pass_unchanged),
		cmocka_unit_test(
		    a_comment_or_a_text_without_end_is_found_where_it_begins),
		cmocka_unit_test(
		    include_is_found_in_sealed_texts_only_outside_of_texts),
		cmocka_unit_test(an_include_in_a_line_of_its_own_is_taken),
		cmocka_unit_test(
		    a_byte_order_mark_is_taken_at_the_beginning_only),
		cmocka_unit_test(any_other_include_is_left_or_refused),
		cmocka_unit_test(numbers_that_libconfig_would_cut_are_found),
		cmocka_unit_test(a_text_where_none_can_stand_is_found),
		cmocka_unit_test(brackets_without_end_are_refused),
		cmocka_unit_test(
		    a_missing_bracket_is_named_with_where_the_other_is),
		cmocka_unit_test(what_is_missing_before_a_bracket_is_named),
		cmocka_unit_test(a_missing_quote_or_value_is_named_where_it_is),
		cmocka_unit_test(an_option_that_is_given_twice_is_named),
		cmocka_unit_test(what_may_be_a_key_is_not_shown),
		cmocka_unit_test(a_nul_byte_is_no_text),
		cmocka_unit_test(an_escaped_nul_becomes_a_control_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
