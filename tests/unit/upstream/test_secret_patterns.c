/*
 * Unit tests of upstream/secret_patterns.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "secret_patterns_of.h"
#include "upstream/secret_patterns.h"

/* The text holds the key, or does not. */
static void
assert_found(const char *value, const char *text, bool found)
{
	struct secret_patterns ns = secret_patterns_of(value);

	if (secret_patterns_found(&ns, text_of(text)) != found)
		fail_msg("%s: %s is %sfound", text, value,
		    found ? "not " : "");
	secret_patterns_drop(&ns);
}

static void
in_base64(const char *plain, size_t n, char *out)
{
	base64_encode_padded((const uint8_t *)plain, n, out);
	out[BASE64_PADDED_LEN(n)] = '\0';
}

static void
a_value_is_found_as_it_is(void **state)
{
	(void)state;
	assert_found("essu_test", "essu_test", true);
	assert_found("essu_test", "k=\"essu_test\"; x", true);
	assert_found("essu_test", "essu_tes", false);
	assert_found("essu_test", "ESSU_TEST", false);
	assert_found("essu_test", "essu_ test", false);
	assert_found("essu_test", "", false);
}

static void
a_value_is_found_with_any_of_its_characters_escaped(void **state)
{
	const char *key = "ab+cd/ef==";

	(void)state;
	assert_found(key, "?k=ab%2Bcd%2fef%3D%3D", true);
	assert_found(key, "?k=ab%252Bcd%252Fef%253D%253D", true);
	assert_found(key, "{\"k\":\"ab+cd\\/ef==\"}", true);
	assert_found(key, "{\"k\":\"ab\\u002bcd\\u002Fef\\u003d\"}", true);
	assert_found(key, "{\"k\":\"{\\\"ab+cd\\\\\\/ef==\\\"}\"}", true);
	assert_found(key, "'ab\\x2Bcd\\x2Fef'", true);
	assert_found(key, "<a>ab&#43;cd&#x2F;ef&#x3D;&#61;</a>", true);
	assert_found(key, "ab&plus;cd&sol;ef&equals;&equals;", true);
	assert_found(key, "%61%62%2B%63%64%2F%65%66%3D%3D", true);
	assert_found(key, "x%a%61b\\u002bcd&#47;%65f", true);
	assert_found(key, "ab%2Bcd%2Ff", false);
	assert_found(key, "ab%2Bcd%2", false);
	assert_found(key, "ab%2Bcd%2Fe%f", false);
	assert_found(key, "ab%2Bcd%2Fe\\f", false);
	assert_found(key, "ab%2Bcd%5Cef", false);
	assert_found(key, "ab%2B%2Bcd%2Fef", false);
}

static void
padding_is_not_needed(void **state)
{
	(void)state;
	assert_found("abcdefgh12==", "abcdefgh12", true);
	assert_found("abcdefgh12==", "abcdefgh12%3D%3d", true);
	assert_found("abcdefgh12==", "abcdefgh1=", false);
	/* What would be too short then stays as it is. */
	assert_found("abcdefg=", "abcdefg", false);
	assert_found("abcdefg=", "abcdefg%3D", true);
}

static void
the_alphabet_of_urls_is_known(void **state)
{
	(void)state;
	assert_found("ab+cd/efgh", "ab-cd_efgh", true);
	assert_found("ab+cd/efgh", "ab%2dcd_%65fgh", true);
	/* All of it or nothing. */
	assert_found("ab+cd/efgh", "ab-cd/efgh", false);
	assert_found("ab-cd_efgh", "ab+cd/efgh", false);
}

