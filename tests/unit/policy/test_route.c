/*
 * policy/route: conditions one by one, stripping, and what is in doubt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <openssl/sha.h>
#include <stdio.h>

#include "policy/route.h"
#include "request.h"

static char localhost[] = "localhost", api[] = "api.elastic-cloud.com",
    ip6[] = "[::1]";
static char *host_texts[] = { localhost, api, ip6 };
static struct conf_listener listeners[2] = {
	{ .hosts = { host_texts, 3 } }, { .hosts = { host_texts, 3 } },
};

static struct route_found
find(const struct conf *conf, const struct principal *who,
    const struct head *head)
{
	struct blocks *blocks = blocks_new(4096, 1);
	struct route_found found;
	struct readings readings;
	struct arena arena;

	arena_init(&arena, blocks);
	readings_init(&readings, head->target, &arena);
	found = route_find(conf, NULL, 0, who, head, &readings);
	arena_release(&arena);
	blocks_free(blocks);
	return found;
}

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
	return find(&conf, &nobody, head).route == &route;
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
	assert_false(path_holds(*state, "/billing", "/?/billing"));
	assert_true(path_holds(*state, "/a/b", "/a/b/c"));
	assert_false(path_holds(*state, "/a/b", "/a"));
	assert_true(path_holds(*state, "/billing", "/%62illing?b"));
	assert_false(path_holds(*state, "/billing", "/%62illin%67x"));
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

	return find(&conf, who, &head).route != NULL;
}

/*
 * Each condition on who asks, by a bit: of a route, that it has it; of a
 * request, that it meets it.
 */
enum { LISTENER, HOST, USERS, GROUPS, FROM, NAME, WORD, DIGEST, CONDITIONS };

#define HAS(set, condition)	(((set) & (1U << (condition))) != 0)

static struct addr_ip
address(const char *text)
{
	struct addr_ip ip;
	const char *why;
	struct addr a;

	assert_true(addr_parse(text, &a, &why));
	addr_ip_from(&ip, &a);
	return ip;
}

static struct cidr
range(const char *text)
{
	struct cidr c;
	const char *why;

	assert_true(cidr_parse(text, &c, &why));
	return c;
}

/* The request that meets these, and no others. */
static const struct head *
request_that_meets(struct requests *r, unsigned met, struct principal *who)
{
	static uint32_t groups[2];
	static char team[] = "spiffe://corp/team-a/ci",
	    other[] = "spiffe://corp/team-b/ci";
	static struct cert_names names;

	groups[0] = 7;
	groups[1] = HAS(met, GROUPS) ? 50 : 51;
	names.uri = HAS(met, NAME) ? team : other;
	*who = (struct principal){ .has_user = true,
		.uid = HAS(met, USERS) ? 1000 : 1001,
		.groups = groups, .n_groups = 2, .certificate = &names,
		.ip = address(HAS(met, FROM) ? "10.1.2.3:9" : "10.2.2.3:9") };
	return requests_make(r, "GET", "/", HAS(met, HOST) ?
	    "api.elastic-cloud.com:443" : "localhost",
	    HAS(met, WORD) ? "Authorization: ApiKey ci\r\n" :
	    HAS(met, DIGEST) ? "Authorization: Bearer secret-token\r\n" :
	    "Authorization: ApiKey c\r\n");
}

/* By the index and without it. */
static bool
is_found(const struct conf *conf, size_t listener, const struct principal *who,
    const struct head *head)
{
	struct route_index *index = route_index_new(conf);
	struct blocks *blocks = blocks_new(4096, 1);
	struct readings readings;
	struct arena arena;
	bool found, found_by_index;

	arena_init(&arena, blocks);
	readings_init(&readings, head->target, &arena);
	found = route_find(conf, NULL, listener, who, head,
	    &readings).route != NULL;
	found_by_index = route_find(conf, index, listener, who, head,
	    &readings).route != NULL;
	assert_true(found == found_by_index);
	arena_release(&arena);
	blocks_free(blocks);
	route_index_free(index);
	return found;
}

