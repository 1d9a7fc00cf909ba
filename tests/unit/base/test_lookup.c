/*
 * Names to indexes: right, and without looking at many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/alloc.h"
#include "base/lookup.h"

static void
an_empty_one_has_no_name(void **state)
{
	struct lookup l = { .n = 0 };

	(void)state;
	assert_int_equal(lookup_find(&l, ""), LOOKUP_NONE);
	assert_int_equal(lookup_find(&l, "a"), LOOKUP_NONE);
	lookup_free(&l);
	lookup_free(&l);
}

static void
names_are_found_and_others_are_not(void **state)
{
	struct lookup l = { .n = 0 };

	(void)state;
	assert_int_equal(lookup_add(&l, "a", 7), LOOKUP_NONE);
	assert_int_equal(lookup_add(&l, "", 8), LOOKUP_NONE);
	assert_int_equal(lookup_add(&l, "ab", 9), LOOKUP_NONE);
	assert_int_equal(lookup_find(&l, "a"), 7);
	assert_int_equal(lookup_find(&l, ""), 8);
	assert_int_equal(lookup_find(&l, "ab"), 9);
	assert_int_equal(lookup_find(&l, "b"), LOOKUP_NONE);
	lookup_free(&l);
}

static void
the_first_of_two_stays(void **state)
{
	char again[] = "a";
	struct lookup l = { .n = 0 };

	(void)state;
	assert_int_equal(lookup_add(&l, "a", 1), LOOKUP_NONE);
	assert_int_equal(lookup_add(&l, again, 2), 1);
	assert_int_equal(lookup_find(&l, "a"), 1);
	assert_int_equal(l.n, 1);
	lookup_free(&l);
}

/* How many slots it takes to find out that n names are new. */
static uint64_t
looks_for(const char *prefix, size_t n, const char *suffix)
{
	char (*names)[48] = xcalloc(n, sizeof(*names));
	struct lookup l = { .n = 0 };
	uint64_t looks;

	for (size_t i = 0; i < n; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "%s%zu%s", prefix,
		    i, suffix);
		assert_int_equal(lookup_add(&l, names[i], i), LOOKUP_NONE);
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(lookup_find(&l, names[i]), i);
	looks = l.n_looks;
	lookup_free(&l);
	free(names);
	return looks;
}

static void
the_work_grows_with_the_number_of_names_only(void **state)
{
	static const char *const around[][2] = { { "", "" }, { "key-", "" },
		{ "team-", "-2026q4" }, { "127.0.0.1:", "" },
		{ "a-rather-long-name-of-a-key-", "x" } };

	(void)state;
	for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
		assert_true(looks_for(around[i][0], 500, around[i][1]) <
		    8 * 500);
		assert_true(looks_for(around[i][0], 50000, around[i][1]) <
		    8 * 50000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_one_has_no_name),
		cmocka_unit_test(names_are_found_and_others_are_not),
		cmocka_unit_test(the_first_of_two_stays),
		cmocka_unit_test(
		    the_work_grows_with_the_number_of_names_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
