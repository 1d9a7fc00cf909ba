/*
 * policy/fault: the answers, and that no status is one clients misread.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "policy/fault.h"

static void
check_body(enum fault f, const char *subject, const char *detail,
    const char *expected)
{
	struct buf out;

	buf_init(&out, NULL);
	fault_body(f, subject, detail, &out);
	assert_int_equal(buf_len(&out), strlen(expected));
	assert_memory_equal(buf_data(&out), expected, buf_len(&out));
	buf_release(&out);
}

static void
an_answer_has_the_shape_of_elastics_errors(void **state)
{
	(void)state;
	check_body(FAULT_NO_ROUTE, NULL, NULL, "{\"errors\":[{\"code\":"
	    "\"sallyport.no_route\",\"message\":"
	    "\"no route matches this request\"}]}");
}

static void
subject_and_detail_complete_the_message(void **state)
{
	(void)state;
	check_body(FAULT_UPSTREAM_TLS, "elastic\"", "expired",
	    "{\"errors\":[{\"code\":\"sallyport.upstream_tls\",\"message\":"
	    "\"TLS with upstream elastic\\\" failed: expired\"}]}");
	check_body(FAULT_KEY_UNAVAILABLE, "a%s", NULL,
	    "{\"errors\":[{\"code\":\"sallyport.key_unavailable\","
	    "\"message\":\"no key of route a%s is usable\"}]}");
}

static void
no_fault_is_a_status_that_clients_take_for_gone(void **state)
{
	(void)state;
	assert_null(fault_code(FAULT_NONE));
	for (unsigned f = FAULT_NONE + 1; f < FAULT_COUNT; f++) {
		unsigned status = fault_status((enum fault)f);

		assert_non_null(fault_code((enum fault)f));
		assert_true(status == 0 || (status >= 400 && status <= 599));
		assert_true(status != 401 && status != 403 && status != 404);
		if (status == 429)
			assert_int_equal(f, FAULT_RATE_LIMITED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_has_the_shape_of_elastics_errors),
		cmocka_unit_test(subject_and_detail_complete_the_message),
		cmocka_unit_test(
		    no_fault_is_a_status_that_clients_take_for_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
