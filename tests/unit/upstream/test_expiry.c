/*
 * upstream/expiry: what the fields of a response say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "upstream/expiry.h"

#define NOW	INT64_C(1795465140)	/* 2026-11-23T20:19:00Z */
#define DAY	INT64_C(1803340800)	/* 2027-02-23T00:00:00Z */

/* What up to two fields say. */
static enum expiry_result
result_of(const char *first, const char *second, int64_t *seconds,
    struct text *raw)
{
	struct field v[3] = { { .id = FIELD_DATE, .value = TEXT("x") } };
	struct fields fields = { .v = v, .n = 1 };

	if (first != NULL)
		v[fields.n++] = (struct field){
			.id = FIELD_X_ELASTIC_API_KEY_EXPIRATION,
			.value = text_of(first),
		};
	if (second != NULL)
		v[fields.n++] = (struct field){
			.id = FIELD_X_ELASTIC_API_KEY_EXPIRATION,
			.value = text_of(second),
		};
	return expiry_of(&fields, NOW, seconds, raw);
}

static void
fields_of_a_response_are_either_read_or_raw(void **state)
{
	int64_t seconds;
	struct text raw;

	(void)state;
	assert_int_equal(result_of(NULL, NULL, &seconds, &raw), EXPIRY_ABSENT);
	assert_int_equal(raw.n, 0);
	assert_int_equal(result_of("2027-02-23", NULL, &seconds, &raw),
	    EXPIRY_READ);
	assert_int_equal(seconds, DAY);
	assert_int_equal(raw.n, 0);
	assert_int_equal(result_of("soon", NULL, &seconds, &raw),
	    EXPIRY_UNREADABLE);
	assert_true(text_eq(raw, TEXT("soon")));
	assert_int_equal(result_of("soon", "soon", &seconds, &raw),
	    EXPIRY_UNREADABLE);
}

static void
two_that_differ_are_ambiguous_but_not_two_that_agree(void **state)
{
	int64_t seconds;
	struct text raw;

	(void)state;
	assert_int_equal(result_of("2027-02-23", "2027-02-24", &seconds, &raw),
	    EXPIRY_AMBIGUOUS);
	assert_true(text_eq(raw, TEXT("ambiguous")));
	assert_int_equal(result_of("2027-02-23", "soon", &seconds, &raw),
	    EXPIRY_AMBIGUOUS);
	assert_int_equal(result_of("2027-02-23", "2027-02-23T00:00:00Z",
	    &seconds, &raw), EXPIRY_READ);
	assert_int_equal(raw.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_of_a_response_are_either_read_or_raw),
		cmocka_unit_test(
		    two_that_differ_are_ambiguous_but_not_two_that_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
