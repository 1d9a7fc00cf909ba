/*
 * Values out of whatever was given for one: taken where it is certain what
 * was meant, refused only where it can be no key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "keyfile/key_value.h"

#define ESSU	"essu_MTIzNDU2Nzg5AAAAAMv0OSY="
#define OTHER	"essu_MTIzNDU2Nzg5AAAAAMv0OSc="	/* not its check sum */
#define PAIR	"YWJjOmRlZmdoaWprbG1ub3A="

/* With this remark and no other; NULL: without any. */
static void
assert_taken(const char *given, const char *expected, const char *remark)
{
	struct key_value v;

	key_value_read(&v, text_of(given), NULL, NULL);
	if (v.value == NULL)
		fail_msg("%s: %s", given, v.refused);
	if (!text_eq(secret_text(v.value), text_of(expected)))
		fail_msg("%s: %.*s", given, TEXT_ARG(secret_text(v.value)));
	if (v.n_remarks != (remark != NULL) || (remark != NULL &&
	    strcmp(v.remarks[0], remark) != 0))
		fail_msg("%s: %zu: %s", given, v.n_remarks, v.n_remarks != 0 ?
		    v.remarks[0] : "");
	key_value_free(&v);
}

static void
assert_refused(const char *given, size_t n, const char *why)
{
	struct key_value v;

	key_value_read(&v, (struct text){ .p = given, .n = n }, NULL, NULL);
	if (v.value != NULL)
		fail_msg("%s: %.*s", given, TEXT_ARG(secret_text(v.value)));
	assert_int_equal(v.n_remarks, 0);
	if (strstr(v.refused, why) == NULL)
		fail_msg("%s: %s", given, v.refused);
	key_value_free(&v);
}

static void
a_key_alone_is_taken_without_a_word(void **state)
{
	static const char *const keys[] = { ESSU, PAIR };
	static const char *const ends[] = { "", "\n", "\r\n" };

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		char *given = xasprintf("%s%s", keys[i / 3], ends[i % 3]);

		assert_taken(given, keys[i / 3], NULL);
		free(given);
	}
}

#define LEFT(what)	"was given with " what ", which is left out"

static void
what_stands_around_a_key_is_left_out_and_said(void **state)
{
	(void)state;
	assert_taken("'" ESSU "'\n", ESSU, LEFT("quotes around it"));
	assert_taken("export ES_KEY=\"" ESSU "\"", ESSU, LEFT("quotes around "
	    "it, a command before it and NAME= before it"));
	assert_taken("Authorization: ApiKey " PAIR, PAIR, LEFT("the name of a "
	    "field before it and the word of a scheme before it"));
	assert_taken(ESSU "\n\n", ESSU, LEFT("blanks or line ends around it"));
	assert_taken("{\"id\":\"x\",\n\"key\":\"" ESSU "\"}\n", ESSU,
	    LEFT("JSON around it"));
	assert_taken("'{\"encoded\":\"" PAIR "\"}'", PAIR,
	    LEFT("quotes around it and JSON around it"));
	assert_taken("curl -H 'Authorization: ApiKey " ESSU "' https://x/",
	    ESSU, LEFT("other text around it"));
	assert_taken("team-a," ESSU, ESSU, LEFT("other text around it"));
}

static void
a_line_is_chosen_where_one_alone_is_a_key(void **state)
{
	(void)state;
	assert_taken("# of team a\n" PAIR "\n", PAIR,
	    LEFT("other lines around it"));
	assert_taken("URL=https://x\nES_KEY=" PAIR "\nX=1\n", PAIR,
	    LEFT("NAME= before it and other lines around it"));
	assert_taken(PAIR "\nteam-a\n", PAIR, LEFT("other lines around it"));
	assert_taken("name,key\nteam-a," ESSU "\n", ESSU,
	    LEFT("other text around it"));
}

static void
a_key_that_was_broken_is_put_together(void **state)
{
	(void)state;
	assert_taken("essu_MTIzNDU2\n  Nzg5AAAAAMv0OSY=\n", ESSU,
	    LEFT("blanks or line ends inside it"));
	assert_taken("YWJjOmRlZmdo\r\naWprbG1ub3A=\r\n", PAIR,
	    LEFT("blanks or line ends inside it"));
}

