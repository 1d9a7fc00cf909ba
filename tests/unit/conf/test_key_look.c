/*
 * What the value of a key looks like, on keys made here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conf/key_look.h"

/* The check value of CRC-32 is that of "123456789"; id:secret in base64. */
#define ESSU	"essu_MTIzNDU2Nzg5AAAAAMv0OSY="
#define PAIR	"YWJjOmRlZmdoaWprbG1ub3A="

static void
assert_remark(const char *value, const char *expected)
{
	const char *remark = key_look_remark(text_of(value), true);

	if (expected == NULL) {
		assert_null(remark);
		return;
	}
	assert_non_null(remark);
	assert_non_null(strstr(remark, expected));
}

static void
nothing_is_said_of_keys_as_elastic_makes_them(void **state)
{
	(void)state;
	assert_remark(ESSU, NULL);
	assert_remark(PAIR, NULL);
	assert_true(key_look_is_known(TEXT(ESSU)));
	assert_true(key_look_is_known(TEXT(PAIR)));
}

static void
an_unusual_look_is_told(void **state)
{
	(void)state;
	assert_remark("essu_MTIzNDU2Nzg5", "looks mistyped");
	assert_remark("essu_", "looks mistyped");
	assert_remark("\"" ESSU "\"", "quotes around");
	assert_remark("'anything'", "quotes around");
	assert_remark("KEY=" ESSU, "something before \"essu_\"");
	assert_remark("abcdefghij0123456789:ABCDEFGHIJ0123456789-_",
	    "ID:SECRET");
	assert_remark("anything", "does not look like a key");
	assert_remark("0123456789abcdef0123456789abcdef",
	    "does not look like a key");
	assert_remark("", "does not look like a key");
}

static void
what_is_sent_in_another_way_may_look_as_it_likes(void **state)
{
	(void)state;
	assert_null(key_look_remark(TEXT("anything"), false));
	assert_null(key_look_remark(TEXT("abcdefghij0123456789:"
	    "ABCDEFGHIJ0123456789-_"), false));
	assert_non_null(key_look_remark(TEXT("'anything'"), false));
	assert_non_null(key_look_remark(TEXT("essu_MTIz"), false));
}

static void
short_or_invisible_texts_are_not_known(void **state)
{
	(void)state;
	assert_false(key_look_is_known(TEXT("essu_MTIz")));
	assert_false(key_look_is_known(TEXT("YWJjOmQ=")));
	assert_false(key_look_is_known(TEXT("essu_with a space in it")));
	assert_false(key_look_is_known(TEXT("YWJjZGVmZ2hpamtsbW5vcHFy")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_said_of_keys_as_elastic_makes_them),
		cmocka_unit_test(an_unusual_look_is_told),
		cmocka_unit_test(
		    what_is_sent_in_another_way_may_look_as_it_likes),
		cmocka_unit_test(short_or_invisible_texts_are_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
