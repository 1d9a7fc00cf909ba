/*
 * Bech32 as age writes recipients and identities.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "seal/bech32.h"

static void
fill(uint8_t *p, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(i * 59 + seed * 101 + 7);
}

static void
encoding_and_decoding_agree_for_every_length(void **state)
{
	uint8_t in[70], out[70];
	char text[BECH32_LEN(3, 70) + 1];

	(void)state;
	for (size_t n = 0; n <= sizeof(in); n++) {
		fill(in, n, (unsigned)n);
		bech32_encode(TEXT("age"), in, n, text);
		assert_int_equal(strlen(text), BECH32_LEN(3, n));
		assert_int_equal(bech32_decode(text_of(text), TEXT("age"), out,
		    n), BECH32_OK);
		assert_memory_equal(in, out, n);
	}
}

static void
a_known_value_encodes_as_bip_173_says(void **state)
{
	/* 256 bits of zero data with an empty-looking prefix of our own. */
	static const uint8_t zero[32];
	char text[BECH32_LEN(1, 32) + 1];

	(void)state;
	/* "a12uel5l" is BIP 173's shortest valid text. */
	bech32_encode(TEXT("a"), zero, 0, text);
	assert_string_equal(text, "a12uel5l");
	assert_int_equal(bech32_decode(TEXT("A12UEL5L"), TEXT("a"), NULL, 0),
	    BECH32_OK);
}

static void
every_single_wrong_character_fails_the_checksum(void **state)
{
	static const char other[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	uint8_t in[32], out[32];
	char text[BECH32_LEN(3, 32) + 1], right;

	(void)state;
	fill(in, sizeof(in), 3);
	bech32_encode(TEXT("age"), in, sizeof(in), text);
	for (size_t i = 4; text[i] != '\0'; i++) {
		right = text[i];
		for (const char *c = other; *c != '\0'; c++) {
			if (*c == right)
				continue;
			text[i] = *c;
			assert_int_equal(bech32_decode(text_of(text),
			    TEXT("age"), out, sizeof(out)), BECH32_CHECKSUM);
		}
		text[i] = right;
	}
}

static void
other_prefixes_mixed_case_and_foreign_characters_are_told_apart(void **state)
{
	uint8_t in[32], out[32];
	char text[BECH32_LEN(3, 32) + 1];

	(void)state;
	fill(in, sizeof(in), 5);
	bech32_encode(TEXT("age"), in, sizeof(in), text);
	assert_int_equal(bech32_decode(text_of(text), TEXT("agf"), out, 32),
	    BECH32_PREFIX);
	assert_int_equal(bech32_decode(TEXT("age"), TEXT("age"), out, 32),
	    BECH32_PREFIX);
	assert_int_equal(bech32_decode(TEXT("age1"), TEXT("age"), out, 32),
	    BECH32_FORM);
	assert_int_equal(bech32_decode(text_of(text), TEXT("age"), out, 31),
	    BECH32_FORM);
	text[0] = 'A';
	assert_int_equal(bech32_decode(text_of(text), TEXT("age"), out, 32),
	    BECH32_FORM);
	text[0] = 'a';
	text[10] = 'b';
	assert_int_equal(bech32_decode(text_of(text), TEXT("age"), out, 32),
	    BECH32_FORM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encoding_and_decoding_agree_for_every_length),
		cmocka_unit_test(a_known_value_encodes_as_bip_173_says),
		cmocka_unit_test(
		    every_single_wrong_character_fails_the_checksum),
		cmocka_unit_test(
		    other_prefixes_mixed_case_and_foreign_characters_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
