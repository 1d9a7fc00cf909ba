/*
 * Texts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

static void
texts_are_equal_by_bytes_or_but_for_case(void **state)
{
	(void)state;
	assert_true(text_eq(TEXT(""), (struct text){ NULL, 0 }));
	assert_true(text_eq(TEXT("ab"), TEXT("ab")));
	assert_false(text_eq(TEXT("ab"), TEXT("aB")));
	assert_false(text_eq(TEXT("ab"), TEXT("abc")));
	assert_true(text_eq_nocase(TEXT("aZ-9"), TEXT("Az-9")));
	assert_false(text_eq_nocase(TEXT("@"), TEXT("`")));
	assert_false(text_eq_nocase(TEXT("["), TEXT("{")));
	assert_false(text_eq_nocase(TEXT("\xc4"), TEXT("\xe4")));
}

static void
parts_of_texts_are_found(void **state)
{
	(void)state;
	assert_true(text_starts_with(TEXT("abc"), TEXT("ab")));
	assert_true(text_starts_with(TEXT("abc"), TEXT("")));
	assert_false(text_starts_with(TEXT("ab"), TEXT("abc")));
	assert_true(text_ends_with(TEXT("abc"), TEXT("bc")));
	assert_false(text_ends_with(TEXT("c"), TEXT("bc")));
	assert_true(text_contains(TEXT("abc"), TEXT("b")));
	assert_true(text_contains(TEXT("abc"), TEXT("")));
	assert_false(text_contains(TEXT(""), TEXT("a")));
	assert_false(text_contains(TEXT("abc"), TEXT("cb")));
}

static void
blank_is_what_stands_between_words(void **state)
{
	(void)state;
	assert_true(text_is_blank(TEXT("")));
	assert_true(text_is_blank(TEXT(" \t\r\n\v\f")));
	assert_false(text_is_blank(TEXT(" a ")));
	assert_false(text_is_blank(TEXT("\0")));
	assert_false(text_is_blank(TEXT("\xc2\xa0")));
}

static void
trimming_takes_spaces_and_tabs_off_both_ends(void **state)
{
	(void)state;
	assert_true(text_eq(text_trim(TEXT(" \t a b\t ")), TEXT("a b")));
	assert_true(text_eq(text_trim(TEXT(" \t ")), TEXT("")));
	assert_true(text_eq(text_trim(TEXT("\na\r")), TEXT("\na\r")));
}

static void
only_a_text_cut_within_a_line_misses_its_end(void **state)
{
	(void)state;
	assert_true(text_eq(text_line_end(TEXT("a")), TEXT("\n")));
	assert_true(text_eq(text_line_end(TEXT("a\n")), TEXT("")));
	assert_true(text_eq(text_line_end(TEXT("")), TEXT("")));
}

static void
splitting_gives_every_part_once(void **state)
{
	static const char *const want[] = { "a", "", "bc", "" };
	struct text rest = TEXT("a,,bc,"), part;
	size_t n = 0;

	(void)state;
	while (text_split(&rest, ',', &part))
		assert_true(n < 4 && text_eq(part, text_of(want[n++])));
	assert_int_equal(n, 4);
	assert_null(rest.p);
	rest = TEXT("");
	assert_true(text_split(&rest, ',', &part));
	assert_int_equal(part.n, 0);
	assert_false(text_split(&rest, ',', &part));
}

static void
integers_are_digits_and_within_their_bound(void **state)
{
	static const char *const bad[] = {
		"", " 1", "1 ", "+1", "-1", "0x1", "1_0", "a", "1.", "256",
		"99999999999999999999999999"
	};
	uint64_t v = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(text_parse_u64(text_of(bad[i]), 255, &v));
	assert_int_equal(v, 7);
	assert_true(text_parse_u64(TEXT("255"), 255, &v) && v == 255);
	assert_true(text_parse_u64(TEXT("000"), 0, &v) && v == 0);
	assert_true(text_parse_u64(TEXT("18446744073709551615"), UINT64_MAX,
	    &v) && v == UINT64_MAX);
	assert_false(text_parse_u64(TEXT("18446744073709551616"), UINT64_MAX,
	    &v));
}

static void
hexadecimal_takes_both_cases(void **state)
{
	uint64_t v;

	(void)state;
	assert_true(text_parse_hex(TEXT("aF0"), UINT64_MAX, &v) && v == 0xaf0);
	assert_true(text_parse_hex(TEXT("ffffffffffffffff"), UINT64_MAX, &v) &&
	    v == UINT64_MAX);
	assert_false(text_parse_hex(TEXT("10000000000000000"), UINT64_MAX,
	    &v));
	assert_false(text_parse_hex(TEXT("g"), UINT64_MAX, &v));
	assert_false(text_parse_hex(TEXT("f"), 8, &v));
}

static void
decimal_digits_are_written_without_leading_zeros(void **state)
{
	char digits[TEXT_DIGITS];

	(void)state;
	assert_true(text_eq(text_of_u64(0, digits), TEXT("0")));
	assert_true(text_eq(text_of_u64(1090, digits), TEXT("1090")));
	assert_true(text_eq(text_of_u64(UINT64_MAX, digits),
	    TEXT("18446744073709551615")));
}

static void
controls_are_told_from_letters(void **state)
{
	(void)state;
	assert_false(text_has_control(TEXT("")));
	assert_false(text_has_control(TEXT("caf\xc3\xa9 \xc2\xa0~")));
	assert_false(text_has_control(TEXT("cut \xc2")));
	assert_true(text_has_control(TEXT("a\tb")));
	assert_true(text_has_control(TEXT("a\0b")));
	assert_true(text_has_control(TEXT("\x1b[2J")));
	assert_true(text_has_control(TEXT("\x7f")));
	assert_true(text_has_control(TEXT("\xc2\x9b" "2J")));
}

static void
what_a_text_is_made_of_is_told(void **state)
{
	(void)state;
	assert_true(text_is_made_of(TEXT("aZ09-"), "-"));
	assert_true(text_is_made_of(TEXT(""), ""));
	assert_false(text_is_made_of(TEXT("a b"), "-"));
	assert_false(text_is_made_of(TEXT("a\0b"), "-"));
	assert_false(text_is_made_of(TEXT("caf\xe9"), "-"));
}

/* TEXT() is no constant. */
#define TEXT_OF(s)	{ s, sizeof(s) - 1 }


