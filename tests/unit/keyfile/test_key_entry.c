/*
 * Keys as they are written down: read back by libconfig they are the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libconfig.h>

#include "base/alloc.h"
#include "keyfile/key_entry.h"

static const char *const two_hosts[] = { "api.elastic-cloud.com", "::1" };

/* "keys = ( ENTRIES );" as libconfig reads it; config_destroy() it. */
static void
read_back(config_t *c, const struct key_entry *k, size_t n)
{
	struct secret *entries = key_entries_write(k, n);
	char *text = xasprintf("keys = (\n%.*s);\n",
	    TEXT_ARG(secret_text(entries)));

	config_init(c);
	assert_int_equal(config_read_string(c, text), CONFIG_TRUE);
	free(text);
	secret_free(entries);
}

static void
assert_option(const config_t *c, const char *path, const char *expected)
{
	const char *value = NULL;

	assert_true(config_lookup_string(c, path, &value));
	assert_string_equal(value, expected);
}

static void
what_is_special_in_a_text_is_escaped(void **state)
{
	const struct key_entry odd = {
		.name = { "n", 1 }, .value = { "a\"b\\c", 5 },
		.hosts = two_hosts, .n_hosts = 2, .scheme = { "Bearer", 6 },
		.field = { "X-Key", 5 },
		.expires = { "2027-02-23T00:00:00Z", 20 },
		.created = { "2026-11-25T00:00:00Z", 20 },
		.note = { "tab\there\nline\x01\xc3\xa9\x7f", 18 },
	};
	config_t c;

	(void)state;
	read_back(&c, &odd, 1);
	assert_option(&c, "keys.[0].value", "a\"b\\c");
	assert_option(&c, "keys.[0].hosts.[1]", "::1");
	assert_option(&c, "keys.[0].scheme", "Bearer");
	assert_option(&c, "keys.[0].field", "X-Key");
	assert_option(&c, "keys.[0].expires", "2027-02-23T00:00:00Z");
	assert_option(&c, "keys.[0].created", "2026-11-25T00:00:00Z");
	assert_option(&c, "keys.[0].note",
	    "tab\there\nline\x01\xc3\xa9\x7f");
	config_destroy(&c);
}

static void
what_is_empty_is_left_out(void **state)
{
	const struct key_entry keys[] = {
		{ .name = { "a", 1 }, .value = { "x", 1 },
		    .hosts = two_hosts, .n_hosts = 1 },
		{ .name = { "b", 1 }, .value = { "y", 1 },
		    .hosts = two_hosts, .n_hosts = 1 },
	};
	config_t c;

	(void)state;
	read_back(&c, keys, 2);
	assert_option(&c, "keys.[0].name", "a");
	assert_option(&c, "keys.[1].name", "b");
	assert_int_equal(config_setting_length(config_lookup(&c,
	    "keys.[0]")), 3);
	config_destroy(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_special_in_a_text_is_escaped),
		cmocka_unit_test(what_is_empty_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
