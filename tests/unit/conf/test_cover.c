/*
 * Routes out of reach: each is reported, and no other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "texts.h"

/* Conditions of routes, in order, each with "name" and "keys" added. */
static size_t
count_unreachable(const char *const *conditions)
{
	struct conf_faults faults = { .n = 0 };
	char *routes = xstrdup(""), *text;
	size_t n;

	for (size_t i = 0; conditions[i] != NULL; i++) {
		char *more = xasprintf("%s%s { name = \"r%zu\"; keys = "
		    "[ \"k\" ]; %s }", routes, i != 0 ? "," : "", i,
		    conditions[i]);

		free(routes);
		routes = more;
	}
	text = xasprintf("sealed = [ \"x\" ]; listeners = ( "
	    "{ name = \"a\"; address = \"127.0.0.1:0\"; }, "
	    "{ name = \"b\"; address = \"unix:/b\"; "
	    "hosts = [ \"h.example\", \"i.example\" ]; } ); "
	    "upstreams = ( { url = \"https://u.example\"; } ); "
	    "routes = ( %s );", routes);
	conf_free(texts_load(text, NULL, &faults));
	n = texts_count(&faults, "can never match");
	if (n != faults.n) {
		conf_faults_print(&faults, stderr);
		fail_msg("other faults");
	}
	conf_faults_free(&faults);
	free(routes);
	free(text);
	return n;
}

#define UNREACHABLE(...) \
	count_unreachable((const char *const[]){ __VA_ARGS__, NULL })

static void
what_follows_a_route_for_everything_is_out_of_reach(void **state)
{
	(void)state;
	assert_int_equal(UNREACHABLE(""), 0);
	assert_int_equal(UNREACHABLE("", "path = \"/x\";"), 1);
	assert_int_equal(UNREACHABLE("", "path = \"/x\";", "listener = "
	    "\"a\"; client_key = \"ci\";"), 2);
	assert_int_equal(UNREACHABLE("path = \"/x\";", ""), 0);
}

static void
a_path_takes_what_continues_it_after_a_slash(void **state)
{
	(void)state;
	assert_int_equal(UNREACHABLE("path = \"/x\";", "path = \"/x\";"), 1);
	assert_int_equal(UNREACHABLE("path = \"/x\";", "path = \"/x/y\";"),
	    1);
	assert_int_equal(UNREACHABLE("path = \"/x\";", "path = \"/xy\";"), 0);
	assert_int_equal(UNREACHABLE("path = \"/x/y\";", "path = \"/x\";"),
	    0);
	assert_int_equal(UNREACHABLE("path = \"/\";", "path = \"/x\";"), 1);
}

static void
listeners_are_taken_one_by_one(void **state)
{
	(void)state;
	assert_int_equal(UNREACHABLE("listener = \"a\";",
	    "listener = \"b\";"), 0);
	assert_int_equal(UNREACHABLE("listener = \"a\";", ""), 0);
	assert_int_equal(UNREACHABLE("listener = \"a\";",
	    "listener = \"b\";", "path = \"/x\";"), 1);
	assert_int_equal(UNREACHABLE("listeners = [ \"a\", \"b\" ];",
	    "listener = \"a\";"), 1);
	assert_int_equal(UNREACHABLE("listener = \"a\";",
	    "listeners = [ \"a\", \"b\" ];"), 0);
}

static void
methods_are_taken_one_by_one(void **state)
{
	(void)state;
	assert_int_equal(UNREACHABLE("methods = [ \"GET\" ];",
	    "methods = [ \"POST\" ];"), 0);
	assert_int_equal(UNREACHABLE("methods = [ \"GET\" ];", ""), 0);
	assert_int_equal(UNREACHABLE("methods = [ \"GET\" ];",
	    "methods = [ \"POST\" ];", "methods = [ \"POST\", \"GET\" ];"),
	    1);
	assert_int_equal(UNREACHABLE("methods = [ \"GET\", \"HEAD\" ];",
	    "methods = [ \"HEAD\" ]; path = \"/x\";"), 1);
}

static void
hosts_and_client_keys_must_be_the_same(void **state)
{
	(void)state;
	assert_int_equal(UNREACHABLE("listener = \"b\"; host = "
	    "\"h.example\";", "listener = \"b\"; host = \"i.example\";"), 0);
	assert_int_equal(UNREACHABLE("listener = \"b\"; host = "
	    "\"h.example\";", "listener = \"b\"; host = \"H.example\";"), 1);
	assert_int_equal(UNREACHABLE("listener = \"b\"; host = "
	    "\"h.example\";", "listener = \"b\";"), 0);
	assert_int_equal(UNREACHABLE("client_key = \"x\";",
	    "client_key = \"y\";", ""), 0);
	assert_int_equal(UNREACHABLE("client_key = \"x\";",
	    "client_key = \"x\"; path = \"/x\";"), 1);
}

static void
users_and_groups_must_be_among_those_before(void **state)
{
	(void)state;
	assert_int_equal(UNREACHABLE("users = [ \"0\", \"1\" ];",
	    "users = [ \"1\" ];"), 1);
	assert_int_equal(UNREACHABLE("users = [ \"1\" ];",
	    "users = [ \"0\", \"1\" ];"), 0);
	assert_int_equal(UNREACHABLE("users = [ \"1\" ];", ""), 0);
	assert_int_equal(UNREACHABLE("users = [ \"1\" ];",
	    "groups = [ \"1\" ];"), 0);
	assert_int_equal(UNREACHABLE("users = [ \"1\" ];",
	    "users = [ \"1\" ]; groups = [ \"1\" ];"), 1);
	assert_int_equal(UNREACHABLE("users = [ \"1\" ]; groups = [ \"1\" ];",
	    "users = [ \"1\" ];"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_follows_a_route_for_everything_is_out_of_reach),
		cmocka_unit_test(a_path_takes_what_continues_it_after_a_slash),
		cmocka_unit_test(listeners_are_taken_one_by_one),
		cmocka_unit_test(methods_are_taken_one_by_one),
		cmocka_unit_test(hosts_and_client_keys_must_be_the_same),
		cmocka_unit_test(users_and_groups_must_be_among_those_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
