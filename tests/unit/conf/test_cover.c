/*
 * Routes out of reach: each is reported, and no other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "texts.h"

/* Conditions of routes, in order, each with "name" and "keys" added. */
static size_t
count_unreachable(const char *const *conditions)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
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
	    "{ name = \"a\"; address = \"127.0.0.1:0\"; tls = "
	    "{ certificate = \"c\"; certificate_key = \"k\"; "
	    "client_ca = \"a\"; }; }, "
	    "{ name = \"b\"; address = \"unix:/b\"; "
	    "hosts = [ \"h.example\", \"i.example\" ]; } ); "
	    "upstreams = ( { url = \"https://u.example\"; } ); "
	    "routes = ( %s );", routes);
	conf_free(texts_load(text, NULL, &diagnostics));
	n = texts_count(&diagnostics, "can never match");
	if (n != diagnostics.n) {
		conf_diagnostics_print(&diagnostics, stderr);
		fail_msg("other faults");
	}
	conf_diagnostics_free(&diagnostics);
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

static void
addresses_must_be_in_ranges_before(void **state)
{
	(void)state;
	assert_int_equal(UNREACHABLE("from = [ \"10.0.0.0/8\" ];",
	    "from = [ \"10.1.0.0/16\", \"10.0.0.1\" ];"), 1);
	assert_int_equal(UNREACHABLE("from = [ \"10.0.0.0/8\", "
	    "\"2001:db8::/33\" ];", "from = [ \"2001:db8::/32\" ];"), 0);
	assert_int_equal(UNREACHABLE("from = [ \"2001:db8::/33\" ];",
	    "from = [ \"2001:db8:8000::/33\" ];"), 0);
	assert_int_equal(UNREACHABLE("from = [ \"2001:db8::/33\" ];",
	    "from = [ \"2001:db8:7fff::/48\" ];"), 1);
	assert_int_equal(UNREACHABLE("from = [ \"10.0.0.0/8\" ];",
	    "from = [ \"10.1.0.0/16\", \"11.0.0.1\" ];"), 0);
	assert_int_equal(UNREACHABLE("from = [ \"0.0.0.0/0\" ];", ""), 0);
	assert_int_equal(UNREACHABLE("from = [ \"0.0.0.0/0\" ];",
	    "from = [ \"::/0\" ];"), 0);
	assert_int_equal(UNREACHABLE("", "from = [ \"::1\" ];"), 1);
	assert_int_equal(UNREACHABLE("from = [ \"10.0.0.0/8\" ];",
	    "from = [ \"::ffff:10.1.0.0/112\" ];"), 1);
}

static void
names_of_certificates_must_be_meant_before(void **state)
{
	(void)state;
	assert_int_equal(UNREACHABLE("certificate = [ \"spiffe://c/a/*\" ];",
	    "certificate = [ \"spiffe://c/a/x\" ];",
	    "certificate = [ \"spiffe://c/a/x\", \"dns:ci\" ];",
	    "certificate = [ \"spiffe://c/*/x\" ];",
	    "certificate = [ \"spiffe://c/*/*\" ];",
	    "certificate = [ \"spiffe://c/a\" ];",
	    "certificate = [ \"spiffe://c/a/b/c\" ];",
	    "certificate = [ \"spiffe://d/a/x\" ];"), 1);
	assert_int_equal(UNREACHABLE(
	    "certificate = [ \"dns:ci\", \"spiffe://c/*/*\" ];",
	    "certificate = [ \"spiffe://c/*/x\", \"dns:CI\" ];",
	    "certificate = [ \"dns:ci2\" ];"), 1);
	assert_int_equal(UNREACHABLE("certificate = [ \"dns:ci\" ];", ""), 0);
	assert_int_equal(UNREACHABLE("", "certificate = [ \"dns:ci\" ];"), 1);
}

/*
 * Any routes: what is reported is what comparing each with all earlier ones
 * finds.
 */

#define N_RANDOM	10

