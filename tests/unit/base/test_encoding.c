/*
 * What programs of Windows make of texts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/encoding.h"

#define BYTES(literal) ((struct text){ .p = literal, .n = sizeof(literal) - 1 })

static void
a_mark_of_utf8_has_three_bytes(void **state)
{
	(void)state;
	assert_int_equal(encoding_mark(BYTES("\xef\xbb\xbf" "keys")), 3);
	assert_int_equal(encoding_mark(BYTES("\xef\xbb\xbf")), 3);
	assert_int_equal(encoding_mark(BYTES("\xef\xbb")), 0);
	assert_int_equal(encoding_mark(BYTES("keys")), 0);
	assert_int_equal(encoding_mark(BYTES("")), 0);
}

static void
utf16_is_told_by_its_mark(void **state)
{
	(void)state;
	assert_true(encoding_is_utf16(BYTES("\xff\xfe" "k\0")));
	assert_true(encoding_is_utf16(BYTES("\xfe\xff" "\0k")));
	assert_true(encoding_is_utf16(BYTES("\xff\xfe")));
	/* Not Latin, either. */
	assert_true(encoding_is_utf16(BYTES("\xff\xfe\x42\x30\x44\x30")));
}

static void
utf16_is_told_by_its_nuls(void **state)
{
	(void)state;
	assert_true(encoding_is_utf16(BYTES("k\0e\0y\0s\0")));
	assert_true(encoding_is_utf16(BYTES("\0k\0e\0y\0s")));
	assert_true(encoding_is_utf16(BYTES("k\0\xe9\0")));
	/* Cut in the middle of a character. */
	assert_true(encoding_is_utf16(BYTES("k\0e\0y")));
}

static void
what_may_be_something_else_is_not_called_utf16(void **state)
{
	(void)state;
	assert_false(encoding_is_utf16(BYTES("")));
	assert_false(encoding_is_utf16(BYTES("k")));
	assert_false(encoding_is_utf16(BYTES("k\0")));
	assert_false(encoding_is_utf16(BYTES("keys = ();")));
	assert_false(encoding_is_utf16(BYTES("\0\0\0\0\0\0")));
	assert_false(encoding_is_utf16(BYTES("k\0e\0ys")));
	assert_false(encoding_is_utf16(BYTES("\xef\xbb\xbf" "keys")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mark_of_utf8_has_three_bytes),
		cmocka_unit_test(utf16_is_told_by_its_mark),
		cmocka_unit_test(utf16_is_told_by_its_nuls),
		cmocka_unit_test(
		    what_may_be_something_else_is_not_called_utf16),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