static void
every_combination_of_conditions_on_clients_holds_as_written(void **state)
{
	char word[] = "ci", digest[] = "team";
	char ci[] = "dns:ci.corp.example", team[] = "spiffe://corp/team-a/*";
	char *rules[] = { ci, team };
	uint32_t user = 1000, group = 50;
	struct cidr from[] = { range("192.0.2.0/24"), range("10.1.0.0/16") };
	struct conf_client clients[] = { { .name = word, .bare = true },
	    { .name = digest } };
	size_t first = 0;

	SHA256((const unsigned char *)"secret-token", 12, clients[1].sha256);
	for (unsigned has = 0; has < 1U << CONDITIONS; has++) {
		struct conf_route route = {
			.listeners = &first, .n_listeners = HAS(has, LISTENER),
			.host = HAS(has, HOST) ? api : NULL,
			.users = { &user, HAS(has, USERS) },
			.groups = { &group, HAS(has, GROUPS) },
			.from = from, .n_from = HAS(has, FROM) ? 2 : 0,
			.certificate = { rules, HAS(has, NAME) ? 2 : 0 },
			.client = HAS(has, WORD) ? 0 :
			    HAS(has, DIGEST) ? 1 : CONF_NONE,
		};
		const struct conf conf = {
			.listeners = listeners, .n_listeners = 2,
			.clients = clients, .n_clients = 2,
			.routes = &route, .n_routes = 1,
		};

		for (unsigned met = 0; met < 1U << CONDITIONS; met++) {
			struct principal who;
			const struct head *head;

			/* A route has one client, a request one token. */
			if ((HAS(has, WORD) && HAS(has, DIGEST)) ||
			    (HAS(met, WORD) && HAS(met, DIGEST)))
				continue;
			head = request_that_meets(*state, met, &who);
			if (is_found(&conf, !HAS(met, LISTENER), &who, head) !=
			    ((has & ~met) == 0))
				fail_msg("a route with %x, a request with %x",
				    has, met);
		}
	}
}

static void
a_range_holds_for_clients_over_tcp_only(void **state)
{
	struct cidr all[] = { range("0.0.0.0/0"), range("::/0") };
	struct conf_route route = { .client = CONF_NONE, .from = all,
		.n_from = 2 };
	struct principal who = { .ip = address("[::ffff:10.1.2.3]:9") };

	(void)state;
	assert_true(holds_for(&who, route));
	who.ip = address("[2001:db8::1]:9");
	assert_true(holds_for(&who, route));
	route.n_from = 1;
	assert_false(holds_for(&who, route));
	route.n_from = 2;
	who = (struct principal){ .has_user = true, .uid = 1000 };
	assert_false(holds_for(&who, route));
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

static void
names_of_certificates_are_no_users_and_users_have_none(void **state)
{
	char dns[] = "dns:build", name[] = "build", uri[] = "spiffe://corp/x";
	char *rules[] = { dns }, *names[] = { name };
	uint32_t user = 1000, group = 50, of[] = { 50 };
	struct cert_names certificate = { .dns = names, .n_dns = 1 };
	struct principal by_user = { .has_user = true, .uid = 1000,
		.groups = of, .n_groups = 1, .user_name = "build" };
	struct principal by_certificate = { .uid = 1000, .groups = of,
		.n_groups = 1, .certificate = &certificate };
	struct principal nobody = { .uid = 1000 };
	struct conf_route route = { .client = CONF_NONE,
		.certificate = { rules, 1 } };

	(void)state;
	assert_true(holds_for(&by_certificate, route));
	assert_false(holds_for(&by_user, route));
	assert_false(holds_for(&nobody, route));
	certificate = (struct cert_names){ .uri = uri };
	assert_false(holds_for(&by_certificate, route));
	route.certificate.n = 0;
	assert_true(holds_for(&nobody, route));
	assert_true(holds_for(&by_certificate, route));
	route.users = (struct conf_ids){ &user, 1 };
	assert_false(holds_for(&by_certificate, route));
	assert_true(holds_for(&by_user, route));
	route.users.n = 0;
	route.groups = (struct conf_ids){ &group, 1 };
	assert_false(holds_for(&by_certificate, route));
	assert_true(holds_for(&by_user, route));
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
	return find(&conf, &nobody, head).route != NULL;
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
	/* "x:ci" with bits that are left over, and with a space within */
	assert_false(client_holds(r, c, "Authorization: Basic eDpjaR==\r\n"));
	assert_false(client_holds(r, c, "Authorization: Basic eDpj  aQ==\r\n"));
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
	assert_ptr_equal(find(&conf, &nobody, &head).route, &routes[0]);
	head.target = TEXT("/other");
	assert_ptr_equal(find(&conf, &nobody, &head).route, &routes[1]);
	conf.n_routes = 1;
	assert_null(find(&conf, &nobody, &head).route);
}

static void
a_stripped_target_is_never_empty(void **state)
{
	static const struct {
		struct text target, stripped;
		size_t prefix;
	} cases[] = {
		{ TEXT("/billing"), TEXT("/"), 8 },
		{ TEXT("/billing/"), TEXT("/"), 8 },
		{ TEXT("/billing/a/b?c"), TEXT("/a/b?c"), 8 },
		{ TEXT("/billing?c"), TEXT("/?c"), 8 },
		{ TEXT("/%62illin%67/%61"), TEXT("/%61"), 12 },
		{ TEXT("*"), TEXT("*"), 0 },
	};
	struct requests *r = *state;
	struct conf_route route = { .strip = true };
	struct text t;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct route_found found = {
			.route = &route, .prefix = cases[i].prefix,
		};

		t = route_target(&found, cases[i].target, &r->arena);
		assert_true(text_eq(t, cases[i].stripped));
		route.strip = false;
		t = route_target(&found, cases[i].target, &r->arena);
		assert_true(text_eq(t, cases[i].target));
		route.strip = true;
	}
}

