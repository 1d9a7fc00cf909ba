/*
 * Keys in the answers of APIs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "keyfile/key_json.h"

#define ESSU	"essu_MTIzNDU2Nzg5AAAAAMv0OSY="
#define PAIR	"YWJjOmRlZmdoaWprbG1ub3A="

static void
assert_found(const char *json, const char *expected, bool expect_joined)
{
	struct secret *value;
	bool joined;

	assert_int_equal(key_json_find(text_of(json), &value, &joined),
	    KEY_JSON_FOUND);
	if (!text_eq(secret_text(value), text_of(expected)))
		fail_msg("%s: %.*s", json, TEXT_ARG(secret_text(value)));
	assert_int_equal(joined, expect_joined);
	secret_free(value);
}

static void
assert_result(const char *json, enum key_json expected)
{
	struct secret *value;
	bool joined;

	if (key_json_find(text_of(json), &value, &joined) != expected)
		fail_msg("%s", json);
}

static void
the_answers_that_make_keys_are_understood(void **state)
{
	(void)state;
	assert_found("{\"id\":\"x\",\"key\":\"" ESSU "\"}", ESSU, false);
	assert_found("{ \"id\" : \"abc\", \"name\" : \"n\",\n"
	    " \"expiration\" : 1795000000000, \"api_key\" : "
	    "\"defghijklmnop\",\n \"encoded\" : \"" PAIR "\" }\n", PAIR,
	    false);
	assert_found("{\"encoded\":\"" PAIR "\",\"beats_logstash_format\":"
	    "\"abc:defghijklmnop\"}", PAIR, false);
	assert_found("{\"id\":\"abc\",\"api_key\":\"defghijklmnop\"}", PAIR,
	    true);
	assert_found("{\"keys\":[{\"id\":\"x\",\"key\":\"" ESSU "\"}]}", ESSU,
	    false);
	assert_found("[\"" ESSU "\"]", ESSU, false);
	assert_found("{\"ES_KEY\":\"" ESSU "\",\"a\":null,\"b\":[true,{},-1e9]}",
	    ESSU, false);
	assert_found("{\"api_key\":\"" ESSU "\",\"id\":\"x\"}", ESSU, false);
	assert_found("{\"token\":\"opaque\"}", "opaque", false);
}

static void
escapes_are_undone(void **state)
{
	(void)state;
	assert_found("{\"encoded\":\"YWJj\\/Om\\u003d\\u002Fx\"}",
	    "YWJj/Om=/x", false);
	assert_found("{\"key\":\"\\\"\\\\\\n\\u20ac\\u12\"}", "\"\\\n\n\n",
	    false);
}

static void
the_same_key_twice_is_one(void **state)
{
	(void)state;
	assert_found("[{\"key\":\"" ESSU "\"},{\"a\":\"" ESSU "\"}]", ESSU,
	    false);
	assert_result("[{\"key\":\"" ESSU "\"},{\"key\":\"" PAIR "\"}]",
	    KEY_JSON_MANY);
	assert_result("{\"a\":\"" ESSU "\",\"b\":\"" PAIR "\"}",
	    KEY_JSON_MANY);
	assert_result("{\"a\":\"" ESSU "\",\"b\":\"" PAIR "\",\"c\":\"" PAIR
	    "\"}", KEY_JSON_MANY);
	assert_found("{\"key\":\"a\",\"token\":\"b\",\"c\":\"" ESSU "\"}", ESSU,
	    false);
}

static void
json_without_a_key_is_told_from_what_is_no_json(void **state)
{
	static const char *const none[] = { "{}", "[]", "{\"id\":\"x\"}",
		"[1,2,[3]]", "{\"key\":\"\"}", " { \"key\" : null } " };
	static const char *const other[] = { "", "k", "\"" ESSU "\"", "{",
		"[", "{}x", "{\"a\":}", "{\"a\" \"b\"}", "{\"a\":\"b}",
		"{\"a\":\"\\", "{\"key\":\"" ESSU "\"", "{,}", "{a:1}",
		"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "[\"a\",]", "{\"\\" };

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_result(none[i], KEY_JSON_NONE);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		assert_result(other[i], KEY_JSON_OTHER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_answers_that_make_keys_are_understood),
		cmocka_unit_test(escapes_are_undone),
		cmocka_unit_test(the_same_key_twice_is_one),
		cmocka_unit_test(
		    json_without_a_key_is_told_from_what_is_no_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
