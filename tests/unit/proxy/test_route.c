/*
 * proxy/route: conditions one by one, stripping, and that no other spelling
 * of a target finds another route.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

#include "proxy/guard.h"
#include "proxy/route.h"
#include "../../lib/normal.h"
#include "request.h"

static char localhost[] = "localhost", api[] = "api.elastic-cloud.com",
    ip6[] = "[::1]";
static char *host_texts[] = { localhost, api, ip6 };
static struct conf_listener listeners[2] = {
	{ .hosts = { host_texts, 3 } }, { .hosts = { host_texts, 3 } },
};

/* The one route of a configuration holds for this request. */
static bool
holds(struct requests *r, struct conf_route route, const char *method,
    const char *target, const char *host, const char *fields)
{
	struct conf conf = {
		.listeners = listeners, .n_listeners = 2,
		.routes = &route, .n_routes = 1,
	};
	struct principal nobody = { .has_user = false };
	const struct head *head = requests_make(r, method, target, host,
	    fields);

	assert_non_null(head);
	return route_find(&conf, 0, &nobody, head) == &route;
}

static bool
path_holds(struct requests *r, const char *path, const char *target)
{
	char copy[64];
	struct conf_route route = { .path = copy, .client = CONF_NONE };

	snprintf(copy, sizeof(copy), "%s", path);
	return holds(r, route, "GET", target, "localhost", "");
}

static void
a_path_holds_on_segment_boundaries(void **state)
{
	assert_true(path_holds(*state, "/billing", "/billing"));
	assert_true(path_holds(*state, "/billing", "/billing/"));
	assert_true(path_holds(*state, "/billing", "/billing/a?b"));
	assert_true(path_holds(*state, "/billing", "/billing?b"));
	assert_false(path_holds(*state, "/billing", "/billing2"));
	assert_false(path_holds(*state, "/billing", "/billin"));
	assert_false(path_holds(*state, "/billing", "/Billing"));
	assert_false(path_holds(*state, "/billing", "/a/billing"));
	assert_false(path_holds(*state, "/billing", "/billing;x"));
	assert_false(path_holds(*state, "/billing", "/?/billing"));
	assert_true(path_holds(*state, "/a/b", "/a/b/c"));
	assert_false(path_holds(*state, "/a/b", "/a"));
	assert_true(path_holds(*state, "/caf%C3%A9", "/caf%c3%a9/x"));
	assert_false(path_holds(*state, "/%3Ba", "/%3BA"));
	assert_false(path_holds(*state, "/;a", "/%3Ba"));
	assert_true(path_holds(*state, "/billing", "/%62illing?b"));
	assert_true(path_holds(*state, "/b%69lling", "/%62illing/b"));
}

static void
methods_hosts_and_listeners_are_conditions(void **state)
{
	char get[] = "GET", host[] = "api.elastic-cloud.com", v6[] = "::1";
	char *methods[] = { get };
	size_t first = 0, second = 1;
	struct conf_route any = { .client = CONF_NONE }, route;

	assert_true(holds(*state, any, "GET", "/", "localhost", ""));
	route = any;
	route.methods = (struct conf_texts){ methods, 1 };
	assert_true(holds(*state, route, "GET", "/", "localhost", ""));
	assert_false(holds(*state, route, "HEAD", "/", "localhost", ""));
	assert_false(holds(*state, route, "get", "/", "localhost", ""));
	route = any;
	route.host = host;
	assert_true(holds(*state, route, "GET", "/",
	    "API.elastic-cloud.com:443", ""));
	assert_true(holds(*state, route, "GET",
	    "http://api.elastic-cloud.com/", "api.elastic-cloud.com", ""));
	assert_false(holds(*state, route, "GET", "/", "localhost", ""));
	route.host = v6;
	assert_true(holds(*state, route, "GET", "/", "[::1]:80", ""));
	route.host = ip6;
	assert_true(holds(*state, route, "GET", "/", "[::1]", ""));
	route = any;
	route.listeners = &first;
	route.n_listeners = 1;
	assert_true(holds(*state, route, "GET", "/", "localhost", ""));
	route.listeners = &second;
	assert_false(holds(*state, route, "GET", "/", "localhost", ""));
}

static bool
holds_for(const struct principal *who, struct conf_route route)
{
	struct head head = { .method = TEXT("GET"), .target = TEXT("/") };
	struct conf conf = { .routes = &route, .n_routes = 1 };

	return route_find(&conf, 0, who, &head) != NULL;
}

static void
users_and_groups_are_both_conditions(void **state)
{
	uint32_t user = 1000, group = 50, of[] = { 7, 50 };
	struct principal who = {
		.has_user = true, .uid = 1000, .groups = of, .n_groups = 2,
	};
	struct principal other = {
		.has_user = true, .uid = 1, .groups = of, .n_groups = 1,
	};
	struct principal nobody = { .uid = 1000 };
	struct conf_route route = { .client = CONF_NONE };

	(void)state;
	route.users = (struct conf_ids){ &user, 1 };
	assert_true(holds_for(&who, route));
	assert_false(holds_for(&other, route));
	assert_false(holds_for(&nobody, route));
	route.groups = (struct conf_ids){ &group, 1 };
	assert_true(holds_for(&who, route));
	route.users.n = 0;
	assert_true(holds_for(&who, route));
	assert_false(holds_for(&other, route));
	assert_false(holds_for(&nobody, route));
}

