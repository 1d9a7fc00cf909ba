/*
 * daemon/admin_pages: which page is there, when it is made, and for whom.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/admin_pages.h"

static struct admin_facts facts;
static struct admin_pages pages;
static bool may_make;

static int
set_up(void **state)
{
	(void)state;
	admin_pages_init(&pages, &facts);
	may_make = true;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	admin_pages_forget(&pages);
	return 0;
}

static const struct admin_page *
page(uint64_t ticket, const char *query)
{
	const struct admin_path *path = admin_path_find(TEXT("/healthz"));

	assert_non_null(path);
	return admin_pages_page(&pages, path, text_of(query), ticket,
	    &may_make);
}

static void
each_path_is_found_and_nothing_else(void **state)
{
	static const char *const there[] = {
		"/", "/healthz", "/readyz", "/metrics", "/status"
	};
	static const char *const others[] = { "", "/Status", "/status/", "//" };

	(void)state;
	for (size_t i = 0; i < sizeof(there) / sizeof(*there); i++)
		assert_non_null(admin_path_find(text_of(there[i])));
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_null(admin_path_find(text_of(others[i])));
}

static void
a_page_is_made_once_for_all_who_asked_before(void **state)
{
	uint64_t one = admin_pages_ticket(&pages);
	uint64_t two = admin_pages_ticket(&pages);

	(void)state;
	assert_non_null(page(one, ""));
	assert_false(may_make);
	assert_non_null(page(two, "a"));
	assert_string_equal(page(two, "")->type, "application/json");
}

static void
who_asks_later_gets_one_that_is_made_later(void **state)
{
	uint64_t one = admin_pages_ticket(&pages), two;

	(void)state;
	assert_non_null(page(one, ""));
	two = admin_pages_ticket(&pages);
	assert_null(page(two, ""));
	assert_non_null(page(one, ""));
	may_make = true;
	assert_non_null(page(two, ""));
	assert_false(may_make);
}

static void
what_is_forgotten_is_made_anew(void **state)
{
	uint64_t one = admin_pages_ticket(&pages);

	(void)state;
	assert_non_null(page(one, ""));
	admin_pages_forget(&pages);
	assert_null(page(one, ""));
	may_make = true;
	assert_int_equal(page(one, "")->status, 200);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_path_is_found_and_nothing_else),
		TEST(a_page_is_made_once_for_all_who_asked_before),
		TEST(who_asks_later_gets_one_that_is_made_later),
		TEST(what_is_forgotten_is_made_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
