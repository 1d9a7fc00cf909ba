/*
 * policy/judge: the order of the steps, what is said where a target is
 * refused, and that what passes is read alike by every server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../lib/same_route.h"
#include "policy/judge.h"
#include "request.h"

static char localhost[] = "localhost", billing[] = "/billing", deep[] =
    "/deep/er", plain[] = "/plain";
static char *hosts[] = { localhost };
static struct conf_listener listeners[] = { { .hosts = { hosts, 1 } } };
static struct conf_route routes[] = {
	{ .path = billing, .client = CONF_NONE, .strip = true },
	{ .path = deep, .client = CONF_NONE },
	{ .path = plain, .client = CONF_NONE },
	{ .client = CONF_NONE, .allow_minting = true },
};
static struct conf conf = {
	.listeners = listeners, .n_listeners = 1,
	.routes = routes, .n_routes = 4,
};
static const struct principal nobody = { .has_user = false };

static struct verdict
ask(struct requests *r, const char *method, const char *target)
{
	struct head head = {
		.method = text_of(method), .target = text_of(target),
		.authority = TEXT("localhost"),
	};
	const struct judge_case c = {
		.conf = &conf, .who = &nobody, .head = &head,
	};
	struct verdict v;

	arena_release(&r->arena);
	judge(&c, &r->arena, &v);
	return v;
}

static void
what_passes_goes_on_unchanged_but_for_the_prefix(void **state)
{
	static const struct {
		const char *target, *sent;
	} cases[] = {
		{ "/", "/" },
		{ "/billing", "/" },
		{ "/billing?x=%2F", "/?x=%2F" },
		{ "/billing/%3Clogs-%7Bnow%2Fd%7D%3E/_search",
		  "/%3Clogs-%7Bnow%2Fd%7D%3E/_search" },
		{ "/billing/a;x=y/b//c/../d%5C", "/a;x=y/b//c/../d%5C" },
		{ "/plain/a%2Fb", "/plain/a%2Fb" },
		{ "/api/v4/projects/group%2Fproject",
		  "/api/v4/projects/group%2Fproject" },
		{ "/a//b/./c/../%2e%2e/d;x", "/a//b/./c/../%2e%2e/d;x" },
		{ "/a?x=//;/../%2F%5C", "/a?x=//;/../%2F%5C" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct verdict v = ask(*state, "GET", cases[i].target);

		if (v.fault != FAULT_NONE ||
		    !text_eq(v.target, text_of(cases[i].sent)))
			fail_msg("%s: %s, %.*s", cases[i].target,
			    v.detail != NULL ? v.detail : "passes",
			    TEXT_ARG(v.target));
	}
}

static void
a_refused_target_is_told_by_part_place_and_consequence(void **state)
{
	static const struct {
		const char *method, *target, *detail;
	} cases[] = {
		{ "GET", "/billing;x/y", "\";x\" at byte 9 of the path is cut "
		    "off by some servers and not by others, and so they would "
		    "serve it by another route" },
		{ "GET", "/billing%2Fy", "\"%2F\" at byte 9 of the path is a "
		    "slash to some servers and not to others, and so they "
		    "would serve it by another route" },
		{ "GET", "/;/billing", "\";\" at byte 2 of the path is cut "
		    "off by some servers and not by others, and so they would "
		    "serve it by another route" },
		{ "GET", "/billing/../x", "\"..\" at byte 10 of the path is "
		    "resolved by some servers and not by others, and so they "
		    "would serve it by another route" },
		{ "GET", "/deep//er", "\"//\" at byte 6 of the path is one "
		    "slash to some servers and two to others, and so they "
		    "would serve it by another route" },
		{ "GET", "/bill%2569ng", "\"%2569ng\" at byte 6 of the path "
		    "is decoded once more by some servers, and so they would "
		    "serve it by another route" },
		{ "GET", "/billing/a/../../billing/x", "\"..\" at byte 12 of "
		    "the path is resolved by some servers and not by others, "
		    "and so another part of it would be stripped" },
		{ "POST", "/billing/_security%2Fapi_key", "\"%2F\" at byte 19 "
		    "of the path is a slash to some servers and not to "
		    "others, and so it would create or reveal credentials" },
		{ "GET", "/billing//x",
		    "without the route's path it begins with \"//\"" },
		{ "GET", "//x", "the path begins with \"//\"; does the "
		    "client's base URL end in a slash?" },
		{ "GET", "/a?b=%0a", "\"%0a\" at byte 3 of the query is a "
		    "control character" },
		{ "GET", "/a%7F", "\"%7F\" at byte 3 of the path is a control "
		    "character" },
		{ "GET", "/a;token=secret/%2f..%2fbilling", "\"%2f\" at byte "
		    "17 of the path is a slash to some servers and not to "
		    "others, and so they would serve it by another route" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct verdict v = ask(*state, cases[i].method,
		    cases[i].target);

		assert_int_equal(v.fault, FAULT_BAD_REQUEST);
		if (strcmp(v.detail, cases[i].detail) != 0)
			fail_msg("%s: %s", cases[i].target, v.detail);
		assert_int_equal(v.target.n, 0);
	}
}

static void
minting_is_refused_unless_the_route_allows_it(void **state)
{
	assert_int_equal(ask(*state, "POST", "/plain/auth/keys").fault,
	    FAULT_MINTING_REFUSED);
	assert_ptr_equal(ask(*state, "POST", "/plain/auth/keys").route,
	    &routes[2]);
	assert_int_equal(ask(*state, "POST", "/auth/keys").fault, FAULT_NONE);
	assert_int_equal(ask(*state, "POST", "/auth%2Fkeys").fault,
	    FAULT_NONE);
}

static void
a_target_is_too_long_as_it_is_sent(void **state)
{
	conf.limits.target = 12;
	assert_int_equal(ask(*state, "GET", "/23456789012").fault, FAULT_NONE);
	assert_int_equal(ask(*state, "GET", "/%7B%7B%7B%7B").fault,
	    FAULT_TARGET_TOO_LONG);
	conf.limits.target = 0;
}

static void
another_path_is_served_by_the_same_route_or_not(void **state)
{
	struct requests *r = *state;
	struct head head = {
		.method = TEXT("POST"), .target = TEXT("/billing/x"),
		.authority = TEXT("localhost"), .framing = BODY_LENGTH,
		.length = 100,
	};
	const struct judge_case c = {
		.conf = &conf, .who = &nobody, .head = &head,
	};

	conf.limits.body = 10;
	assert_true(judge_serves(&c, &routes[0], TEXT("/billing/y?{"),
	    &r->arena));
	assert_false(judge_serves(&c, &routes[0], TEXT("/y"), &r->arena));
	assert_true(judge_serves(&c, &routes[3], TEXT("/y"), &r->arena));
	assert_false(judge_serves(&c, &routes[0], TEXT("/billing;x"),
	    &r->arena));
	assert_false(judge_serves(&c, &routes[0], TEXT("/billing//x"),
	    &r->arena));
	assert_false(judge_serves(&c, &routes[0], TEXT("//billing"),
	    &r->arena));
	assert_false(judge_serves(&c, &routes[0], TEXT("/billing/a b"),
	    &r->arena));
	conf.limits.body = 0;
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
static size_t
random_target(char *out, size_t size)
{
	static const char *const pieces[] = {
		"/", "/", "/", "a", "b", "x", "/a", "/b", "/x", "/api/v1",
		"/o@d/..x", "/o%40d/..x", "/q%2Fq/..", "/x%2f", "%61",
		"%62", "%2f", "%2F", ".", "..", "/..", "/.",
		"%2e", "%2E%2e", "//", "%5c", "%5C", ";x", ";", "/;", "/..;",
		"/..;x", "%41", "%c3%a9", "%3b", "%3F", "%23", "%40", "%25",
		"%2561", "%252f", "%252e", "%253b", "?", "?/api", "{", "|",
		"v1", "/_security", "/api_key", "auth", "keys", "/auth",
		"/keys", "/_password", "%5f", "/fleet", "service_tokens",
	};
	size_t n = 1;

	out[0] = '/';
	for (unsigned i = pick(9); i > 0; i--) {
		const char *piece = pieces[pick(sizeof(pieces) /
		    sizeof(*pieces))];

		if (n + strlen(piece) < size) {
			memcpy(out + n, piece, strlen(piece));
			n += strlen(piece);
		}
	}
	out[n] = '\0';
	return n;
}

static void
what_passes_is_read_alike_by_every_server(void **state)
{
	unsigned passed = 0, odd = 0;
	char target[128];

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		size_t n = random_target(target, sizeof(target));
		bool passes;
		const char *why = same_route_check(target, n, &passes);

		if (why != NULL)
			fail_msg("%s: %s", target, why);
		passed += passes;
		odd += passes && strpbrk(target, "%;") != NULL;
	}
	assert_true(passed > 20000);
	assert_true(odd > 5000);
}

/* It would be held as long as the exchange runs. */
static void
of_what_was_read_in_a_target_nothing_is_kept(void **state)
{
	struct requests *r = *state;
	char target[8000] = "/plain";
	struct verdict v;

	memset(target + 6, '/', 7900);
	memcpy(target + 7906, "a%2F;%2e/b/..", 14);
	v = ask(r, "POST", target);
	assert_int_equal(v.fault, FAULT_NONE);
	assert_ptr_equal(v.route, &routes[2]);
	assert_null(r->arena.chunks);
	assert_null(r->arena.large);
}

