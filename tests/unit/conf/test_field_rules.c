/*
 * conf/field_rules: the fields that keys may stand in, and that may pass.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "conf/field_rules.h"

#define N(array)	(sizeof(array) / sizeof((array)[0]))

static void
a_key_stands_in_no_field_that_frames_or_routes(void **state)
{
	static const char *const fine[] = {
		"X-Api-Key", "x_api_key", "Authorization", "AUTHORIZATION",
		"X-Elastic-Token", "Private-Token", "apikey", "DD-API-KEY",
		"Contents", "Proxied", "Hosts", "X-Forwarded",
		"es-secondary-authorization",
	};
	static const char *const bad[] = {
		"", "-", "_.-", "X Key", "X:Key", "X-K\xc3\xa9y", "X-Key\r",
		"Host", "HOST", "host_", "_Host", "Content-Length",
		"content_length", "Content-Type", "Content-Anything",
		"Transfer-Encoding", "Transfer_Encoding", "Expect", "TE",
		"Trailer", "Upgrade", "Connection", "Cookie", "Cookie2",
		"Forwarded", "X-Forwarded-For", "x_forwarded.host",
		"Keep-Alive", "Proxy-Authorization", "Proxy-Connection",
		"HTTP2-Settings", "Via", "Accept-Encoding", "Authorization_",
		"essu_abc",
		("X234567890123456789012345678901234567890123456789012345678901"
		"2345"),
	};

	(void)state;
	for (size_t i = 0; i < N(fine); i++) {
		if (field_rules_of_key(text_of(fine[i])) != NULL)
			fail_msg("%s", fine[i]);
	}
	for (size_t i = 0; i < N(bad); i++) {
		if (field_rules_of_key(text_of(bad[i])) == NULL)
			fail_msg("%s", bad[i]);
	}
}

static void
five_fields_may_pass_and_no_others(void **state)
{
	static const char *const fine[] = {
		"Cookie", "X-Management-Request", "X-Found-Cluster",
		"es-secondary-authorization", "es-security-runas-user",
	};
	static const char *const bad[] = {
		"", "Cookie2", "Cookie ", "X_Found_Cluster", "Authorization",
		"Host", "Accept", "Proxy-Authorization", "Connection",
	};
	const char *why;

	(void)state;
	for (size_t i = 0; i < N(fine); i++) {
		enum field_id id = field_rules_passable(text_of(fine[i]),
		    &why);

		assert_int_not_equal(id, FIELD_OTHER);
		assert_string_equal(field_rules_name(id), fine[i]);
	}
	for (size_t i = 0; i < N(bad); i++) {
		why = NULL;
		assert_int_equal(field_rules_passable(text_of(bad[i]), &why),
		    FIELD_OTHER);
		assert_non_null(why);
	}
	assert_string_equal(why, "only these may pass: Cookie "
	    "X-Management-Request X-Found-Cluster "
	    "es-secondary-authorization es-security-runas-user");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_key_stands_in_no_field_that_frames_or_routes),
		cmocka_unit_test(five_fields_may_pass_and_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
