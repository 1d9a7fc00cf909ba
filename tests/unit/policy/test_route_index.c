/*
 * policy/route_index: with it the same route is found as by trying one after
 * the other, and few are tried.
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

#include "base/alloc.h"
#include "base/blocks.h"
#include "policy/route.h"

static char word[] = "word", other_word[] = "other-word", secret[] = "secret",
    get[] = "GET", put[] = "PUT";
static char *methods[] = { get, put };
static char hosts[][16] = { "a.example", "b.example", "[::1]" };
static char paths[][16] = { "/a", "/b", "/a/b", "/b/a", "/a/b/c", "/a;b",
    "/o@d", "/o@d/a", "/c/a" };
static struct conf_client clients[] = {
	{ .name = word, .bare = true }, { .name = other_word, .bare = true },
	{ .name = secret }, { .name = word },
};
static size_t listeners[] = { 0, 1, 2 };
static uint32_t ids[] = { 7, 8 };

#define COUNT(v)	(sizeof(v) / sizeof(*(v)))
#define ROUTES		40

static size_t
chance(size_t n)
{
	return (size_t)rand() % n;
}

static struct conf_route
random_route(void)
{
	struct conf_route route = { .client = CONF_NONE };

	route.strip = chance(2) == 0;
	if (chance(3) == 0) {
		route.listeners = &listeners[chance(2)];
		route.n_listeners = 1 + chance(2);
	}
	if (chance(4) == 0)
		route.host = hosts[chance(COUNT(hosts))];
	if (chance(8) != 0)
		route.path = paths[chance(COUNT(paths))];
	if (chance(4) == 0)
		route.client = chance(COUNT(clients));
	if (chance(4) == 0)
		route.methods = (struct conf_texts){ &methods[chance(2)], 1 };
	if (chance(6) == 0)
		route.users = (struct conf_ids){ &ids[chance(2)], 1 };
	return route;
}

static const char *
one_of(const char *const *v, size_t n)
{
	return v[chance(n)];
}

static void
random_target(char *target, size_t size)
{
	static const char *const pieces[] = { "/a", "/b", "/c", "/o@d",
	    "/o%40d", "/%61", "a", ";b", ";x", "%3Bb", "%3bx", "%3Fx", "%23",
	    "%2F", "%2f", "%252F", "%5C", "%5cb", "/..", "/.", "//",
	    "/%2e%2e", "/..;x", "%25", "%2561", "%2F..", "%2fa", "/x/", "?a" };
	size_t n = chance(7);

	(void)snprintf(target, size, "%s", one_of(pieces, 6));
	for (size_t i = 0; i < n; i++) {
		size_t at = strlen(target);

		(void)snprintf(target + at, size - at, "%s",
		    one_of(pieces, chance(3) == 0 ? COUNT(pieces) : 4));
	}
}

struct asked {
	size_t listener;
	struct principal who;
	struct head head;
	struct field field;
	char target[128];
};

static void
random_request(struct asked *a)
{
	static const char *const authorities[] = { "a.example", "A.Example:80",
	    "b.example", "[::1]", "[::1]:9080", "c.example", "" };
	static const char *const tokens[] = { "ApiKey word", "Bearer secret",
	    "ApiKey other-word", "Basic bWU6c2VjcmV0", "ApiKey nobody",
	    "nonsense" };
	static const char *const verbs[] = { "GET", "PUT", "HEAD" };

	random_target(a->target, sizeof(a->target));
	a->listener = chance(4);
	a->who = (struct principal){
		.has_user = chance(2) == 0, .uid = ids[chance(2)],
	};
	a->head = (struct head){
		.method = text_of(one_of(verbs, COUNT(verbs))),
		.target = text_of(a->target),
		.authority = text_of(one_of(authorities, COUNT(authorities))),
	};
	a->field = (struct field){
		.id = FIELD_AUTHORIZATION,
		.value = text_of(one_of(tokens, COUNT(tokens))),
	};
	if (chance(2) == 0)
		a->head.fields = (struct fields){ .v = &a->field, .n = 1 };
}

static void
assert_same(const struct conf *conf, const struct route_index *index,
    const struct asked *a, struct readings *readings)
{
	struct route_found x = route_find(conf, NULL, a->listener, &a->who,
	    &a->head, readings);
	struct route_found y = route_find(conf, index, a->listener, &a->who,
	    &a->head, readings);

	if (x.route != y.route || x.prefix != y.prefix || x.doubt != y.doubt)
		fail_msg("%s: route %td of %zu or %td of %zu", a->target,
		    x.route != NULL ? x.route - conf->routes : -1, x.prefix,
		    y.route != NULL ? y.route - conf->routes : -1, y.prefix);
}

/* How many of the requests had a route. */
static size_t
ask_many(const struct conf *conf, const struct route_index *index,
    struct arena *arena)
{
	struct readings readings, some;
	struct asked a;
	size_t n = 0;

	for (int i = 0; i < 200; i++) {
		random_request(&a);
		readings_init(&readings, a.head.target, arena);
		assert_same(conf, index, &a, &readings);
		some = readings_only(&readings, (unsigned)chance(0x80));
		assert_same(conf, index, &a, &some);
		n += route_find(conf, index, a.listener, &a.who, &a.head,
		    &readings).route != NULL;
		arena_release(arena);
	}
	return n;
}

