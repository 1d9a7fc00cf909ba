/*
 * base/json_read: what is JSON and what is not, to the byte, and what values
 * are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/json_read.h"

static struct blocks *blocks;
static struct arena arena;

static int
setup(void **state)
{
	(void)state;
	blocks = blocks_new(4096, 4);
	arena_init(&arena, blocks);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	blocks_free(blocks);
	return 0;
}

static const struct json_value *
read_text(const char *text)
{
	return json_read(&arena, text_of(text));
}

static void
assert_value(const char *text, enum json_kind kind)
{
	const struct json_value *v = read_text(text);

	if (v == NULL)
		fail_msg("refused: %s", text);
	assert_int_equal(v->kind, kind);
}

static void
assert_refused(const char *text)
{
	if (read_text(text) != NULL)
		fail_msg("taken: %s", text);
}

static void
every_kind_of_value_is_read(void **state)
{
	(void)state;
	assert_value("null", JSON_NULL);
	assert_value(" \t\r\ntrue ", JSON_BOOL);
	assert_value("false", JSON_BOOL);
	assert_value("\"\"", JSON_STRING);
	assert_value("[]", JSON_ARRAY);
	assert_value("[ ]", JSON_ARRAY);
	assert_value("[ 1 , [ ] , { } ]", JSON_ARRAY);
	assert_value("{}", JSON_OBJECT);
	assert_value("{ \"a\" : 1 , \"b\" : null }", JSON_OBJECT);
	for (const char *const *n = (const char *const []){ "0", "-0", "7",
	    "-12", "1.5", "0.0", "1e9", "1E+9", "1.25e-3", NULL }; *n != NULL;
	    n++)
		assert_value(*n, JSON_NUMBER);
	assert_true(read_text("true")->truth);
	assert_false(read_text("false")->truth);
}

static void
what_is_not_json_is_refused(void **state)
{
	static const char *const texts[] = { "", " ", "nul", "nullx", "True",
	    "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "1 2", "NaN",
	    "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{",
	    "{\"a\"", "{\"a\":", "{\"a\":}", "{\"a\" 1}", "{a:1}", "{\"a\":1,}",
	    "{1:2}", "{\"a\":1]", "\"", "\"a", "\"\\\"", "\"\\", "\"\\x\"",
	    "\"\\u12\"", "\"\\u12g4\"", "\"\\u-123\"", "\"a\nb\"", "\"\x1f\"",
	    "'a'", "// x\n1", "\xef\xbb\xbf[]" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_refused(texts[i]);
	assert_null(json_read(&arena, (struct text){ .p = "1\0", .n = 2 }));
	assert_null(json_read(&arena, (struct text){ .p = "\"\0\"", .n = 3 }));
	assert_null(json_read(&arena, (struct text){ .p = "\"\\\0\"",
	    .n = 4 }));
}

static void
assert_string(const char *text, const char *expected, size_t n)
{
	const struct json_value *v = read_text(text);

	assert_non_null(v);
	assert_int_equal(json_string(v).n, n);
	assert_memory_equal(json_string(v).p, expected, n);
}

static void
escapes_are_what_they_stand_for(void **state)
{
	(void)state;
	assert_string("\"plain\"", "plain", 5);
	assert_string("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8);
	assert_string("\"a\\u0041b\\u00e9\\u20AC\"", "aAb\xc3\xa9\xe2\x82\xac",
	    8);
	assert_string("\"\\ud83c\\udff0!\"", "\xf0\x9f\x8f\xb0!", 5);
	assert_string("\"x\\u0000y\"", "x\0y", 3);
	assert_string("\"\xc3\xa9\\n\xf0\x9f\x8f\xb0\"",
	    "\xc3\xa9\n\xf0\x9f\x8f\xb0", 7);
	assert_string("\"\x7f\"", "\x7f", 1);
}

static void
what_is_no_utf8_is_refused(void **state)
{
	static const char *const texts[] = { "\"\x80\"", "\"\xff\"",
	    "\"\xc3\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\\ud800\"",
	    "\"\\ud800x\"", "\"\\ud800\\n\"", "\"\\ud800\\ud800\"",
	    "\"\\udc00\"", "\"\\n\xff\"", "{\"\xff\":1}" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_refused(texts[i]);
}

static void
members_are_found_by_name_and_elements_are_in_order(void **state)
{
	const struct json_value *v = read_text("{\"a\":1,\"l\":[7,8,9],"
	    "\"a\":2,\"\\u0062\":\"x\"}"), *l;
	int64_t n, expected = 7;

	(void)state;
	assert_int_equal(v->count, 4);
	assert_true(json_whole(json_member(v, "a"), &n));
	assert_int_equal(n, 1);
	assert_int_equal(json_string(json_member(v, "b")).n, 1);
	l = json_member(v, "l");
	assert_int_equal(l->count, 3);
	for (const struct json_value *e = l->first; e != NULL; e = e->next) {
		assert_true(json_whole(e, &n));
		assert_int_equal(n, expected++);
	}
	assert_null(json_member(v, "c"));
	assert_null(json_member(l, "a"));
	assert_null(json_member(NULL, "a"));
	assert_int_equal(json_string(l).n, 0);
	assert_int_equal(json_string(NULL).n, 0);
}

static void
only_whole_numbers_that_fit_are_whole(void **state)
{
	int64_t n = 5;

	(void)state;
	assert_true(json_whole(read_text("9223372036854775807"), &n));
	assert_true(n == INT64_MAX);
	assert_true(json_whole(read_text("-30"), &n));
	assert_int_equal(n, -30);
	assert_false(json_whole(read_text("9223372036854775808"), &n));
	assert_false(json_whole(read_text("1.0"), &n));
	assert_false(json_whole(read_text("1e3"), &n));
	assert_false(json_whole(read_text("\"1\""), &n));
	assert_false(json_whole(NULL, &n));
	assert_int_equal(n, -30);
}

/* n brackets within each other. */
static const struct json_value *
read_nested(size_t n)
{
	char *text = malloc(2 * n + 1);
	const struct json_value *v;

	assert_non_null(text);
	memset(text, '[', n);
	memset(text + n, ']', n);
	v = json_read(&arena, (struct text){ .p = text, .n = 2 * n });
	free(text);
	return v;
}

static void
depth_is_bounded(void **state)
{
	(void)state;
	assert_non_null(read_nested(JSON_DEPTH));
	assert_null(read_nested(JSON_DEPTH + 1));
	assert_null(read_nested(1000000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_value_is_read),
		cmocka_unit_test(what_is_not_json_is_refused),
		cmocka_unit_test(escapes_are_what_they_stand_for),
		cmocka_unit_test(what_is_no_utf8_is_refused),
		cmocka_unit_test(
		    members_are_found_by_name_and_elements_are_in_order),
		cmocka_unit_test(only_whole_numbers_that_fit_are_whole),
		cmocka_unit_test(depth_is_bounded),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