static void
a_text_without_its_controls_may_be_shown(void **state)
{
	char some[] = "a\tb\x1b[2J\n\x7f\xc2\x9b" "2J caf\xc3\xa9 \xc2\xa0";
	char cut[] = "cut \xc2";

	(void)state;
	text_defuse(some, "\n");
	assert_string_equal(some, "a?b?[2J\n??" "?2J caf\xc3\xa9 \xc2\xa0");
	text_defuse(some, "");
	assert_false(text_has_control(text_of(some)));
	text_defuse(cut, "");
	assert_string_equal(cut, "cut \xc2");
}

static void
texts_are_ordered_by_bytes_and_then_by_length(void **state)
{
	static const struct text in_order[] = { TEXT_OF(""), TEXT_OF("\0"),
		TEXT_OF("A"), TEXT_OF("a"), TEXT_OF("ab"), TEXT_OF("b"),
		TEXT_OF("\xe9") };
	const size_t n = sizeof(in_order) / sizeof(*in_order);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			int order = text_compare(in_order[i], in_order[j]);

			assert_int_equal((order > 0) - (order < 0),
			    (i > j) - (i < j));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_equal_by_bytes_or_but_for_case),
		cmocka_unit_test(parts_of_texts_are_found),
		cmocka_unit_test(blank_is_what_stands_between_words),
		cmocka_unit_test(trimming_takes_spaces_and_tabs_off_both_ends),
		cmocka_unit_test(only_a_text_cut_within_a_line_misses_its_end),
		cmocka_unit_test(splitting_gives_every_part_once),
		cmocka_unit_test(integers_are_digits_and_within_their_bound),
		cmocka_unit_test(hexadecimal_takes_both_cases),
		cmocka_unit_test(
		    decimal_digits_are_written_without_leading_zeros),
		cmocka_unit_test(controls_are_told_from_letters),
		cmocka_unit_test(a_text_without_its_controls_may_be_shown),
		cmocka_unit_test(what_a_text_is_made_of_is_told),
		cmocka_unit_test(texts_are_ordered_by_bytes_and_then_by_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
