/*
 * Secrets among arguments: found wherever they stand, and nothing else is.
 * The keys are made here and open nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/base64.h"
#include "cli/exposed.h"
#include "seal/bech32.h"

#define ESSU_40	"essu_abcdefghijABCDEFGHIJ0123456789+/-_abcdef"
#define ID	"abcdefghij0123456789"
#define SECRET	"ABCDEFGHIJ0123456789-_"

static bool
is_exposed(const char *before, const char *text, const char *behind)
{
	char *all = xasprintf("%s%s%s", before, text, behind);
	bool yes = exposed_in(text_of(all));

	free(all);
	return yes;
}

/* As it is put into the words that people type. */
static void
assert_found_everywhere(const char *text)
{
	static const char *const around[][2] = {
		{ "", "" }, { " ", " " }, { "\"", "\"" }, { "'", "'" },
		{ "--note=", "" }, { "-c", "" }, { "--config='", "'" },
		{ "/tmp/", "/x" }, { "file:///home/a/", ".txt" },
		{ "ApiKey ", "" }, { "Authorization: ApiKey ", "" },
		{ "Authorization:", "" }, { "export ES_API_KEY=", "" },
		{ "{\"encoded\":\"", "\"}" }, { "/_search?key=", "&x=y" },
		{ "https://user:", "@example.com" }, { "a\nb\n", "\n" },
	};

	for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++)
		assert_true(is_exposed(around[i][0], text, around[i][1]));
}

static void
a_key_of_elastic_cloud_is_found_everywhere(void **state)
{
	(void)state;
	assert_found_everywhere(ESSU_40);
	assert_found_everywhere("essu_abcdefghij%2Bklmnopqrstuvwxyz0123456789"
	    "%3D");
	assert_found_everywhere("essu_abcdefghij\\/klmnopqrstuvwxyz0123456789"
	    "abcde");
}

/* A check sum as Elastic Cloud makes it; of zeros it is no secret. */
static void
a_key_without_its_beginning_is_found_by_its_check_sum(void **state)
{
	/* Of 64 bytes of zero CRC-32 is 758d6336. */
	uint8_t plain[72] = { [68] = 0x75, 0x8d, 0x63, 0x36 };
	char text[BASE64_PADDED_LEN(sizeof(plain)) + 1] = "";

	(void)state;
	base64_encode_padded(plain, sizeof(plain), text);
	assert_true(is_exposed("", text, ""));
	assert_true(is_exposed("--note='", text, "'"));
	assert_true(is_exposed("EC_API_KEY=", text, ""));
	assert_true(is_exposed("ApiKey ", text, "\n"));
	assert_true(is_exposed("/tmp/", text, ""));
	assert_true(is_exposed("-c", text, ""));
	text[20] = 'B';
	assert_false(is_exposed("", text, ""));
}

static void
less_than_40_characters_of_one_are_none(void **state)
{
	(void)state;
	assert_false(is_exposed("", "essu_", ""));
	assert_false(is_exposed("", "essu_keys.age", ""));
	assert_false(is_exposed("essu_", "abcdefghijklmnopqrstuvwxyz0123456789"
	    "ABC", ""));
	assert_true(is_exposed("essu_", "abcdefghijklmnopqrstuvwxyz0123456789"
	    "ABCD", ""));
}

/* Base64 of a text, to be freed. */
static char *
encode(const char *text, bool padded, bool for_urls)
{
	size_t n = strlen(text);
	char *out = xcalloc(1, BASE64_PADDED_LEN(n) + 1);

	base64_encode_padded((const uint8_t *)text, n, out);
	if (!padded)
		out[BASE64_LEN(n)] = '\0';
	for (char *p = out; for_urls && *p != '\0'; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	return out;
}

static void
a_pair_in_base64_is_found_everywhere(void **state)
{
	static const char *const pairs[] = {
		ID ":" SECRET, "elastic:pass?word>of~~~?~?~?~>>>>",
		"a:0123456789012345678901234567", ID ":" SECRET "1",
		ID ":" SECRET "12",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]) * 4; i++) {
		char *text = encode(pairs[i / 4], i & 1, i & 2);

		assert_found_everywhere(text);
		free(text);
	}
}

static void
assert_pair(const char *plain, bool expected)
{
	char *text = encode(plain, true, false);

	assert_int_equal(exposed_in(text_of(text)), expected);
	free(text);
}

static void
a_pair_has_two_parts_and_40_characters(void **state)
{
	(void)state;
	assert_pair("abcdefghij:0123456789abcdef", false);
	assert_pair("abcdefghij:0123456789abcdef0", true);
	assert_pair("abcdefghij.0123456789abcdef0123456789", false);
	assert_pair(":abcdefghij0123456789abcdef0123456789", false);
	assert_pair("abcdefghij: 0123456789abcdef0123456789", false);
	/* Such as tells where the next page begins. */
	assert_pair("{\"after\":\"2026-11-25T00:00:00Z\",\"n\":17}", false);
}