static bool
client_holds(struct requests *r, struct conf_client client,
    const char *fields)
{
	struct conf_route route = { .client = 0 };
	struct conf conf = {
		.routes = &route, .n_routes = 1,
		.clients = &client, .n_clients = 1,
	};
	struct principal nobody = { .has_user = false };
	const struct head *head = requests_make(r, "GET", "/", "localhost",
	    fields);

	assert_non_null(head);
	return route_find(&conf, 0, &nobody, head) != NULL;
}

static void
check_client(struct requests *r, struct conf_client c)
{
	assert_true(client_holds(r, c, "Authorization: ApiKey ci\r\n"));
	assert_true(client_holds(r, c, "authorization: apikey  ci\r\n"));
	assert_true(client_holds(r, c, "Authorization: Bearer ci\r\n"));
	/* "x:ci", ":ci", "xy:ci" */
	assert_true(client_holds(r, c, "Authorization: Basic eDpjaQ==\r\n"));
	assert_true(client_holds(r, c, "Authorization: Basic OmNp\r\n"));
	assert_true(client_holds(r, c, "Authorization: basic eHk6Y2k=\r\n"));
	assert_false(client_holds(r, c, ""));
	assert_false(client_holds(r, c, "Authorization: ci\r\n"));
	assert_false(client_holds(r, c, "Authorization: ApiKey\r\n"));
	assert_false(client_holds(r, c, "Authorization: ApiKey CI\r\n"));
	assert_false(client_holds(r, c, "Authorization: ApiKey c\r\n"));
	assert_false(client_holds(r, c, "Authorization: ApiKey cii\r\n"));
	assert_false(client_holds(r, c, "Authorization: Digest ci\r\n"));
	/* "ci:x", "ci", and what is not base64 */
	assert_false(client_holds(r, c, "Authorization: Basic Y2k6eA==\r\n"));
	assert_false(client_holds(r, c, "Authorization: Basic Y2k=\r\n"));
	assert_false(client_holds(r, c, "Authorization: Basic OmN\r\n"));
	assert_false(client_holds(r, c, "Authorization: Basic ====\r\n"));
	assert_false(client_holds(r, c, "Authorization: Basic !!!!\r\n"));
}

static void
a_client_key_comes_as_apikey_bearer_or_password(void **state)
{
	char name[] = "ci", other[] = "not-the-token";
	struct conf_client client = { .name = name, .bare = true };

	check_client(*state, client);
	client.bare = false;
	client.name = other;
	SHA256((const unsigned char *)"ci", 2, client.sha256);
	check_client(*state, client);
}

static bool
token_is_in(const char *authorization, const char *text)
{
	struct head head = { .kind = HEAD_REQUEST };
	bool is_in;

	fields_add(&head.fields, FIELD_AUTHORIZATION, TEXT("Authorization"),
	    text_of(authorization));
	is_in = route_token_is_in(&head, text_of(text));
	fields_release(&head.fields);
	return is_in;
}

static void
a_token_is_a_secret_where_its_digest_is_given(void **state)
{
	struct conf_client clients[] = { { .bare = true }, { .bare = false } };
	const struct conf conf = { .clients = clients, .n_clients = 2 };
	struct conf_route route = { .client = CONF_NONE };

	(void)state;
	assert_false(route_token_is_secret(&conf, &route));
	route.client = 0;
	assert_false(route_token_is_secret(&conf, &route));
	route.client = 1;
	assert_true(route_token_is_secret(&conf, &route));
}

static void
a_token_is_looked_for_in_texts(void **state)
{
	(void)state;
	assert_true(token_is_in("ApiKey abcdefgh", "/abcdefgh?x"));
	assert_true(token_is_in("Basic eDphYmNkZWZnaA==", "abcdefgh"));
	assert_false(token_is_in("ApiKey abcdefgh", "/abcdefg"));
	assert_false(token_is_in("ApiKey abcdefgh", ""));
	/* That would be found by chance. */
	assert_false(token_is_in("ApiKey abcdefg", "/abcdefg"));
	assert_false(token_is_in("ApiKey", "/"));
}

static void
a_very_long_token_is_nobodys(void **state)
{
	char name[] = "ci", fields[8000];
	struct conf_client client = { .name = name, .bare = true };

	for (size_t n = 1000; n < 1100; n += 4) {
		snprintf(fields, sizeof(fields),
		    "Authorization: Basic %0*d\r\n", (int)n, 0);
		assert_false(client_holds(*state, client, fields));
		snprintf(fields, sizeof(fields),
		    "Authorization: Bearer %0*d\r\n", (int)n, 0);
		assert_false(client_holds(*state, client, fields));
	}
}