/* Milliseconds of this process, for a target of that size, made of a piece. */
static double
time_to_judge(struct requests *r, const char *piece, size_t size)
{
	char *target = malloc(size + 100);
	struct timespec from, to;
	size_t n;

	assert_non_null(target);
	n = (size_t)sprintf(target, "/a");
	while (n < size)
		n += (size_t)sprintf(target + n, "%s", piece);
	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from), 0);
	(void)ask(r, "POST", target);
	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to), 0);
	free(target);
	return (double)(to.tv_sec - from.tv_sec) * 1e3 +
	    (double)(to.tv_nsec - from.tv_nsec) / 1e6;
}

/* Eight times the length: not 64 times as long. */
static void
long_targets_are_judged_in_linear_time(void **state)
{
	static const char *const pieces[] = {
		"/..;x", "%2F", "/%2e%2e", ";", "/;", "%25", "%252F..",
		"/deep/..", "/billing/..;x", "%5C..;", "/.", "//",
		"/a%2F..", "{", "/auth", "/_security/x", "/..%2F;%5C..%252F",
	};

	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		double few = time_to_judge(*state, pieces[i], 8 * 1024);
		double many = time_to_judge(*state, pieces[i], 64 * 1024);

		if (many > 24 * few + 50)
			fail_msg("%s: %.1f and %.1f ms", pieces[i], few, many);
	}
}

#define WITH_ARENA(test) \
	cmocka_unit_test_setup_teardown(test, requests_setup, requests_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ARENA(what_passes_goes_on_unchanged_but_for_the_prefix),
		WITH_ARENA(
		    a_refused_target_is_told_by_part_place_and_consequence),
		WITH_ARENA(minting_is_refused_unless_the_route_allows_it),
		WITH_ARENA(a_target_is_too_long_as_it_is_sent),
		WITH_ARENA(another_path_is_served_by_the_same_route_or_not),
		WITH_ARENA(what_passes_is_read_alike_by_every_server),
		WITH_ARENA(of_what_was_read_in_a_target_nothing_is_kept),
		WITH_ARENA(long_targets_are_judged_in_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
