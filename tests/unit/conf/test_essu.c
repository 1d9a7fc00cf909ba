/*
 * Check sums of Elastic Cloud's keys, on keys made here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "conf/essu.h"

static bool
plausible(const char *key)
{
	return essu_is_plausible(text_of(key));
}

/* The check value of CRC-32: that of "123456789" is cbf43926. */
static void
make_key(char *out, uint8_t last)
{
	uint8_t plain[] = { '1', '2', '3', '4', '5', '6', '7', '8', '9',
		0, 0, 0, 0, 0xcb, 0xf4, 0x39, last };

	memcpy(out, "essu_", 5);
	base64_encode(plain, sizeof(plain), out + 5);
	out[5 + BASE64_LEN(sizeof(plain))] = '\0';
}

static void
a_key_with_its_check_sum_is_plausible(void **state)
{
	char key[64];

	(void)state;
	make_key(key, 0x26);
	assert_true(plausible(key));
	strcat(key, "=");
	assert_true(plausible(key));
}

static void
a_key_with_another_check_sum_is_not(void **state)
{
	char key[64];

	(void)state;
	make_key(key, 0x27);
	assert_false(plausible(key));
	make_key(key, 0x26);
	key[6] = key[6] == 'A' ? 'B' : 'A';
	assert_false(plausible(key));
	key[strlen(key) - 1] = '\0';
	assert_false(plausible(key));
	assert_false(plausible("essu_"));
	assert_false(plausible("essu_!!!!"));
}

static void
keys_of_other_kinds_are_not_judged(void **state)
{
	(void)state;
	assert_true(plausible("dXNlcjppZDpzZWNyZXQ="));
	assert_true(plausible("anything"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_with_its_check_sum_is_plausible),
		cmocka_unit_test(a_key_with_another_check_sum_is_not),
		cmocka_unit_test(keys_of_other_kinds_are_not_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