static void
random_requests_find_what_trying_all_routes_finds(void **state)
{
	struct blocks *blocks = blocks_new(4096, 4);
	struct conf_route routes[ROUTES];
	struct conf conf = { .routes = routes, .clients = clients };
	struct arena arena;
	size_t found = 0;

	(void)state;
	srand(1);
	SHA256((const unsigned char *)secret, strlen(secret),
	    clients[2].sha256);
	SHA256((const unsigned char *)word, strlen(word), clients[3].sha256);
	arena_init(&arena, blocks);
	for (int i = 0; i < 500; i++) {
		struct route_index *index;

		conf.n_routes = chance(ROUTES + 1);
		for (size_t k = 0; k < conf.n_routes; k++)
			routes[k] = random_route();
		index = route_index_new(&conf);
		found += ask_many(&conf, index, &arena);
		route_index_free(index);
	}
	/* Both happens often. */
	assert_in_range(found, 20000, 90000);
	arena_release(&arena);
	blocks_free(blocks);
}

/* -- cost -- */

#define MANY	10000

static size_t tries;

static bool
count_tries(void *ctx, size_t route)
{
	tries++;
	return route == *(const size_t *)ctx;
}

/* The route is found, and so many are tried at most. */
static void
assert_found(const struct route_index *index, struct route_question q,
    const char *target, size_t route, size_t most)
{
	struct blocks *blocks = blocks_new(4096, 1);
	struct readings readings;
	struct arena arena;

	arena_init(&arena, blocks);
	readings_init(&readings, text_of(target), &arena);
	q.readings = &readings;
	tries = 0;
	assert_int_equal(route_index_first(index, &q, count_tries, &route),
	    route);
	assert_in_range(tries, 1, most);
	arena_release(&arena);
	blocks_free(blocks);
}

static void
of_ten_thousand_paths_one_is_tried(void **state)
{
	const struct route_question q = { .host = TEXT("x") };
	struct conf_route *routes = xcalloc(MANY, sizeof(*routes));
	struct conf conf = { .routes = routes, .n_routes = MANY };
	static char texts[MANY][24];
	struct route_index *index;
	char target[64];

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		snprintf(texts[i], sizeof(texts[i]), "/api/team-%zu/v1", i);
		routes[i] = (struct conf_route){
			.path = texts[i], .client = CONF_NONE,
		};
	}
	index = route_index_new(&conf);
	for (size_t i = 0; i < MANY; i += MANY / 7) {
		snprintf(target, sizeof(target), "%.24s/x?y", texts[i]);
		assert_found(index, q, target, i, 1);
		snprintf(target, sizeof(target), "/b/..%.24s/x%%2Fy", texts[i]);
		assert_found(index, q, target, i, 1);
	}
	route_index_free(index);
	free(routes);
}

static void
of_ten_thousand_hosts_and_clients_one_is_tried(void **state)
{
	struct route_question q = { .listener = 1 };
	struct conf_route *routes = xcalloc(MANY, sizeof(*routes));
	struct conf_client *many = xcalloc(MANY, sizeof(*many));
	struct conf conf = { .routes = routes, .n_routes = MANY,
		.clients = many, .n_clients = MANY };
	static char names[MANY][16];
	struct route_index *index;
	uint8_t sha256[SHA256_DIGEST_LENGTH];

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "team-%zu", i);
		many[i] = (struct conf_client){ .name = names[i],
			.bare = i % 3 == 0 };
		SHA256((unsigned char *)names[i], strlen(names[i]),
		    many[i].sha256);
		routes[i] = (struct conf_route){
			.client = i % 3 == 2 ? CONF_NONE : i,
			.host = i % 3 == 2 ? names[i] : NULL,
			.listeners = &listeners[1], .n_listeners = 1,
		};
	}
	index = route_index_new(&conf);
	for (size_t i = 0; i < MANY; i += MANY / 7) {
		q.host = TEXT("x");
		q.token = TEXT("");
		q.sha256 = NULL;
		if (i % 3 == 2) {
			q.host = text_of(names[i]);
		} else {
			q.token = text_of(names[i]);
			SHA256((unsigned char *)names[i], strlen(names[i]),
			    sha256);
			q.sha256 = sha256;
		}
		assert_found(index, q, "/", i, 1);
	}
	route_index_free(index);
	free(routes);
	free(many);
}

/* However often a name stands in a path. */
static void
no_route_is_tried_twice(void **state)
{
	const struct route_question q = { .host = TEXT("x") };
	char path[] = "/a/b", target[2048] = "/%2F";
	struct conf_route route = { .path = path, .client = CONF_NONE };
	struct conf conf = { .routes = &route, .n_routes = 1 };
	struct route_index *index = route_index_new(&conf);

	(void)state;
	for (size_t i = 4; i + 2 < sizeof(target); i += 2)
		memcpy(target + i, i % 4 == 0 ? "/a" : "/b", 3);
	assert_found(index, q, target, 0, 1);
	route_index_free(index);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    random_requests_find_what_trying_all_routes_finds),
		cmocka_unit_test(of_ten_thousand_paths_one_is_tried),
		cmocka_unit_test(
		    of_ten_thousand_hosts_and_clients_one_is_tried),
		cmocka_unit_test(no_route_is_tried_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
