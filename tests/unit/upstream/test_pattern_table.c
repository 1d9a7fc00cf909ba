/*
 * Unit tests of upstream/pattern_table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "upstream/pattern_table.h"

#define KEYS	(2 * PATTERN_TABLE_KEYS + 1)

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
assert_right(struct pattern_table *c, size_t key)
{
	const struct secret_patterns *ns = pattern_table_get(c, key);

	assert_true(secret_patterns_found(ns, secret_text(keys[key].value)));
	assert_false(secret_patterns_found(ns,
	    secret_text(keys[(key + 1) % KEYS].value)));
}

static void
each_key_is_found_in_whatever_order_they_are_used(void **state)
{
	struct pattern_table *c = pattern_table_new(&conf);

	(void)state;
	srand(1);
	for (size_t i = 0; i < 3 * KEYS; i++)
		assert_right(c, i % KEYS);
	for (size_t i = 0; i < 20 * KEYS; i++)
		assert_right(c, (size_t)rand() % KEYS);
	pattern_table_free(c);
	pattern_table_free(NULL);
}

static void
those_used_last_are_kept(void **state)
{
	struct pattern_table *c = pattern_table_new(&conf);
	const void *first = pattern_table_get(c, 0)->room;

	(void)state;
	for (size_t i = 1; i < KEYS; i++) {
		(void)pattern_table_get(c, i);
		assert_ptr_equal(pattern_table_get(c, 0)->room, first);
	}
	for (size_t i = 1; i < PATTERN_TABLE_KEYS; i++)
		(void)pattern_table_get(c, i);
	assert_ptr_equal(pattern_table_get(c, 0)->room, first);
	pattern_table_free(c);
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
