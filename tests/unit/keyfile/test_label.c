/*
 * Words by which tables and answers call what belongs to a key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keyfile/label.h"

static void
a_label_is_known_however_it_is_written(void **state)
{
	(void)state;
	assert_int_equal(label_of(TEXT("API key")), LABEL_KEY);
	assert_int_equal(label_of(TEXT("api_key")), LABEL_KEY);
	assert_int_equal(label_of(TEXT("Name")), LABEL_NAME);
	assert_int_equal(label_of(TEXT("Valid until:")), LABEL_EXPIRES);
	assert_int_equal(label_of(TEXT("Creation date")), LABEL_CREATED);
	assert_int_equal(label_of(TEXT("")), LABEL_NONE);
	assert_int_equal(label_of(TEXT("keys")), LABEL_NONE);
	assert_int_equal(label_of(TEXT("a key with very many letters")),
	    LABEL_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_label_is_known_however_it_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
