/*
 * base/json: escaping, and the commas of nested values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "base/json.h"

struct escape_case {
	struct text in, out;
};

#define CASE(i, o) { TEXT(i), TEXT(o) }
#define BAD "\xef\xbf\xbd"

static const struct escape_case escapes[] = {
	CASE("", ""),
	CASE("/api/v1/deployments?q=a b", "/api/v1/deployments?q=a b"),
	CASE("\"\\/", "\\\"\\\\/"),
	CASE("\b\f\n\r\t", "\\b\\f\\n\\r\\t"),
	CASE("a\0b", "a\\u0000b"),
	CASE("\x01\x1b[31m\x1f", "\\u0001\\u001b[31m\\u001f"),
	CASE("\x7f", "\\u007f"),
	CASE("\xc2\x9b" "2J", "\\u009b2J"),
	CASE("\xc2\xa0", "\xc2\xa0"),
	CASE("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"),
	CASE("\xe2\x82\xac\xf0\x9f\x8f\xb0", "\xe2\x82\xac\xf0\x9f\x8f\xb0"),
	CASE("\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80"),
	CASE("\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"),
	/* Not UTF-8: a lone byte, overlong, surrogate, too high, cut. */
	CASE("\x80", BAD),
	CASE("a\xff" "b", "a" BAD "b"),
	CASE("\xc0\xaf", BAD BAD),
	CASE("\xe0\x9f\xbf", BAD BAD BAD),
	CASE("\xf0\x8f\xbf\xbf", BAD BAD BAD BAD),
	CASE("\xed\xa0\x80", BAD BAD BAD),
	CASE("\xf4\x90\x80\x80", BAD BAD BAD BAD),
	CASE("\xf5\x80\x80\x80", BAD BAD BAD BAD),
	CASE("\xe2\x82", BAD BAD),
	CASE("\xc3", BAD),
	CASE("\xc3\"", BAD "\\\""),
};

static void
assert_buf(const struct buf *b, struct text expected)
{
	assert_int_equal(buf_len(b), expected.n);
	assert_memory_equal(buf_text(b).p, expected.p, expected.n);
}

static void
hostile_bytes_are_escaped_and_stay_utf8(void **state)
{
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof(escapes) / sizeof(*escapes); i++) {
		buf_init(&out, NULL);
		json_escape(&out, escapes[i].in);
		assert_buf(&out, escapes[i].out);
		buf_release(&out);
	}
}

static void
a_text_is_put_between_what_stands_before_it_and_a_quote(void **state)
{
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof(escapes) / sizeof(*escapes); i++) {
		const struct text in = escapes[i].in, expected = escapes[i].out;

		buf_init(&out, NULL);
		json_put(&out, TEXT(",\"name\":\""), in);
		assert_int_equal(buf_len(&out), 9 + expected.n + 1);
		assert_memory_equal(buf_data(&out), ",\"name\":\"", 9);
		assert_memory_equal(buf_data(&out) + 9, expected.p,
		    expected.n);
		assert_int_equal(buf_data(&out)[9 + expected.n], '"');
		buf_release(&out);
	}
}

static void
no_byte_below_space_nor_lone_quote_ever_stands_in_a_text(void **state)
{
	struct buf out;

	(void)state;
	for (unsigned a = 0; a < 256; a++) {
		for (unsigned b = 0; b < 256; b++) {
			const char in[2] = { (char)a, (char)b };
			const uint8_t *p;
			size_t n;

			buf_init(&out, NULL);
			json_escape(&out, (struct text){ in, 2 });
			p = buf_data(&out);
			n = buf_len(&out);
			for (size_t i = 0; i < n; i++) {
				assert_true(p[i] >= 0x20 && p[i] != 0x7f);
				if (p[i] == '"')
					assert_true(i > 0 && p[i - 1] == '\\');
			}
			buf_release(&out);
		}
	}
}

static void
commas_stand_between_members_and_nowhere_else(void **state)
{
	struct buf out;
	struct json j;

	(void)state;
	buf_init(&out, NULL);
	json_start(&j, &out);
	json_object(&j, NULL);
	json_object(&j, "empty");
	json_object_end(&j);
	json_array(&j, "list");
	json_str(&j, NULL, "a");
	json_u64(&j, NULL, UINT64_MAX);
	json_array(&j, NULL);
	json_array_end(&j);
	json_bool(&j, NULL, false);
	json_array_end(&j);
	json_i64(&j, "least", INT64_MIN);
	json_bool(&j, "b", true);
	json_text(&j, "k\"ey", TEXT("v"));
	json_null(&j, "none");
	json_str_or_null(&j, "some", "v");
	json_str_or_null(&j, "no", NULL);
	json_object_end(&j);
	assert_buf(&out, TEXT("{\"empty\":{},\"list\":[\"a\","
	    "18446744073709551615,[],false],"
	    "\"least\":-9223372036854775808,\"b\":true,\"k\\\"ey\":\"v\","
	    "\"none\":null,\"some\":\"v\",\"no\":null}"));
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_bytes_are_escaped_and_stay_utf8),
		cmocka_unit_test(
		    a_text_is_put_between_what_stands_before_it_and_a_quote),
		cmocka_unit_test(
		    no_byte_below_space_nor_lone_quote_ever_stands_in_a_text),
		cmocka_unit_test(commas_stand_between_members_and_nowhere_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
