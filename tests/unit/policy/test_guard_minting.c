/*
 * policy/guard_minting: which calls create or reveal credentials.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "policy/guard.h"

static enum guard_minting
judge(const char *method, struct text target)
{
	struct blocks *blocks = blocks_new(4096, 1);
	struct text query = target, path;
	const char *detail = NULL;
	enum guard_minting verdict;
	struct readings readings;
	struct arena arena;

	arena_init(&arena, blocks);
	readings_init(&readings, target, &arena);
	(void)text_split(&query, '?', &path);
	verdict = guard_minting(text_of(method), &readings, query, &detail);
	assert_true((verdict == GUARD_HARMLESS) == (detail == NULL));
	arena_release(&arena);
	blocks_free(blocks);
	return verdict;
}

struct call {
	const char *method, *target;
};

#define ALL_ARE(calls, wanted) do {					\
	for (size_t i_ = 0; i_ < sizeof(calls) / sizeof(*(calls)); i_++) { \
		if (judge((calls)[i_].method,				\
		    text_of((calls)[i_].target)) != (wanted))		\
			fail_msg("%s %s: not %s", (calls)[i_].method,	\
			    (calls)[i_].target, #wanted);		\
	}								\
} while (0)

static void
calls_that_mint_are_seen(void **state)
{
	static const struct call calls[] = {
		{ "POST", "/api/v1/users/auth/keys" },
		{ "POST", "/users/auth/keys" },
		{ "PUT", "/api/v1/users/auth/keys" },
		{ "PATCH", "/api/v1/users/auth/keys/k" },
		{ "post", "/api/v1/users/auth/keys" },
		{ "MINT", "/api/v1/users/auth/keys" },
		{ "POST", "/api/v1/users/u-1/auth/keys" },
		{ "POST", "/api/v1/users/auth/reauth" },
		{ "POST", "/any/prefix/api/v1/users/auth/keys" },
		{ "POST", "/api/v1/users/auth/keys/" },
		{ "POST", "/api/v1/users/auth/keys?x" },
		{ "POST", "/api/v1/users/auth/keys//?x" },
		{ "POST", "/api/v1/Users/AUTH/Keys" },
		{ "POST", "/api/v1/users/auth/%6beys" },
		{ "POST", "/api/v1/%75%73%65%72%73/%61uth/key%73" },
		{ "POST", "/d/1/elasticsearch/main/_reset-password" },
		{ "POST", "/d/1/apm/main/_reset-token" },
		{ "POST", "/serverless/projects/search/1/_reset-credentials" },
		{ "POST", "/serverless/p/1/_reset-internal-credentials" },
		{ "POST", "/d/1/_RESET-password/" },
		{ "POST", "/d/1/_reset%2dpassword" },
		{ "POST", "/api/v1/organizations/1/invitations" },
		{ "POST", "/api/v1/organizations/invitations/t/_accept" },
		{ "POST", "/api/v1/users/1/role_assignments" },
		{ "PUT", "/api/v1/users/1/role_assignments" },
		{ "POST", "/platform/configuration/security/"
		    "enrollment-tokens" },
		{ "POST", "/d/1/elasticsearch/m/proxy/_security/api_key" },
		{ "POST", "/_security/api_key/grant" },
		{ "POST", "/_security/api_key/clone" },
		{ "PUT", "/_security/api_key/clone" },
		{ "POST", "/_security/cross_cluster/api_key" },
		{ "PUT", "/_security/service/elastic/fleet-server/"
		    "credential/token/t" },
		{ "PUT", "/_security/user/elastic/_password" },
		{ "PUT", "/_security/user/new" },
		{ "POST", "/_xpack/security/user/new" },
		{ "POST", "/_xpack/security/oauth2/token" },
		{ "PUT", "/_security/role_mapping/all" },
		{ "PUT", "/_security/role/all" },
		{ "POST", "/_security/role" },
		{ "PUT", "/_xpack/security/role/all" },
		{ "PUT", "/api/security/role/all" },
		{ "POST", "/_security/delegate_pki" },
		{ "POST", "/_security/saml/authenticate" },
		{ "GET", "/_security/enroll/kibana" },
		{ "GET", "/_security/enroll/node" },
		{ "HEAD", "/_security/enroll/node" },
		{ "POST", "/_security/enroll/kibana" },
		{ "POST", "/internal/security/api_key" },
		{ "POST", "/api/v1/users" },
		{ "PATCH", "/api/v1/users/admin" },
		{ "POST", "/api/fleet/service_tokens" },
		{ "POST", "/s/space/api/fleet/service_tokens" },
		{ "POST", "/kibana/s/space/api/fleet/enrollment_api_keys" },
		{ "POST", "/api/fleet/service-tokens" },
		{ "POST", "/api/fleet/enrollment-api-keys" },
		{ "POST", "/api/fleet/logstash_api_keys" },
		{ "POST", "/s/x/api/apm/agent_keys" },
		{ "POST", "/internal/enterprise_search/indices/i/api_key" },
		{ "POST", "/_application/search_application/mine/_api_key" },
	};

	(void)state;
	ALL_ARE(calls, GUARD_MINTS);
}

static void
calls_that_mint_for_some_servers_are_seen(void **state)
{
	static const struct call calls[] = {
		{ "POST", "/api//v1//users//auth//keys" },
		{ "POST", "/api/v1/auth/./keys" },
		{ "POST", "/api/v1/users;a=b/auth;c/keys;" },
		{ "POST", "/api/v1/users/auth/../auth/x/../keys" },
		{ "POST", "/_security/x/%252e%252e/api_key" },
		{ "POST", "/_security/x/..;/api_key" },
		{ "POST", "/api/v1/auth/%256beys" },
		{ "POST", "/api/v1/auth/%25%36beys" },
		{ "POST", "/api/v1/users%2fauth%2Fkeys" },
		{ "POST", "/api/v1/users%252fauth%255ckeys" },
		{ "POST", "/api/v1/auth%5Ckeys" },
		{ "POST", "/api/v1/auth/keys%3bx" },
		{ "POST", "/_p%2561ssword" }, { "POST", "/_p%252561ssword" },
		{ "POST", "/_p%25%36%31ssword" }, { "POST", "/_password%3bx" },
		{ "POST", "/_password%3fx" }, { "POST", "/_password%23" },
		{ "POST", "/x%25252fauth%252fkeys" },
		{ "POST", "/x%5cauth%255ckeys" },
		{ "GET", "/_security/enroll%2Fkibana" },
		{ "GET", "/_security;x/enroll/kibana" },
	};
	static const struct call first[] = {
		{ "GET", "/_security/enroll%252Fkibana" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (judge(calls[i].method, text_of(calls[i].target)) ==
		    GUARD_HARMLESS)
			fail_msg("%s passes", calls[i].target);
	}
	ALL_ARE(first, GUARD_MAY_MINT);
}

static void
other_calls_do_not_mint(void **state)
{
	static const struct call calls[] = {
		{ "GET", "/api/v1/users/auth/keys" },
		{ "HEAD", "/api/v1/users/auth/keys" },
		{ "DELETE", "/api/v1/users/auth/keys" },
		{ "DELETE", "/api/v1/users/auth/keys/k" },
		{ "OPTIONS", "*" },
		{ "GET", "/api/v1/organizations/1/invitations" },
		{ "DELETE", "/api/v1/organizations/1/invitations/t" },
		{ "GET", "/api/v1/users/1/role_assignments" },
		{ "GET", "/_security/api_key" },
		{ "DELETE", "/_security/api_key" },
		{ "POST", "/_security/_query/api_key" },
		{ "GET", "/_security/role/all" },
		{ "DELETE", "/_security/role/all" },
		{ "GET", "/api/fleet/enrollment_api_keys" },
		{ "DELETE", "/s/x/api/fleet/enrollment_api_keys/1" },
		{ "POST", "/api/v1/deployments" },
		{ "PUT", "/api/v1/deployments/1" },
		{ "POST", "/api/v1/deployments/_search" },
		{ "POST", "/api/v1/deployments/1/_shutdown" },
		{ "POST", "/api/v1/deployments/1/elasticsearch/m/_restart" },
		{ "POST", "/api/v1/deployments/1/_reset" },
		{ "POST", "/api/v1/deployments?x=/users/auth/keys" },
		{ "POST", "/keys" },
		{ "POST", "/auth" },
		{ "POST", "/auth/x/keys" },
		{ "POST", "/users" },
		{ "POST", "/my-invitations" },
		{ "POST", "/_application/search_application/_api_key" },
		{ "POST", "/%3Clogs-%7Bnow%2Fd%7D%3E/_search" },
		{ "POST", "/_p%2561%73sword." }, { "POST", "/_p%256ssword" },
		{ "POST", "/%25/%2525/%252525" }, { "POST", "/x;/_passwords" },
		{ "POST", "/x/%252e%252e/y" },
		{ "POST", "/" },
	};

	(void)state;
	ALL_ARE(calls, GUARD_HARMLESS);
}

static void
what_kibanas_console_sends_on_is_judged(void **state)
{
	static const struct call minting[] = {
		{ "POST", "/api/console/proxy?path=_security/api_key"
		    "&method=POST" },
		{ "POST", "/s/x/api/console/proxy?path=%2F_security%2Fapi_key"
		    "&method=put" },
		{ "POST", "/api/console/proxy?method=GET"
		    "&path=_security/enroll/node" },
		{ "POST", "/api/console/proxy?method=get"
		    "&path=/_security/enroll/node?pretty" },
		{ "POST", "/api/console/proxy?p%61th=_secu%0Arity%5Capi_key"
		    "&meth%6Fd=POST" },
		{ "POST", "/api/console/proxy?path=_security/api_key+"
		    "&method=POST" },
		{ "POST", "/api/console/proxy?path=_security%252Fapi_key"
		    "&method=POST" },
		{ "POST", "/api/console/proxy?path=_security/x/../api_key"
		    "&method=POST" },
		{ "POST", "/api/console/proxy?path=_security;x/api_key"
		    "&method=POST" },
		{ "POST", "/api/console/proxy?path=_security/%252561pi_key"
		    "&method=POST" },
		/* Missing or there twice. */
		{ "POST", "/api/console/proxy" },
		{ "POST", "/api/console/proxy?" },
		{ "POST", "/api/console/proxy?path=_search" },
		{ "POST", "/api/console/proxy?method=GET" },
		{ "POST", "/api/console/proxy?path=&method=GET" },
		{ "POST", "/api/console/proxy?path=_search&method=" },
		{ "POST", "/api/console/proxy?path=a&path=b&method=GET" },
		{ "POST", "/api/console/proxy?path=a&%70ath=b&method=GET" },
		{ "POST", "/api/console/proxy?path=a&method=GET&method=GET" },
		{ "GET", "/api/console/proxy?path=a" },
		/* It leads to Elasticsearch, which has no such thing. */
		{ "POST", "/api/console/proxy?path=api/console/proxy"
		    "&method=GET" },
	};
	static const struct call harmless[] = {
		{ "POST", "/api/console/proxy?path=_search&method=GET" },
		{ "POST", "/api/console/proxy?path=%2F_security%2Fapi_key"
		    "&method=GET" },
		{ "POST", "/api/console/proxy?path=_security/api_key"
		    "&method=delete" },
		{ "POST", "/api/console/proxy?path=_search?q=_security/api_key"
		    "&method=POST&withProductOrigin=true" },
		{ "POST", "/api/console/proxies?path=x" },
		{ "POST", "/console/x/proxy" },
	};

	(void)state;
	ALL_ARE(minting, GUARD_MINTS);
	ALL_ARE(harmless, GUARD_HARMLESS);
	assert_int_equal(judge("POST", TEXT("/api/console%2Fproxy?path=x")),
	    GUARD_MAY_MINT);
}