static void
the_secret_in_a_value_is_found(void **state)
{
	const char *secret = "ui2lp2axTNmsyakw9tvNnw";
	char plain[128], value[256];

	(void)state;
	snprintf(plain, sizeof(plain), "VuaCfGcBCdbkQm-e5aOx:%s", secret);
	in_base64(plain, strlen(plain), value);
	assert_found(value, value, true);
	assert_found(value, plain, true);
	assert_found(value, "{\"api_key\":\"ui2lp2axTNmsyakw9tvNnw\"}", true);
	assert_found(value, "ui2lp2axTNmsyakw9tvN%6Ew", true);
	assert_found(value, "VuaCfGcBCdbkQm-e5aOx", false);
	assert_found(value, "ui2lp2axTNmsyakw9tvNn", false);
	/* user:id:secret */
	snprintf(plain, sizeof(plain), "u:VuaCfGcBCdbkQm-e5aOx:%s", secret);
	in_base64(plain, strlen(plain), value);
	assert_found(value, secret, true);
	/* Short ones are passwords, or words. */
	in_base64("user:password1234", 17, value);
	assert_found(value, "password1234", false);
	in_base64("user:password12345678", 21, value);
	assert_found(value, "password12345678", true);
	/* What is not text is not looked for. */
	in_base64("id:\001eeeeeeeeeeeeeeeeeeeeeee", 26, value);
	assert_found(value, "eeeeeeeeeeeeeeeeeeeeeee", false);
}

/* "essu_" and base64 of a text and eight more bytes. */
static void
essu_of(const char *text, char *value)
{
	char plain[128] = "";
	size_t n = strlen(text);

	memcpy(plain, text, n);
	memcpy(plain + n, "\0\0\0\0crc!", 8);
	memcpy(value, "essu_", 5);
	in_base64(plain, n + 8, value + 5);
}

static void
the_key_in_an_elastic_cloud_key_is_found(void **state)
{
	const char *plain = "VuaCfGcBCdbkQm-e5aOx:ui2lp2axTNmsyakw9tvNnw";
	char inner[128], value[256];

	(void)state;
	in_base64(plain, strlen(plain), inner);
	essu_of(inner, value);
	assert_found(value, value, true);
	assert_found(value, inner, true);
	inner[strlen(inner) - 1] = '\0';
	assert_found(value, inner, true);
	assert_found(value, plain, true);
	assert_found(value, "ui2lp2axTNmsyakw9tvNnw", true);
	assert_found(value, "ui2lp2axTNmsyakw9tvNn", false);
	/* Without the second base64. */
	essu_of("u:i:ui2lp2axTNmsyakw9tvNnw", value);
	assert_found(value, "ui2lp2axTNmsyakw9tvNnw", true);
	assert_found(value, "u:i:ui2", false);
}

static void
an_elastic_cloud_key_is_found_without_its_first_letters(void **state)
{
	(void)state;
	assert_found("essu_0123456789abcdef", "0123456789abcdef", true);
	assert_found("essu_0123456789abcdef==", "x0123456789abcdefx", true);
	assert_found("essu_0123456789abc+ef", "0123456789abc-ef", true);
	assert_found("essu_0123456789abc+ef", "essu%5F0123456789abc%2Bef",
	    true);
	assert_found("essu_0123456789abcdef", "essu_0123456789abcde", false);
	/* Too short to stand for the key. */
	assert_found("essu_0123456789abcde", "0123456789abcde", false);
	assert_found("essu_0123456789abcde", "essu_0123456789abcde", true);
	assert_found("essu_", "essu_", false);
}

static void
a_short_value_is_not_looked_for(void **state)
{
	(void)state;
	assert_found("essu_ab", "essu_ab", false);
}

/* Its own characters cannot be told from the beginnings of escapes. */
static void
a_value_with_escapes_of_its_own_is_found_as_it_is(void **state)
{
	(void)state;
	assert_found("a%62cdefgh", "a%62cdefgh", true);
	assert_found("a%62cdefgh", "abcdefgh", false);
	assert_found("a\\/cdefgh", "a\\/cdefgh", true);
	assert_found("a&#47;efgh", "a&#47;efgh", true);
}

