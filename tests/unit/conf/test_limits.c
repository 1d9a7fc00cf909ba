/*
 * conf/limits: what a codec gets of a configuration.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "conf/limits.h"

static void
a_codec_has_the_limits_that_were_configured(void **state)
{
	const struct conf_limits of_conf = { .head = 1, .target = 2,
		.fields = 3, .trailers = 4, .interim = 5, .body = 6 };
	struct codec_limits limits = limits_of_codec(&of_conf);

	(void)state;
	assert_int_equal(limits.head, 1);
	assert_int_equal(limits.target, 2);
	assert_int_equal(limits.fields, 3);
	assert_int_equal(limits.trailers, 4);
	assert_int_equal(limits.interim, 5);
	assert_int_equal(limits.room, codec_limits_default.room);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_codec_has_the_limits_that_were_configured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
