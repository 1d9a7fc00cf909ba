/* Who may use a route, in words. */
#include "pages/route_clients.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdint.h>
#include <string.h>

/* Nobody writes to them. */
#define T(literal)	((char *)(uintptr_t)(literal))

/* Numbers that no system has names for. */
static uint32_t ids[40];
static char *names[] = { T("spiffe://corp/a") };
static struct conf_client clients[] = { { .name = T("ci") } };
static struct conf_listener listeners[] = {
	{ .name = T("local") }, { .name = T("team") },
};
static size_t second[] = { 1 };
static struct conf_route route;
static struct conf conf;
static struct route_clients found;

static int
setup(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 40; i++)
		ids[i] = 4000000000U + i;
	listeners[1].users = (struct conf_ids){ ids, 1 };
	route = (struct conf_route){ .name = T("r"), .client = CONF_NONE };
	conf = (struct conf){ .listeners = listeners, .n_listeners = 2,
		.clients = clients, .n_clients = 1 };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	route_clients_release(&found);
	return 0;
}

static void
find(void)
{
	route_clients_find(&found, &conf, &route);
}

static void
its_own_conditions_count_first(void **state)
{
	struct cidr from[2];
	const char *why;

	(void)state;
	assert_true(cidr_parse("10.0.0.0/8", &from[0], &why));
	assert_true(cidr_parse("2001:db8::1", &from[1], &why));
	route.client = 0;
	route.users = (struct conf_ids){ ids, 1 };
	route.groups = (struct conf_ids){ &ids[1], 1 };
	route.certificate = (struct conf_texts){ names, 1 };
	route.from = from;
	route.n_from = 2;
	find();
	assert_int_equal(found.n, 6);
	assert_string_equal(found.v[0], "client_key ci");
	assert_string_equal(found.v[1], "user 4000000000");
	assert_string_equal(found.v[2], "group 4000000001");
	assert_string_equal(found.v[3], "certificate spiffe://corp/a");
	assert_string_equal(found.v[4], "10.0.0.0/8");
	assert_string_equal(found.v[5], "2001:db8::1");
}

static void
a_user_is_told_by_name(void **state)
{
	uint32_t root = 0;

	(void)state;
	route.users = (struct conf_ids){ &root, 1 };
	find();
	assert_string_equal(found.v[0], "user root");
}

static void
those_of_its_listeners_count_where_it_has_none(void **state)
{
	(void)state;
	find();
	assert_int_equal(found.n, 2);
	assert_string_equal(found.v[0], "anybody at listener local");
	assert_string_equal(found.v[1], "user 4000000000");
	route_clients_release(&found);
	route.listeners = second;
	route.n_listeners = 1;
	find();
	assert_int_equal(found.n, 1);
	assert_string_equal(found.v[0], "user 4000000000");
}

static void
many_are_counted_and_not_named(void **state)
{
	(void)state;
	route.users = (struct conf_ids){ ids, 40 };
	route.certificate = (struct conf_texts){ names, 1 };
	find();
	assert_int_equal(found.n, ROUTE_CLIENTS + 1);
	assert_string_equal(found.v[ROUTE_CLIENTS], "29 more");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(its_own_conditions_count_first),
		CASE(a_user_is_told_by_name),
		CASE(those_of_its_listeners_count_where_it_has_none),
		CASE(many_are_counted_and_not_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