static size_t
suspect_of(const char *value, const char *text)
{
	struct secret_patterns ns = secret_patterns_of(value);
	struct sighting s = secret_patterns_search(&ns, text_of(text));

	assert_false(s.found);
	secret_patterns_drop(&ns);
	return s.suspect;
}

static void
a_beginning_at_the_end_is_suspect(void **state)
{
	const char *key = "ab+cd/ef==";

	(void)state;
	assert_int_equal(suspect_of(key, "xxab+c"), 2);
	assert_int_equal(suspect_of(key, "xxab%2Bc"), 2);
	assert_int_equal(suspect_of(key, "xxab%2"), 2);
	assert_int_equal(suspect_of(key, "xx%61%62&#4"), 2);
	assert_int_equal(suspect_of(key, "xx%"), 2);
	assert_int_equal(suspect_of(key, "xxa"), 2);
	assert_int_equal(suspect_of(key, "xxb"), 3);
	assert_int_equal(suspect_of(key, "xxab%2C"), 7);
	assert_int_equal(suspect_of(key, "xxab+cab+cd\\"), 6);
}

/* Where everything looks like the key, be it there or not. */
static void
a_key_is_found_in_a_long_text_of_its_pieces(void **state)
{
	const char *value = "aWQ6MDEyMzQ1Njc4OWFiY2RlZgAAAAAAAAAAAAAAAAAB";
	const size_t n = strlen(value);
	struct secret_patterns ns = secret_patterns_of(value);
	char text[6000];
	size_t found = 0;

	(void)state;
	srand(3);
	for (int i = 0; i < 2000; i++) {
		struct text t = { .p = text, .n = 0 };
		size_t length = (size_t)rand() % (sizeof(text) - n);

		while (t.n < length) {
			size_t from = (size_t)rand() % n;
			size_t size = 1 + (size_t)rand() % (n - from);

			memcpy(text + t.n, value + from, size);
			t.n += size;
		}
		assert_int_equal(secret_patterns_found(&ns, t),
		    text_contains(t, text_of(value)));
		found += secret_patterns_found(&ns, t);
	}
	assert_in_range(found, 200, 1800);
	secret_patterns_drop(&ns);
}

static void
eight_bytes_of_a_key_are_a_touch(void **state)
{
	struct secret_patterns ns = secret_patterns_of("essu_0123456789");

	(void)state;
	assert_true(secret_patterns_touch(&ns, TEXT("essu_0123456789")));
	assert_true(secret_patterns_touch(&ns, TEXT("essu_012")));
	assert_true(secret_patterns_touch(&ns, TEXT("until 23456789!")));
	assert_false(secret_patterns_touch(&ns, TEXT("essu_01")));
	assert_false(secret_patterns_touch(&ns, TEXT("3456789 and essu_01")));
	assert_false(secret_patterns_touch(&ns, TEXT("")));
	assert_true(secret_patterns_touch(&ns, TEXT("%65ssu_012")));
	secret_patterns_drop(&ns);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_found_as_it_is),
		cmocka_unit_test(
		    a_value_is_found_with_any_of_its_characters_escaped),
		cmocka_unit_test(padding_is_not_needed),
		cmocka_unit_test(the_alphabet_of_urls_is_known),
		cmocka_unit_test(the_secret_in_a_value_is_found),
		cmocka_unit_test(the_key_in_an_elastic_cloud_key_is_found),
		cmocka_unit_test(
		    an_elastic_cloud_key_is_found_without_its_first_letters),
		cmocka_unit_test(a_short_value_is_not_looked_for),
		cmocka_unit_test(
		    a_value_with_escapes_of_its_own_is_found_as_it_is),
		cmocka_unit_test(a_beginning_at_the_end_is_suspect),
		cmocka_unit_test(a_key_is_found_in_a_long_text_of_its_pieces),
		cmocka_unit_test(eight_bytes_of_a_key_are_a_touch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
