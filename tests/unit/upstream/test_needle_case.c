/*
 * Unit tests of upstream/needle_case.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "upstream/needle_case.h"

#define KEYS	(2 * NEEDLE_CASE_KEYS + 1)

static struct conf_key keys[KEYS];
static const struct conf conf = { .keys = keys, .n_keys = KEYS };

static int
set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEYS; i++) {
		char value[32];

		(void)snprintf(value, sizeof(value), "value-number-%03zu", i);
		keys[i].value = secret_copy(value, strlen(value));
	}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEYS; i++)
		secret_free(keys[i].value);
	return 0;
}

/* What one gets for a key finds it and no other. */
static void
assert_right(struct needle_case *c, size_t key)
{
	const struct needles *ns = needle_case_get(c, key);

	assert_true(needles_found(ns, secret_text(keys[key].value)));
	assert_false(needles_found(ns,
	    secret_text(keys[(key + 1) % KEYS].value)));
}

static void
each_key_is_found_in_whatever_order_they_are_used(void **state)
{
	struct needle_case *c = needle_case_new(&conf);

	(void)state;
	srand(1);
	for (size_t i = 0; i < 3 * KEYS; i++)
		assert_right(c, i % KEYS);
	for (size_t i = 0; i < 20 * KEYS; i++)
		assert_right(c, (size_t)rand() % KEYS);
	needle_case_free(c);
	needle_case_free(NULL);
}

static void
those_used_last_are_kept(void **state)
{
	struct needle_case *c = needle_case_new(&conf);
	const void *first = needle_case_get(c, 0)->room;

	(void)state;
	for (size_t i = 1; i < KEYS; i++) {
		(void)needle_case_get(c, i);
		assert_ptr_equal(needle_case_get(c, 0)->room, first);
	}
	for (size_t i = 1; i < NEEDLE_CASE_KEYS; i++)
		(void)needle_case_get(c, i);
	assert_ptr_equal(needle_case_get(c, 0)->room, first);
	needle_case_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_key_is_found_in_whatever_order_they_are_used),
		cmocka_unit_test(those_used_last_are_kept),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