/* Everything above with 64 KiB more of it. */
static void
length_hides_nothing(void **state)
{
	static const char *const ends[] = {
		"/_security/api_key", "/%255f%2573ecurity/api_key",
		"%252finvitations/x", ";/_security/api_key",
	};
	static const char *const fills[] = {
		"x", "%25", "/x", "/..", "/;x", "/%2e%2e", "%2F", "%255C", "/",
	};
	size_t size = 64 * 1024, n;
	char *target = malloc(size + 100);

	(void)state;
	assert_non_null(target);
	for (size_t f = 0; f < sizeof(fills) / sizeof(*fills); f++) {
		for (size_t e = 0; e < sizeof(ends) / sizeof(*ends); e++) {
			n = (size_t)sprintf(target, "/a");
			while (n < size)
				n += (size_t)sprintf(target + n, "%s",
				    fills[f]);
			n += (size_t)sprintf(target + n, "%s", ends[e]);
			if (judge("POST", (struct text){ target, n }) ==
			    GUARD_HARMLESS)
				fail_msg("%s, %s", fills[f], ends[e]);
		}
	}
	free(target);
}

static void
a_long_segment_is_judged_by_its_name(void **state)
{
	char target[6000] = "/api/v1/organizations/1/invitations;";
	size_t n = strlen(target);

	(void)state;
	memset(target + n, 'x', sizeof(target) - n);
	assert_int_equal(judge("POST", (struct text){ target,
	    sizeof(target) }), GUARD_MAY_MINT);
	memset(target + 1, 'x', sizeof(target) - 1);
	assert_int_equal(judge("POST", (struct text){ target,
	    sizeof(target) }), GUARD_HARMLESS);
	/* Encoded as often as there is room for: it is still a "%". */
	for (size_t i = 1; i + 3 <= sizeof(target); i += 3)
		memcpy(target + i, "%25", 3);
	assert_int_equal(judge("POST", (struct text){ target, 5998 }),
	    GUARD_HARMLESS);
}

