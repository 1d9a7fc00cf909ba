/*
 * client/descriptors: how many clients leave enough for the rest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/descriptors.h"
#include "client/turn_away.h"

static struct conf_upstream upstreams[] = {
	{ .max_connections = 100 }, { .max_connections = 1000 },
};
static size_t one[] = { 0 }, both[] = { 0, 1 };
static struct conf_route routes[] = {
	{ .upstream = 0, .keys = one, .n_keys = 1 },
	{ .upstream = 0, .keys = both, .n_keys = 2 },
};
static const struct conf conf = {
	.n_listeners = 1, .n_keys = 2,
	.upstreams = upstreams, .n_upstreams = 2,
	.routes = routes, .n_routes = 2,
	.limits = { .clients = 10000 },
};

static void
enough_descriptors_leave_the_limit_as_it_is(void **state)
{
	(void)state;
	assert_int_equal(descriptors_clients(&conf, UINT64_MAX), 10000);
	assert_int_equal(descriptors_clients(&conf, 20000), 10000);
}

/* Two pools of 100; the upstream that no route names needs none. */
static void
every_connection_that_upstreams_may_have_is_kept_back(void **state)
{
	uint32_t n = descriptors_clients(&conf, 4096);

	(void)state;
	assert_in_range(n, 4096 - 200 - 200, 4096 - 200 - 1);
	assert_int_equal(descriptors_clients(&conf, 4095), n - 1);
}

static void
scarce_descriptors_are_shared_by_clients_and_upstreams(void **state)
{
	uint32_t n = descriptors_clients(&conf, 256);

	(void)state;
	assert_in_range(n, 10, 128);
	assert_int_equal(descriptors_clients(&conf, 0), 1);
	assert_int_equal(descriptors_clients(&conf, 3), 1);
	assert_in_range(descriptors_clients(&conf, 64), 10, 32);
}

static void
who_is_turned_away_takes_nothing_that_was_kept_back(void **state)
{
	(void)state;
	assert_int_equal(descriptors_turned_away(&conf, UINT64_MAX),
	    TURNED_AWAY);
	assert_int_equal(descriptors_turned_away(&conf, 4096), TURNED_AWAY);
	assert_in_range(descriptors_turned_away(&conf, 256), 2, 64);
	assert_int_equal(descriptors_turned_away(&conf, 64), 1);
	assert_int_equal(descriptors_turned_away(&conf, 0), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enough_descriptors_leave_the_limit_as_it_is),
		cmocka_unit_test(
		    every_connection_that_upstreams_may_have_is_kept_back),
		cmocka_unit_test(
		    scarce_descriptors_are_shared_by_clients_and_upstreams),
		cmocka_unit_test(
		    who_is_turned_away_takes_nothing_that_was_kept_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