static void
what_looks_unusual_is_taken_with_a_warning(void **state)
{
	(void)state;
	assert_taken(OTHER, OTHER, "looks mistyped: the check sum inside does "
	    "not match; is part of it missing?");
	assert_taken("word", "word", "does not look like a key of Elastic "
	    "Cloud (\"essu_...\") or of Elasticsearch (base64 of ID:SECRET)");
	assert_taken("foo=bar", "foo=bar", "does not look like a key of "
	    "Elastic Cloud (\"essu_...\") or of Elasticsearch (base64 of "
	    "ID:SECRET)");
}

static void
two_parts_in_json_are_joined_and_that_is_said(void **state)
{
	struct key_value v;

	(void)state;
	key_value_read(&v, TEXT("{\"id\":\"abc\",\"api_key\":"
	    "\"defghijklmnop\"}"), NULL, NULL);
	assert_true(text_eq(secret_text(v.value), TEXT(PAIR)));
	assert_int_equal(v.n_remarks, 2);
	assert_string_equal(v.remarks[0], LEFT("JSON around it"));
	assert_non_null(strstr(v.remarks[1], "base64 of \"id:api_key\""));
	key_value_free(&v);
}

static void
another_scheme_than_it_is_sent_with_is_told(void **state)
{
	struct key_value v;

	(void)state;
	key_value_read(&v, TEXT("Bearer " PAIR), NULL, NULL);
	assert_int_equal(v.n_remarks, 2);
	assert_string_equal(v.remarks[1], "was given with 'Bearer' before it "
	    "and will be sent with 'ApiKey': say --scheme Bearer if that is "
	    "meant");
	key_value_free(&v);
	key_value_read(&v, TEXT("bearer word"), NULL, "Bearer");
	assert_int_equal(v.n_remarks, 1);
	key_value_free(&v);
	key_value_read(&v, TEXT("word"), "X-Key", NULL);
	assert_int_equal(v.n_remarks, 0);
	key_value_free(&v);
	key_value_read(&v, TEXT("$ecretWord"), "X-Key", NULL);
	assert_true(text_eq(secret_text(v.value), TEXT("$ecretWord")));
	key_value_free(&v);
	key_value_read(&v, TEXT("authorization: word"), "authorization",
	    "Bearer");
	assert_true(text_eq(secret_text(v.value), TEXT("word")));
	key_value_free(&v);
}

static void
what_can_be_no_key_is_refused_with_the_reason(void **state)
{
	static const struct {
		const char *given, *why;
	} cases[] = {
		{ "", "is empty" }, { "\n", "is empty" }, { " ", "is empty" },
		{ "\"\"", "is empty" }, { "two words", "holds a space" },
		{ "k\xc3\xa9y", "not ASCII" }, { "a\x1b[200~", "control" },
		{ "{", "begins like JSON" }, { "{ \"key\":", "JSON" },
		{ "{\"id\":\"x\"}", "without a key" },
		{ "[\"" ESSU "\",\"" PAIR "\"]", "more than one key" },
		{ "{\"key\":\"a b\"}", "holds a space" },
		{ "one\ntwo\n", "more than one line" },
		{ PAIR "\n" ESSU "\n", "more than one line" },
		{ "$ES_KEY", "name of a variable" },
		{ "ES_KEY=\"${ES_KEY}\"", "name of a variable" },
		{ "%ES_KEY%", "name of a variable" },
		{ "<your-key>", "in the place of a key" },
		{ "essu_****", "is not whole" }, { "essu_...", "is not whole" },
		{ "https://cloud.elastic.co", "is a URL" },
		{ "AGE-SECRET-KEY-1QQ", "an identity of age" },
		{ "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq",
		    "a recipient of age" },
		{ "-----BEGIN CERTIFICATE-----", "is PEM" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_refused(cases[i].given, strlen(cases[i].given),
		    cases[i].why);
	assert_refused("\xff\xfek\0", 4, "UTF-16");
	assert_refused("k\0e\0y\0", 6, "UTF-16");
	assert_refused("key\0", 4, "NUL");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_alone_is_taken_without_a_word),
		cmocka_unit_test(what_stands_around_a_key_is_left_out_and_said),
		cmocka_unit_test(a_line_is_chosen_where_one_alone_is_a_key),
		cmocka_unit_test(a_key_that_was_broken_is_put_together),
		cmocka_unit_test(what_looks_unusual_is_taken_with_a_warning),
		cmocka_unit_test(two_parts_in_json_are_joined_and_that_is_said),
		cmocka_unit_test(another_scheme_than_it_is_sent_with_is_told),
		cmocka_unit_test(what_can_be_no_key_is_refused_with_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
