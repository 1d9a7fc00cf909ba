/*
 * Commands for people: whole, and as a shell takes them.
 */
#include "pages/admin_remedy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Nobody writes to them. */
#define T(literal)	((char *)(uintptr_t)(literal))

static char *hosts[] = { T("h.example"), T("i.example") };
static struct conf_key keys[] = {
	{ .name = T("team-a"), .where.file = T("/etc/keys.age"),
	    .hosts = { .v = hosts, .n = 2 } },
	{ .name = T("b-9"), .where.file = T("/srv/my keys"),
	    .hosts = { .v = hosts, .n = 1 }, .field = T("X-Api-Key"),
	    .scheme = T("it's") },
	{ .name = T("c"), .where.file = T("/k"), .plain = true },
};
static struct conf conf;

static int
setup(void **state)
{
	(void)state;
	conf = (struct conf){ .file = T("/etc/x"), .keys = keys, .n_keys = 3 };
	return 0;
}

static void
assert_command(char *command, const char *wanted)
{
	assert_string_equal(command, wanted);
	free(command);
}

static void
a_key_is_added_like_the_one_before(void **state)
{
	(void)state;
	assert_command(admin_remedy_add(&conf, 0), "sallyport key add team-a-2 "
	    "--to /etc/keys.age --host h.example --host i.example -c /etc/x");
	assert_command(admin_remedy_add(&conf, 1), "sallyport key add b-10 "
	    "--to '/srv/my keys' --host h.example --field X-Api-Key --scheme "
	    "'it'\\''s' -c /etc/x");
	assert_command(admin_remedy_add(&conf, 2), "sallyport key add c-2 "
	    "--to /k --plain -c /etc/x");
}

static void
a_key_is_promoted_and_switched_off_by_its_name(void **state)
{
	(void)state;
	assert_command(admin_remedy_next_name(&conf, 0), "team-a-2");
	assert_command(admin_remedy_promote(&conf, "a b"),
	    "sallyport key promote 'a b' -c /etc/x");
	assert_command(admin_remedy_disable(&conf, 0),
	    "sallyport key disable team-a -c /etc/x");
}

static void
its_name_is_free(void **state)
{
	static const struct {
		const char *name, *others[2], *next;
	} cases[] = {
		{ "a", { "b", "c" }, "a-2" },
		{ "a", { "a-2", "a-3" }, "a-4" },
		{ "a-2", { "a", "a-3" }, "a-4" },
		{ "a-1", { "a", "a-3" }, "a-2" },
		{ "a-99", { "b", "c" }, "a-100" },
		{ "a-2026", { "b", "c" }, "a-2026-2" },
		{ "2026", { "b", "c" }, "2026-2" },
		{ "-1", { "b", "c" }, "-1-2" },
		{ "q4", { "b", "c" }, "q4-2" },
		{ "a-", { "b", "c" }, "a--2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conf_key some[] = {
			{ .name = T(cases[i].name), .where.file = T("/k") },
			{ .name = T(cases[i].others[0]) },
			{ .name = T(cases[i].others[1]) },
		};
		char wanted[100];

		conf.keys = some;
		(void)snprintf(wanted, sizeof(wanted), "sallyport key add %s "
		    "--to /k -c /etc/x", cases[i].next);
		assert_command(admin_remedy_add(&conf, 0), wanted);
	}
}

static void
each_names_the_configuration(void **state)
{
	(void)state;
	conf.file = T("/etc/it's mine");
	assert_command(admin_remedy_check(&conf),
	    "sallyport check -c '/etc/it'\\''s mine'");
	assert_command(admin_remedy_reload(&conf),
	    "sallyport reload -c '/etc/it'\\''s mine'");
	assert_command(admin_remedy_enable(&conf, 0),
	    "sallyport key enable team-a -c '/etc/it'\\''s mine'");
	assert_command(admin_remedy_remove(&conf, 1), "sallyport key remove "
	    "b-9 --from '/srv/my keys' -c '/etc/it'\\''s mine'");
	conf.file = T("standard input");
	assert_command(admin_remedy_check(&conf), "sallyport check -c -");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_key_is_added_like_the_one_before,
		    setup),
		cmocka_unit_test_setup(
		    a_key_is_promoted_and_switched_off_by_its_name, setup),
		cmocka_unit_test_setup(its_name_is_free, setup),
		cmocka_unit_test_setup(each_names_the_configuration, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