/* n bytes in bech32, to be freed. */
static char *
bech32(const char *prefix, size_t n)
{
	char *text = xcalloc(1, BECH32_LEN(strlen(prefix), n) + 1);
	uint8_t *bytes = xcalloc(n, 1);

	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(i * i + 7 * n);
	bech32_encode(text_of(prefix), bytes, n, text);
	free(bytes);
	return text;
}

static void
assert_identity(const char *prefix)
{
	char *line = bech32(prefix, 32);

	assert_found_everywhere(line);
	line[strlen(line) / 2 + 8] = '\0';
	assert_found_everywhere(line);
	for (char *p = line; *p != '\0'; p++)
		*p = *p >= 'a' && *p <= 'z' ? (char)(*p & ~0x20) : *p;
	assert_found_everywhere(line);
	free(line);
}

static void
an_identity_is_found_everywhere(void **state)
{
	(void)state;
	assert_identity("age-secret-key-");
	assert_identity("age-secret-key-pq-");
	assert_found_everywhere("AGE-SECRET-KEY-");
}

static void
a_recipient_is_none(void **state)
{
	char *plain = bech32("age", 32), *hybrid = bech32("age1pq", 1216);

	(void)state;
	assert_false(exposed_in(text_of(plain)));
	assert_false(exposed_in(text_of(hybrid)));
	free(plain);
	free(hybrid);
}

static void
what_is_no_secret_is_not_found(void **state)
{
	static const char *const texts[] = {
		"", "essu_", "key", "add", "--host=api.elastic-cloud.com",
		"Authorization: ApiKey ci", "age-secret-key-1.txt",
		"/home/me/age-secret-key-pq-1-of-the-old-machine",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
		"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
		"/usr/lib/x86_64-linux-gnu/perl5/auto/share/dist/Sallyport/x",
		"~/Documents/Elastic/Production/Deployments/Keys/2026/team-a.csv",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"/api/v1/deployments/0123456789abcdef0123456789abcdef/elastic"
		"search/main-elasticsearch?show_metadata=true&enrich_with_tem"
		"plate=true",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(exposed_in(text_of(texts[i])));
}

/* Base64 of nothing but letters, wherever one begins to read it. */
static void
a_long_text_is_gone_through_once(void **state)
{
	size_t n = (size_t)1 << 22;
	char *text = xmalloc(n + 1);

	(void)state;
	for (size_t i = 0; i < n; i++)
		text[i] = "YWFh"[i % 4];
	text[n] = '\0';
	assert_false(exposed_in(text_of(text)));
	/* "aa:" */
	memcpy(text + n - 4, "YWE6", 4);
	assert_true(exposed_in(text_of(text)));
	free(text);
}

/* As the kernel has them. */
static void
assert_hidden(const char *first, const char *second, const char *third,
    const char *places)
{
	char *argv[] = { xstrdup("sallyport"), xstrdup(first),
		xstrdup(second), xstrdup(third), NULL };
	char *said = exposed_hide(4, argv);

	if (places == NULL)
		assert_null(said);
	else
		assert_string_equal(said, places);
	for (int i = 1; i < 4; i++)
		assert_false(exposed_in(text_of(argv[i])));
	assert_string_equal(argv[0], "sallyport");
	free(said);
	for (int i = 0; i < 4; i++)
		free(argv[i]);
}

static void
arguments_with_secrets_are_overwritten_and_their_places_told(void **state)
{
	(void)state;
	assert_hidden("a", "b", "c", NULL);
	assert_hidden("a", "b", ESSU_40, "argument 3");
	assert_hidden(ESSU_40, "b", "--note=" ESSU_40, "arguments 1 and 3");
	assert_hidden(ESSU_40, ESSU_40, ESSU_40, "arguments 1, 2 and 3");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_of_elastic_cloud_is_found_everywhere),
		cmocka_unit_test(
		    a_key_without_its_beginning_is_found_by_its_check_sum),
		cmocka_unit_test(less_than_40_characters_of_one_are_none),
		cmocka_unit_test(a_pair_in_base64_is_found_everywhere),
		cmocka_unit_test(a_pair_has_two_parts_and_40_characters),
		cmocka_unit_test(an_identity_is_found_everywhere),
		cmocka_unit_test(a_recipient_is_none),
		cmocka_unit_test(what_is_no_secret_is_not_found),
		cmocka_unit_test(a_long_text_is_gone_through_once),
		cmocka_unit_test(
		    arguments_with_secrets_are_overwritten_and_their_places_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