struct route {
	unsigned listeners, methods;	/* sets; 0: any */
	unsigned host, client;		/* 0: any */
	const char *path;
};

static unsigned
pick(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16) % n;
}

static struct route
random_route(unsigned *seed)
{
	static const char *const paths[] = { NULL, NULL, "/", "/x", "/x/y",
		"/xy", "/x/y/z" };
	struct route t = {
		.listeners = pick(seed, 4), .methods = pick(seed, 4),
		.client = pick(seed, 3), .path = paths[pick(seed, 7)],
	};

	/* Listener 1 accepts no such host. */
	if (t.listeners != 1)
		t.host = pick(seed, 3);
	return t;
}

static char *
route_text(const struct route *t)
{
	static const char *const listeners[] = { "", "listener = \"a\"; ",
		"listener = \"b\"; ", "listeners = [ \"a\", \"b\" ]; " };
	static const char *const methods[] = { "", "methods = [ \"GET\" ]; ",
		"methods = [ \"PUT\" ]; ",
		"methods = [ \"GET\", \"PUT\" ]; " };
	static const char *const hosts[] = { "", "host = \"h.example\"; ",
		"host = \"i.example\"; " };
	static const char *const clients[] = { "", "client_key = \"c\"; ",
		"client_key = \"d\"; " };

	return xasprintf("%s%s%s%s%s%s%s", listeners[t->listeners],
	    methods[t->methods], hosts[t->host], clients[t->client],
	    t->path != NULL ? "path = \"" : "",
	    t->path != NULL ? t->path : "", t->path != NULL ? "\"; " : "");
}

/* "/" is every path. */
static bool
continues(const char *path, const char *prefix)
{
	size_t n = strlen(prefix);

	if (strcmp(prefix, "/") == 0)
		return true;
	return path != NULL && strncmp(path, prefix, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/');
}

/* One listener and one method, or any that b has not: 0. */
static bool
takes(const struct route *a, const struct route *b, unsigned listener,
    unsigned method)
{
	return (a->listeners == 0 || (a->listeners & listener) != 0) &&
	    (a->methods == 0 || (a->methods & method) != 0) &&
	    (a->host == 0 || a->host == b->host) &&
	    (a->client == 0 || a->client == b->client) &&
	    (a->path == NULL || continues(b->path, a->path));
}

static bool
is_out_of_reach(const struct route *v, size_t b)
{
	for (unsigned l = 1; l <= 2; l++) {
		if (v[b].listeners != 0 && (v[b].listeners & l) == 0)
			continue;
		for (unsigned m = 0; m <= 2; m++) {
			size_t a = 0;

			if (m != 0 ? (v[b].methods & m) == 0 :
			    v[b].methods != 0)
				continue;
			while (a < b && !takes(&v[a], &v[b], l, m))
				a++;
			if (a == b)
				return false;
		}
	}
	return true;
}

static void
any_routes_are_judged_as_by_comparing_all_of_them(void **state)
{
	unsigned seed = 1;
	size_t seen = 0;

	(void)state;
	for (int round = 0; round < 400; round++) {
		const char *texts[N_RANDOM + 1] = { NULL };
		struct route v[N_RANDOM];
		size_t expected = 0;

		for (size_t i = 0; i < N_RANDOM; i++) {
			v[i] = random_route(&seed);
			texts[i] = route_text(&v[i]);
			expected += is_out_of_reach(v, i);
		}
		assert_int_equal(count_unreachable(texts), expected);
		seen += expected;
		for (size_t i = 0; i < N_RANDOM; i++)
			free((void *)(uintptr_t)texts[i]);
	}
	assert_in_range(seen, 400, 400 * N_RANDOM);
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
		cmocka_unit_test(addresses_must_be_in_ranges_before),
		cmocka_unit_test(names_of_certificates_must_be_meant_before),
		cmocka_unit_test(
		    any_routes_are_judged_as_by_comparing_all_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
