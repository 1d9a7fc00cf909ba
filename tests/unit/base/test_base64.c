/*
 * Base64 as the age format wants it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"

static bool
decodes(const char *s, const char *expected)
{
	uint8_t out[64];
	size_t n = sizeof(out);

	return base64_decode(text_of(s), out, &n) &&
	    n == strlen(expected) && memcmp(out, expected, n) == 0;
}

static bool
refused(const char *s)
{
	uint8_t out[64];
	size_t n = sizeof(out);

	return !base64_decode(text_of(s), out, &n);
}

static void
the_vectors_of_rfc_4648_decode_without_their_padding(void **state)
{
	(void)state;
	assert_true(decodes("", ""));
	assert_true(decodes("Zg", "f"));
	assert_true(decodes("Zm8", "fo"));
	assert_true(decodes("Zm9v", "foo"));
	assert_true(decodes("Zm9vYg", "foob"));
	assert_true(decodes("Zm9vYmE", "fooba"));
	assert_true(decodes("Zm9vYmFy", "foobar"));
	assert_true(decodes("+/+/", "\xfb\xff\xbf"));
}

static void
padding_spaces_and_other_alphabets_are_refused(void **state)
{
	(void)state;
	assert_true(refused("Zg=="));
	assert_true(refused("Zm8="));
	assert_true(refused(" Zg"));
	assert_true(refused("Zg\n"));
	assert_true(refused("Zm9v\r"));
	assert_true(refused("-_-_"));
	assert_true(refused("Z\x80" "9v"));
}

static void
a_second_way_to_write_the_same_bytes_is_refused(void **state)
{
	(void)state;
	assert_true(refused("Zh"));
	assert_true(refused("Zm9"));
	assert_true(refused("Z"));
	assert_true(refused("Zm9vZ"));
}

static void
what_does_not_fit_is_refused(void **state)
{
	uint8_t out[2];
	size_t n = sizeof(out);

	(void)state;
	assert_false(base64_decode(TEXT("Zm9v"), out, &n));
	n = sizeof(out);
	assert_true(base64_decode(TEXT("Zm8"), out, &n));
	assert_int_equal(n, 2);
}

static void
encoding_and_decoding_agree_for_every_length(void **state)
{
	uint8_t in[100], out[BASE64_ROOM(BASE64_LEN(100))];
	char text[BASE64_LEN(100)];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 37 + 11);
	for (size_t len = 0; len <= sizeof(in); len++) {
		base64_encode(in, len, text);
		n = BASE64_ROOM(BASE64_LEN(len));
		assert_true(base64_decode((struct text){ .p = text,
		    .n = BASE64_LEN(len) }, out, &n));
		assert_int_equal(n, len);
		assert_memory_equal(in, out, len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_vectors_of_rfc_4648_decode_without_their_padding),
		cmocka_unit_test(
		    padding_spaces_and_other_alphabets_are_refused),
		cmocka_unit_test(
		    a_second_way_to_write_the_same_bytes_is_refused),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(encoding_and_decoding_agree_for_every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
