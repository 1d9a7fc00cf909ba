/*
 * daemon/admin_command: commands as paths and as messages.
 */
#include "daemon/admin_command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/control_channel.h"

struct fixture {
	struct blocks *blocks;
	struct arena arena;
};

static struct fixture f;

static int
setup(void **state)
{
	(void)state;
	f.blocks = blocks_new(4096, 1);
	arena_init(&f.arena, f.blocks);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_release(&f.arena);
	blocks_free(f.blocks);
	return 0;
}

static bool
path(const char *text, struct admin_command *c)
{
	return admin_command_of(text_of(text), &f.arena, c);
}

static void
expect(const char *text, enum key_order order, const char *key)
{
	struct admin_command c;

	assert_true(path(text, &c));
	assert_int_equal(c.order, order);
	assert_string_equal(c.key, key);
}

static void
a_path_says_what_is_to_be_done_and_with_which_key(void **state)
{
	struct admin_command c;

	(void)state;
	assert_true(path("/reload", &c));
	assert_null(c.key);
	expect("/keys/a/disable", KEY_ORDER_DISABLE, "a");
	expect("/keys/billing-2026q4/enable", KEY_ORDER_ENABLE,
	    "billing-2026q4");
	expect("/keys/disable/promote", KEY_ORDER_PROMOTE, "disable");
}

static void
a_name_may_be_percent_encoded_and_is_decoded_once(void **state)
{
	(void)state;
	expect("/keys/a%2Fb%20c/disable", KEY_ORDER_DISABLE, "a/b c");
	expect("/keys/%c3%A9/disable", KEY_ORDER_DISABLE, "\xc3\xa9");
	expect("/keys/%2541/disable", KEY_ORDER_DISABLE, "%41");
	expect("/keys/a+b/disable", KEY_ORDER_DISABLE, "a+b");
}

static void
what_is_not_exactly_that_is_none(void **state)
{
	static const char *const bad[] = {
		"", "/", "/reload/", "/reloads", "/keys", "/keys/", "/keys/a",
		"/keys/a/", "/keys//disable", "/keys/a/disable/",
		"/keys/a/b/disable", "/keys/a/Disable", "/keys/a/disables",
		"/keys/a/dis%61ble", "/Keys/a/disable", "keys/a/disable",
		"/keys/a%/disable", "/keys/a%4/disable", "/keys/a%4g/disable",
		"/keys/a%+4/disable", "/keys/a%00/disable",
		"/keys/a%0a/disable", "/keys/%7f/disable",
		"/keys/a/disabledisabledisable",
	};
	struct admin_command c;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (path(bad[i], &c))
			fail_msg("%s", bad[i]);
	}
}

static void
expect_message(const struct admin_message *m, const char *text)
{
	char written[CONTROL_TEXT];
	struct admin_message again;

	assert_true(admin_message_write(m, written, sizeof(written)));
	assert_string_equal(written, text);
	assert_true(admin_message_read(written, &again));
	assert_true(again.its == m->its && again.who == m->who);
	if (m->command.key == NULL) {
		assert_null(again.command.key);
		return;
	}
	assert_int_equal(again.command.order, m->command.order);
	assert_string_equal(again.command.key, m->command.key);
}

static void
a_message_is_read_as_it_was_written(void **state)
{
	(void)state;
	expect_message(&(struct admin_message){ .its = 7, .who = 1000 },
	    "7 1000 reload");
	expect_message(&(struct admin_message){ .its = UINT64_MAX,
	    .who = UINT32_MAX, .command = { "a b  c", KEY_ORDER_PROMOTE } },
	    "18446744073709551615 4294967295 promote a b  c");
	expect_message(&(struct admin_message){ .its = 1, .command = { "reload",
	    KEY_ORDER_DISABLE } }, "1 0 disable reload");
}

static void
one_that_is_too_long_is_not_written(void **state)
{
	const struct admin_message m = { .its = 1, .command = { "abc",
		KEY_ORDER_ENABLE } };
	char text[sizeof("1 0 enable abc")];

	(void)state;
	assert_true(admin_message_write(&m, text, sizeof(text)));
	assert_false(admin_message_write(&m, text, sizeof(text) - 1));
}

/* The process that writes them may have been taken over. */
static void
what_is_no_message_is_not_read(void **state)
{
	static const char *const bad[] = {
		"", " ", "7", "7 ", "7 0", "7 0 ", "7 0 reload ", "7 0 reload a",
		"7 0 disable", "7 0 disable ", "7 0 remove a", "-7 0 reload",
		"7 -1 reload", "7 4294967296 reload", "7  0 reload",
		"18446744073709551616 0 reload", "7 0  disable a",
		"7 0 disable a\nb", "7 0 disabledisabledisable a",
	};
	struct admin_message m;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (admin_message_read(bad[i], &m))
			fail_msg("%s", bad[i]);
	}
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_path_says_what_is_to_be_done_and_with_which_key),
		CASE(a_name_may_be_percent_encoded_and_is_decoded_once),
		CASE(what_is_not_exactly_that_is_none),
		CASE(a_message_is_read_as_it_was_written),
		CASE(one_that_is_too_long_is_not_written),
		CASE(what_is_no_message_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