static void
a_route_is_in_doubt_where_a_reading_has_another(void **state)
{
	static const struct {
		const char *target;
		size_t route;		/* the first that some reading has */
		enum route_doubt doubt;
		size_t prefix;
	} cases[] = {
		{ "/billing/x;y", 0, ROUTE_CERTAIN, 8 },
		{ "/billing;y/x", 0, ROUTE_DIFFERS, 0 },
		{ "/;/billing/x", 0, ROUTE_DIFFERS, 0 },
		{ "/billing%2Fx", 0, ROUTE_DIFFERS, 0 },
		{ "/billing/a%2Fx", 0, ROUTE_CERTAIN, 8 },
		{ "/billing/../x", 0, ROUTE_DIFFERS, 0 },
		{ "/billing/a/../x", 0, ROUTE_CERTAIN, 8 },
		{ "/%62illing/a/../x", 0, ROUTE_CERTAIN, 10 },
		{ "/billing/a/../../billing/x", 0, ROUTE_PREFIX_DIFFERS, 0 },
		{ "/deep/a/../../deep/x", 1, ROUTE_CERTAIN, 0 },
		{ "/x/a/../..;/%2e%2e/y", 2, ROUTE_CERTAIN, 0 },
	};
	char billing[] = "/billing", deep[] = "/deep";
	struct conf_route routes[] = {
		{ .path = billing, .client = CONF_NONE, .strip = true },
		{ .path = deep, .client = CONF_NONE },
		{ .client = CONF_NONE },
	};
	struct conf conf = { .routes = routes, .n_routes = 3 };
	struct principal nobody = { .has_user = false };
	struct head head = { .method = TEXT("GET") };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct route_found found;

		head.target = text_of(cases[i].target);
		found = find(&conf, &nobody, &head);
		if (found.route != &routes[cases[i].route] ||
		    found.doubt != cases[i].doubt)
			fail_msg("%s: route %zd, doubt %d", cases[i].target,
			    found.route - routes, found.doubt);
		if (cases[i].prefix != 0)
			assert_int_equal(found.prefix, cases[i].prefix);
	}
}

#define WITH_CODEC(test) \
	cmocka_unit_test_setup_teardown(test, requests_setup, requests_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CODEC(a_path_holds_on_segment_boundaries),
		WITH_CODEC(methods_hosts_and_listeners_are_conditions),
		cmocka_unit_test_setup_teardown(
		    every_combination_of_conditions_on_clients_holds_as_written,
		    requests_setup, requests_teardown),
		cmocka_unit_test(a_range_holds_for_clients_over_tcp_only),
		cmocka_unit_test(users_and_groups_are_both_conditions),
		cmocka_unit_test(
		    names_of_certificates_are_no_users_and_users_have_none),
		WITH_CODEC(a_client_key_comes_as_apikey_bearer_or_password),
		cmocka_unit_test(a_token_is_a_secret_where_its_digest_is_given),
		cmocka_unit_test(a_token_is_looked_for_in_texts),
		WITH_CODEC(a_very_long_token_is_nobodys),
		cmocka_unit_test(the_first_route_that_holds_wins),
		WITH_CODEC(a_stripped_target_is_never_empty),
		cmocka_unit_test(
		    a_route_is_in_doubt_where_a_reading_has_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