static void
the_first_route_that_holds_wins(void **state)
{
	char billing[] = "/billing";
	struct conf_route routes[] = {
		{ .path = billing, .client = CONF_NONE },
		{ .client = CONF_NONE },
		{ .client = CONF_NONE },
	};
	struct conf conf = { .routes = routes, .n_routes = 3 };
	struct principal nobody = { .has_user = false };
	struct head head = { .method = TEXT("GET") };

	(void)state;
	head.target = TEXT("/billing/x");
	assert_ptr_equal(route_find(&conf, 0, &nobody, &head), &routes[0]);
	head.target = TEXT("/other");
	assert_ptr_equal(route_find(&conf, 0, &nobody, &head), &routes[1]);
	conf.n_routes = 1;
	assert_null(route_find(&conf, 0, &nobody, &head));
}

static void
a_stripped_target_is_never_empty(void **state)
{
	static const struct {
		struct text target, stripped;
	} cases[] = {
		{ TEXT("/billing"), TEXT("/") },
		{ TEXT("/billing/"), TEXT("/") },
		{ TEXT("/billing/a/b?c"), TEXT("/a/b?c") },
		{ TEXT("/billing?c"), TEXT("/?c") },
		{ TEXT("/%62illin%67/%61"), TEXT("/%61") },
		{ TEXT("*"), TEXT("*") },
	};
	struct requests *r = *state;
	char billing[] = "/billing";
	struct conf_route route = { .path = billing, .strip = true };
	struct text t;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		t = route_target(&route, cases[i].target, &r->arena);
		assert_true(text_eq(t, cases[i].stripped));
		route.strip = false;
		t = route_target(&route, cases[i].target, &r->arena);
		assert_true(text_eq(t, cases[i].target));
		route.strip = true;
	}
}

/* -- the property -- */

static uint32_t seed = 1;

static unsigned
pick(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* Pieces that come from the routes' paths and from what attackers write. */
static void
random_target(char *out, size_t size)
{
	static const char *const pieces[] = {
		"/", "/", "/", "a", "b", "api", "/api", "/api/v1", "%61",
		"%2f", "%2F", ".", "..", "/..", "/.", "%2e", "%2E%2e", "//",
		"\\", "%5c", "%00", ";x", "%41", "%C3%A9", "%c3%a9", "%3b",
		"%25", "%2561", "?", "?/api", "v1", "%7E", "~",
	};
	size_t n = 1;

	out[0] = '/';
	for (unsigned i = pick(8); i > 0; i--) {
		const char *piece = pieces[pick(sizeof(pieces) /
		    sizeof(*pieces))];

		if (n + strlen(piece) < size) {
			memcpy(out + n, piece, strlen(piece));
			n += strlen(piece);
		}
	}
	out[n] = '\0';
}

static const struct conf_route *
route_of(const struct conf *conf, struct text target)
{
	struct principal nobody = { .has_user = false };
	struct head head = {
		.method = TEXT("GET"), .target = target,
		.authority = TEXT("localhost"),
	};

	return route_find(conf, 0, &nobody, &head);
}

static bool
guard_passes(struct text target)
{
	const struct principal nobody = { .has_user = false };
	const char *detail;
	struct head head = {
		.method = TEXT("GET"), .target = target,
		.authority = TEXT("localhost"),
	};

	return guard_request(&listeners[0], &nobody, &head, &detail) ==
	    FAULT_NONE;
}

static void
another_spelling_of_a_target_finds_the_same_route_or_none(void **state)
{
	char a[] = "/a", api_v1[] = "/api/v1", accent[] = "/%C3%A9";
	struct conf_route routes[] = {
		{ .path = a, .client = CONF_NONE },
		{ .path = api_v1, .client = CONF_NONE },
		{ .path = accent, .client = CONF_NONE },
		{ .client = CONF_NONE },
	};
	struct conf conf = { .routes = routes, .n_routes = 4 };
	char target[128], normal[128];
	unsigned passed = 0;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		struct text t, normalised;

		random_target(target, sizeof(target));
		t = text_of(target);
		if (!guard_passes(t))
			continue;
		passed++;
		normalised = normal_target(t, normal);
		if (route_of(&conf, t) != route_of(&conf, normalised))
			fail_msg("%s", target);
	}
	assert_true(passed > 10000);
}

#define WITH_CODEC(test) \
	cmocka_unit_test_setup_teardown(test, requests_setup, requests_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CODEC(a_path_holds_on_segment_boundaries),
		WITH_CODEC(methods_hosts_and_listeners_are_conditions),
		cmocka_unit_test(users_and_groups_are_both_conditions),
		WITH_CODEC(a_client_key_comes_as_apikey_bearer_or_password),
		cmocka_unit_test(a_token_is_a_secret_where_its_digest_is_given),
		cmocka_unit_test(a_token_is_looked_for_in_texts),
		WITH_CODEC(a_very_long_token_is_nobodys),
		cmocka_unit_test(the_first_route_that_holds_wins),
		WITH_CODEC(a_stripped_target_is_never_empty),
		cmocka_unit_test(
		    another_spelling_of_a_target_finds_the_same_route_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
