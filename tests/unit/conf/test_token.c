/*
 * The words of libconfig's language.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "conf/token.h"

/* "word:keys sign:= ..." of all tokens of a text, to be freed. */
static char *
tokens(const char *text)
{
	static const char *const names[] = { [TOKEN_END] = "end",
		[TOKEN_COMMENT] = "comment", [TOKEN_WORD] = "word",
		[TOKEN_STRING] = "string", [TOKEN_SIGN] = "sign" };
	struct text rest = text_of(text);
	char *all = xstrdup(""), *more;
	struct token t;

	while ((t = token_next(&rest)).kind != TOKEN_END) {
		more = xasprintf("%s%s:%.*s ", all, names[t.kind],
		    TEXT_ARG(t.text));
		free(all);
		all = more;
	}
	assert_ptr_equal(t.text.p, text + strlen(text));
	return all;
}

static void
assert_tokens(const char *text, const char *expected)
{
	char *all = tokens(text);

	assert_string_equal(all, expected);
	free(all);
}

static void
words_strings_and_signs_are_told_apart(void **state)
{
	(void)state;
	assert_tokens("keys=( { name = \"a\"; } );",
	    "word:keys sign:= sign:( sign:{ word:name sign:= string:\"a\" "
	    "sign:; sign:} sign:) sign:; ");
	assert_tokens("", "");
	assert_tokens(" \t\r\n\f", "");
	/* Which is no space to libconfig. */
	assert_tokens("\v", "sign:\v ");
}

static void
comments_of_three_kinds_are_skipped(void **state)
{
	(void)state;
	assert_tokens("a # b\n// c\n/* d\n e */ f", "word:a word:f ");
	assert_tokens("\"# no // comment\"", "string:\"# no // comment\" ");
	assert_tokens("a /", "word:a sign:/ ");
}

static void
assert_first(const char *text, enum token_kind kind, const char *first,
    bool open)
{
	struct text rest = text_of(text);
	struct token t = token_next_or_comment(&rest);

	assert_int_equal(t.kind, kind);
	assert_int_equal(t.open, open);
	assert_int_equal(t.text.n, strlen(first));
	assert_memory_equal(t.text.p, first, t.text.n);
	assert_ptr_equal(rest.p, t.text.p + t.text.n);
	assert_ptr_equal(rest.p + rest.n, text + strlen(text));
}

static void
comments_are_tokens_to_who_asks_for_them(void **state)
{
	(void)state;
	assert_first(" # a\nb", TOKEN_COMMENT, "# a", false);
	assert_first("// a", TOKEN_COMMENT, "// a", false);
	assert_first("\f/* a\n# */ b", TOKEN_COMMENT, "/* a\n# */", false);
	assert_first("/**/b", TOKEN_COMMENT, "/**/", false);
	assert_first("a # b", TOKEN_WORD, "a", false);
	assert_first(" ", TOKEN_END, "", false);
}

static void
what_is_never_closed_says_so(void **state)
{
	(void)state;
	assert_tokens("a /* b", "word:a ");
	assert_tokens("a # b", "word:a ");
	assert_first("/* a\nb", TOKEN_COMMENT, "/* a\nb", true);
	assert_first("/*/", TOKEN_COMMENT, "/*/", true);
	assert_first("\"a", TOKEN_STRING, "\"a", true);
	assert_first("\"a\\", TOKEN_STRING, "\"a\\", true);
	assert_first("\"a\\\"", TOKEN_STRING, "\"a\\\"", true);
	assert_first("\"", TOKEN_STRING, "\"", true);
}

static void
a_string_ends_at_a_quote_that_is_not_escaped_or_with_its_line(void **state)
{
	(void)state;
	assert_tokens("\"a\\\"b\" c", "string:\"a\\\"b\" word:c ");
	assert_first("\"\\\\\"", TOKEN_STRING, "\"\\\\\"", false);
	assert_first("\"a\nb\"", TOKEN_STRING, "\"a", true);
	assert_first("\"a\\\nb\"", TOKEN_STRING, "\"a\\\nb\"", false);
}

static void
only_brackets_change_the_depth(void **state)
{
	struct text rest = TEXT("( [ { } ] ) = a \"(\"");
	static const int expected[] = { 1, 1, 1, -1, -1, -1, 0, 0, 0, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_int_equal(token_depth(token_next(&rest)), expected[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_strings_and_signs_are_told_apart),
		cmocka_unit_test(comments_of_three_kinds_are_skipped),
		cmocka_unit_test(comments_are_tokens_to_who_asks_for_them),
		cmocka_unit_test(what_is_never_closed_says_so),
		cmocka_unit_test(
		    a_string_ends_at_a_quote_that_is_not_escaped_or_with_its_line),
		cmocka_unit_test(only_brackets_change_the_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
