/*
 * What stands around a value: taken off where it cannot be part of it, and
 * nothing else is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keyfile/key_peel.h"

#define BIT(what)	(1U << PEEL_##what)
#define PAIR		"YWJjOmRlZmdoaWprbG1ub3A="

static const struct {
	const char *given, *left;
	unsigned seen;
} forms[] = {
	{ "k", "k", 0 },
	{ "", "", 0 },
	{ " k\r\n\n", "k", BIT(BLANKS) },
	{ "\t\xc2\xa0k\xe2\x80\x8b ", "k", BIT(BLANKS) },
	{ "\xef\xbb\xbfk", "k", BIT(MARK) },
	{ "\"k\"", "k", BIT(QUOTES) },
	{ "'k'", "k", BIT(QUOTES) },
	{ "`k`", "k", BIT(QUOTES) },
	{ "\xe2\x80\x9ck\xe2\x80\x9d", "k", BIT(QUOTES) },
	{ "' \"k\" '", "k", BIT(QUOTES) | BIT(BLANKS) },
	{ "API_KEY=k", "k", BIT(NAME) },
	{ "API_KEY = \"k\";", "k", BIT(NAME) | BIT(QUOTES) | BIT(SIGN) },
	{ "export api_key='k'", "k", BIT(COMMAND) | BIT(NAME) | BIT(QUOTES) },
	{ "export foo=k", "k", BIT(COMMAND) | BIT(NAME) },
	{ "set KEY=k", "k", BIT(COMMAND) | BIT(NAME) },
	{ "$env:es_key = 'k'", "k", BIT(COMMAND) | BIT(NAME) | BIT(QUOTES) },
	{ "foo=" PAIR, PAIR, BIT(NAME) },
	{ "api_key: k", "k", BIT(NAME) },
	{ "\"api_key\": \"k\",", "k", BIT(NAME) | BIT(QUOTES) | BIT(SIGN) },
	{ "ES_KEY=k   # of team a", "k", BIT(NAME) | BIT(REMARK) },
	{ "ApiKey k", "k", BIT(SCHEME) },
	{ "APIKEY  k", "k", BIT(SCHEME) },
	{ "Authorization: ApiKey k", "k", BIT(FIELD) | BIT(SCHEME) },
	{ "authorization:k", "k", BIT(FIELD) },
	{ "-H 'Authorization: ApiKey k'", "k", BIT(COMMAND) | BIT(QUOTES) |
	    BIT(FIELD) | BIT(SCHEME) },
	{ "X-Api-Key: k", "k", BIT(FIELD) },
	{ "Custom k", "k", BIT(SCHEME) },
	/* What may be the value itself. */
	{ "foo=k", "foo=k", 0 },
	{ "QUJD=", "QUJD=", 0 },
	{ "ABC==", "ABC==", 0 },
	{ "KEY=", "KEY=", 0 },
	{ "abcdef:k", "abcdef:k", 0 },
	{ "key:k", "key:k", 0 },
	{ "\"k", "\"k", 0 },
	{ "k;", "k;", 0 },
	{ "k,", "k,", 0 },
	{ "\"a\" \"b\"", "\"a\" \"b\"", 0 },
	{ "ApiKey", "ApiKey", 0 },
	{ "ApiKeyk", "ApiKeyk", 0 },
	{ "Other k", "Other k", 0 },
	{ "k#1", "k#1", 0 },
	{ PAIR, PAIR, 0 },
	/* Lines are for others to tell apart. */
	{ "\nA=k\nB=k\n", "A=k\nB=k", BIT(BLANKS) },
};

static void
what_surely_is_no_part_of_a_value_is_taken_off(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct key_peeled p = key_peel(text_of(forms[i].given),
		    "X-Api-Key", "Custom");

		if (!text_eq(p.text, text_of(forms[i].left)))
			fail_msg("%s: %.*s", forms[i].given,
			    TEXT_ARG(p.text));
		assert_int_equal(p.seen, forms[i].seen);
	}
}

static void
the_word_of_a_scheme_is_told(void **state)
{
	(void)state;
	assert_null(key_peel(TEXT("k"), NULL, NULL).scheme);
	assert_string_equal(key_peel(TEXT("bearer k"), NULL, NULL).scheme,
	    "Bearer");
	assert_string_equal(key_peel(TEXT("OWN k"), NULL, "own").scheme,
	    "own");
	assert_int_equal(key_peel(TEXT("own k"), NULL, NULL).seen, 0);
}

static void
there_are_words_for_all_of_it(void **state)
{
	(void)state;
	for (int i = 0; i < N_PEELS; i++)
		assert_non_null(key_peel_words((enum key_peel)i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_surely_is_no_part_of_a_value_is_taken_off),
		cmocka_unit_test(the_word_of_a_scheme_is_told),
		cmocka_unit_test(there_are_words_for_all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
