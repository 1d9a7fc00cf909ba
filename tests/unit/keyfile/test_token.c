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
#include "keyfile/token.h"

/* "word:keys sign:= ..." of all tokens of a text, to be freed. */
static char *
tokens(const char *text)
{
	static const char *const names[] = { [TOKEN_END] = "end",
		[TOKEN_WORD] = "word", [TOKEN_STRING] = "string",
		[TOKEN_SIGN] = "sign" };
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
	assert_tokens(" \t\r\n\f\v", "");
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
what_is_never_closed_ends_with_the_text(void **state)
{
	(void)state;
	assert_tokens("a /* b", "word:a ");
	assert_tokens("a # b", "word:a ");
	assert_tokens("\"a", "string:\"a ");
	assert_tokens("\"a\\", "string:\"a\\ ");
	assert_tokens("\"a\\\"b\" c", "string:\"a\\\"b\" word:c ");
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
		cmocka_unit_test(what_is_never_closed_ends_with_the_text),
		cmocka_unit_test(only_brackets_change_the_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
