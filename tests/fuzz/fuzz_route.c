/*
 * A request target through guard and routes.  What the guard lets pass finds
 * the same route as its normalised form, mints where that mints, and stays
 * unambiguous when a prefix is stripped.
 */
#include "fuzz.h"

#include <string.h>

#include "../lib/normal.h"
#include "http/rules.h"
#include "proxy/guard.h"
#include "proxy/route.h"

static char localhost[] = "localhost";
static char *hosts[] = { localhost };
static const struct conf_listener listener = { .hosts = { hosts, 1 } };

static char a[] = "/a", api[] = "/api/v1", accent[] = "/%C3%A9";
static struct conf_route routes[] = {
	{ .path = a, .client = CONF_NONE, .strip = true },
	{ .path = api, .client = CONF_NONE },
	{ .path = accent, .client = CONF_NONE, .strip = true },
	{ .client = CONF_NONE },
};
static const struct conf conf = { .routes = routes, .n_routes = 4 };

static const struct conf_route *
route_of(struct text target)
{
	const struct principal nobody = { .has_user = false };
	const struct head head = {
		.method = TEXT("GET"), .target = target,
		.authority = TEXT("localhost"),
	};

	return route_find(&conf, 0, &nobody, &head);
}

static void
check_stripped(const struct conf_route *route, struct text target)
{
	struct blocks *blocks = blocks_new(4096, 1);
	struct arena arena;
	struct text t;

	arena_init(&arena, blocks);
	t = route_target(route, target, &arena);
	fuzz_assert(target_is_unambiguous(t));
	fuzz_assert(t.n <= target.n + 1);
	arena_release(&arena);
	blocks_free(blocks);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct text t = { .p = (const char *)p, .n = n }, normal;
	struct head head = {
		.method = TEXT("POST"), .target = t,
		.authority = TEXT("localhost"),
	};
	const struct principal nobody = { .has_user = false };
	const struct conf_route *route;
	const char *detail;
	char *buf;

	/* Must stand whatever the guard says. */
	bool mints = guard_is_minting(head.method, t);

	if (guard_request(&listener, &nobody, &head, &detail) !=
	    FAULT_NONE || t.p[0] != '/')
		return 0;
	route = route_of(t);
	fuzz_assert(route != NULL);
	check_stripped(route, t);
	buf = malloc(n + 1);
	fuzz_assert(buf != NULL);
	normal = normal_target(t, buf);
	fuzz_assert(route_of(normal) == route);
	fuzz_assert(guard_is_minting(head.method, normal) == mints);
	free(buf);
	return 0;
}
