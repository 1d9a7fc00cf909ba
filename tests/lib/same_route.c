/*
 * Judge and readers side by side; see same_route.h.
 */
#include "same_route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/judge.h"
#include "policy/target.h"
#include "readers.h"

static char localhost[] = "localhost";
static char *hosts[] = { localhost };
static struct conf_listener listeners[] = { { .hosts = { hosts, 1 } } };

static char a[] = "/a", b[] = "/a/b", api[] = "/api/v1", odd[] = "/o@d/..x",
    x[] = "/x";
static struct conf_route routes[] = {
	{ .path = b, .client = CONF_NONE },
	{ .path = a, .client = CONF_NONE, .strip = true },
	{ .path = api, .client = CONF_NONE, .strip = true },
	{ .path = odd, .client = CONF_NONE, .strip = true },
	{ .path = x, .client = CONF_NONE },
	{ .client = CONF_NONE },
};
#define N_ROUTES	(sizeof(routes) / sizeof(*routes))
static const struct conf conf = {
	.listeners = listeners, .n_listeners = 1,
	.routes = routes, .n_routes = N_ROUTES,
};

/* Some of the calls that mint, in their simplest form. */
static const char *const minting[] = {
	"/auth/keys", "/_security/api_key", "/_password", "/invitations",
	"/_security/role", "/fleet/service_tokens",
};

static bool
begins(const char *p, size_t n, const char *with)
{
	size_t len = strlen(with);

	return n >= len && memcmp(p, with, len) == 0 &&
	    (n == len || p[len] == '/');
}

static const struct conf_route *
route_of(const char *path, size_t n)
{
	for (size_t i = 0; i < N_ROUTES; i++) {
		if (routes[i].path == NULL || begins(path, n, routes[i].path))
			return &routes[i];
	}
	return NULL;
}

static bool
mints(const char *path, size_t n)
{
	for (size_t at = 0; at < n; at++) {
		for (size_t i = 0; i < sizeof(minting) / sizeof(*minting);
		    i++) {
			if (begins(path + at, n - at, minting[i]))
				return true;
		}
	}
	return false;
}

static size_t
path_length(struct text target)
{
	const char *mark = memchr(target.p, '?', target.n);

	return mark != NULL ? (size_t)(mark - target.p) : target.n;
}

/* The rest of a path that was read, "/" if that is empty. */
static bool
same_rest(const char *whole, size_t n, size_t stripped, const char *rest,
    size_t rest_n)
{
	if (n == stripped)
		return rest_n == 1 && rest[0] == '/';
	return n - stripped == rest_n &&
	    memcmp(whole + stripped, rest, rest_n) == 0;
}

static const char *
compare(enum reader reader, struct text target, const struct verdict *v,
    char *whole, char *sent)
{
	size_t n, sent_n, stripped = v->route->strip ?
	    strlen(v->route->path) : 0;

	if (!reader_read(reader, target.p, path_length(target), whole, &n) ||
	    !reader_read(reader, v->target.p, path_length(v->target), sent,
	    &sent_n))
		return NULL;
	if (route_of(whole, n) != v->route)
		return "another route";
	if (mints(sent, sent_n))
		return "it mints";
	if (!same_rest(whole, n, stripped, sent, sent_n))
		return "another part was stripped";
	return NULL;
}

static const char *
compare_all(struct text target, const struct verdict *v)
{
	static char said[100];
	char *whole = malloc(target.n + 2), *sent = malloc(target.n + 2);
	const char *why = NULL;

	for (int i = 0; why == NULL && i < READER_COUNT; i++) {
		why = compare((enum reader)i, target, v, whole, sent);
		if (why != NULL) {
			(void)snprintf(said, sizeof(said), "%s: %s",
			    reader_name((enum reader)i), why);
			why = said;
		}
	}
	free(whole);
	free(sent);
	return why;
}

/* Looking the routes up and trying them one by one must agree. */
static bool
is_the_same_tried(const struct judge_case *c, struct arena *arena,
    const struct verdict *v)
{
	struct judge_case tried = *c;
	struct verdict other;

	tried.index = NULL;
	judge(&tried, arena, &other);
	return other.fault == v->fault && other.route == v->route &&
	    text_eq(other.target, v->target);
}

const char *
same_route_check(const char *p, size_t n, bool *passed)
{
	static struct route_index *index;
	const struct principal nobody = { .has_user = false };
	struct blocks *blocks = blocks_new(4096, 1);
	struct arena arena;
	struct head head = {
		.method = TEXT("POST"), .authority = TEXT("localhost"),
	};
	struct judge_case c = {
		.conf = &conf, .who = &nobody, .head = &head,
	};
	const char *why = NULL;
	struct verdict v;

	if (index == NULL)
		index = route_index_new(&conf);
	c.index = index;
	arena_init(&arena, blocks);
	head.target = target_encode((struct text){ .p = p, .n = n }, &arena);
	judge(&c, &arena, &v);
	*passed = v.fault == FAULT_NONE;
	if (!is_the_same_tried(&c, &arena, &v))
		why = "trying all routes finds another";
	else if (*passed && head.target.p[0] == '/')
		why = compare_all(head.target, &v);
	arena_release(&arena);
	blocks_free(blocks);
	return why;
}