/* Milliseconds of this process. */
static double
time_once(const char *method, struct text target)
{
	struct timespec from, to;

	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from), 0);
	assert_int_equal(judge(method, target), GUARD_HARMLESS);
	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to), 0);
	return (double)(to.tv_sec - from.tv_sec) * 1e3 +
	    (double)(to.tv_nsec - from.tv_nsec) / 1e6;
}

/* The best of some: others use the caches of this processor as well. */
static double
time_to_judge(const char *method, struct text target)
{
	double best = time_once(method, target);

	for (unsigned i = 0; i < 9; i++) {
		double ms = time_once(method, target);

		if (ms < best)
			best = ms;
	}
	return best;
}

/* One row is about GET, nearly all are about POST. */
static void
rows_of_which_a_path_has_nothing_cost_little(void **state)
{
	static const char *const pieces[] = {
		"/../%2F;..", "a%2Fb%5Cc/../%25", "/%2F%5C%252e../;",
	};
	char target[8000];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		double one, all;

		n = (size_t)sprintf(target, "/%%25%%5C%%2F");
		while (n + strlen(pieces[i]) < sizeof(target))
			n += (size_t)sprintf(target + n, "%s", pieces[i]);
		one = time_to_judge("GET", (struct text){ target, n });
		all = time_to_judge("POST", (struct text){ target, n });
		if (all > 3 * one + 1)
			fail_msg("%s: %.1f and %.1f ms", pieces[i], one, all);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_that_mint_are_seen),
		cmocka_unit_test(calls_that_mint_for_some_servers_are_seen),
		cmocka_unit_test(other_calls_do_not_mint),
		cmocka_unit_test(what_kibanas_console_sends_on_is_judged),
		cmocka_unit_test(length_hides_nothing),
		cmocka_unit_test(a_long_segment_is_judged_by_its_name),
		cmocka_unit_test(rows_of_which_a_path_has_nothing_cost_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
