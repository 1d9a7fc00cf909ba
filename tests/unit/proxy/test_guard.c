/*
 * proxy/guard: who may connect, and what may be asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "proxy/guard.h"
#include "request.h"

static char localhost[] = "localhost", ip4[] = "127.0.0.1", ip6[] = "[::1]",
    api[] = "api.elastic-cloud.com", odd[] = "ece.example:12443";
static char *host_texts[] = { localhost, ip4, ip6, api, odd };

static const struct conf_listener guarded = {
	.hosts = { .v = host_texts, .n = 5 },
};
static const struct conf_listener for_browsers = {
	.hosts = { .v = host_texts, .n = 5 },
	.browsers = true,
};

static const struct principal by_tcp = { .has_user = false };
static const struct principal by_unix = { .has_user = true };

static enum fault
judge(struct requests *r, const struct conf_listener *l, const char *method,
    const char *target, const char *host, const char *fields)
{
	const char *detail = NULL;
	const struct head *head = requests_make(r, method, target, host,
	    fields);
	enum fault f;

	/* The codec's own refusals are bad requests, too. */
	if (head == NULL)
		return FAULT_BAD_REQUEST;
	f = guard_request(l, &by_tcp, head, &detail);
	assert_true((f == FAULT_NONE) == (detail == NULL));
	return f;
}

static void
hosts_of_the_listener_pass_in_any_case_and_no_others(void **state)
{
	static const struct {
		const char *host;
		enum fault fault;
	} cases[] = {
		{ "localhost", FAULT_NONE },
		{ "LocalHost:9080", FAULT_NONE },
		{ "localhost:", FAULT_NONE },
		{ "127.0.0.1:1", FAULT_NONE },
		{ "[::1]", FAULT_NONE },
		{ "[::1]:9080", FAULT_NONE },
		{ "api.elastic-cloud.com", FAULT_NONE },
		{ "API.elastic-cloud.com:443", FAULT_NONE },
		{ "ece.example:12443", FAULT_NONE },
		{ "ece.example", FAULT_HOST_REFUSED },
		{ "ece.example:443", FAULT_HOST_REFUSED },
		{ "evil.example", FAULT_HOST_REFUSED },
		{ "localhost.", FAULT_HOST_REFUSED },
		{ "localhost.evil.example", FAULT_HOST_REFUSED },
		{ "xlocalhost", FAULT_HOST_REFUSED },
		{ "127.0.0.2", FAULT_HOST_REFUSED },
		{ "127.1", FAULT_HOST_REFUSED },
		{ "2130706433", FAULT_HOST_REFUSED },
		{ "[::ffff:127.0.0.1]", FAULT_HOST_REFUSED },
		{ "::1", FAULT_BAD_REQUEST },
		{ "%6cocalhost", FAULT_BAD_REQUEST },
		{ "user@localhost", FAULT_BAD_REQUEST },
		{ "localhost/", FAULT_BAD_REQUEST },
		{ "localhost, evil", FAULT_BAD_REQUEST },
		{ "localhost:99999", FAULT_BAD_REQUEST },
		{ "", FAULT_BAD_REQUEST },
		{ NULL, FAULT_BAD_REQUEST },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		enum fault f = judge(*state, &guarded, "GET", "/",
		    cases[i].host, "");

		/* A strange host need not be one or the other. */
		if (f != cases[i].fault && !(f == FAULT_HOST_REFUSED &&
		    cases[i].fault == FAULT_BAD_REQUEST))
			fail_msg("Host %s: %s", cases[i].host,
			    f != FAULT_NONE ? fault_code(f) : "passes");
	}
}

static void
the_authority_of_an_absolute_target_is_what_counts(void **state)
{
	assert_int_equal(judge(*state, &guarded, "GET",
	    "http://api.elastic-cloud.com/api/v1/deployments",
	    "api.elastic-cloud.com", ""), FAULT_NONE);
	assert_int_equal(judge(*state, &guarded, "GET",
	    "http://evil.example/", "evil.example", ""),
	    FAULT_HOST_REFUSED);
	assert_int_equal(judge(*state, &guarded, "GET",
	    "http://evil.example/", "localhost", ""), FAULT_BAD_REQUEST);
}

static enum fault
judge_text(struct requests *r, const struct conf_listener *l,
    const struct principal *who, const char *request)
{
	const char *detail = NULL;
	const struct head *head = requests_parse(r, text_of(request));

	return head == NULL ? FAULT_BAD_REQUEST :
	    guard_request(l, who, head, &detail);
}

static const struct conf_listener without_list = {
	.hosts = { .v = host_texts, .n = 5 },
	.any_host = true,
	.upstream_hosts = { .v = host_texts + 3, .n = 2 },
};

static void
any_host_or_none_will_do_on_a_unix_socket_without_a_list(void **state)
{
	static const struct {
		const char *request;
		enum fault unlisted, listed, tcp;
	} cases[] = {
		{ "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
		    FAULT_NONE, FAULT_NONE, FAULT_NONE },
		{ "GET / HTTP/1.1\r\nHost: docker\r\n\r\n",
		    FAULT_NONE, FAULT_HOST_REFUSED, FAULT_HOST_REFUSED },
		{ "GET / HTTP/1.1\r\nHost: %2frun%2fx.sock:1\r\n\r\n",
		    FAULT_NONE, FAULT_HOST_REFUSED, FAULT_HOST_REFUSED },
		{ "GET / HTTP/1.1\r\nHost:\r\n\r\n",
		    FAULT_NONE, FAULT_HOST_REFUSED, FAULT_BAD_REQUEST },
		{ "GET / HTTP/1.1\r\nHost: \t \r\n\r\n",
		    FAULT_NONE, FAULT_HOST_REFUSED, FAULT_BAD_REQUEST },
		{ "GET / HTTP/1.0\r\nHost:\r\n\r\n",
		    FAULT_NONE, FAULT_HOST_REFUSED, FAULT_BAD_REQUEST },
		{ "GET / HTTP/1.0\r\n\r\n",
		    FAULT_NONE, FAULT_HOST_REFUSED, FAULT_HOST_REFUSED },
		{ "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
		    FAULT_NONE, FAULT_HOST_REFUSED, FAULT_HOST_REFUSED },
		{ "GET / HTTP/1.1\r\n\r\n", FAULT_BAD_REQUEST,
		    FAULT_BAD_REQUEST, FAULT_BAD_REQUEST },
		{ "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", FAULT_BAD_REQUEST,
		    FAULT_BAD_REQUEST, FAULT_BAD_REQUEST },
		{ "GET / HTTP/1.1\r\nHost:\r\nHost:\r\n\r\n",
		    FAULT_BAD_REQUEST, FAULT_BAD_REQUEST, FAULT_BAD_REQUEST },
		{ "GET / HTTP/1.1\r\nHost: x\r\nOrigin: null\r\n\r\n",
		    FAULT_BROWSER_REFUSED, FAULT_HOST_REFUSED,
		    FAULT_HOST_REFUSED },
		{ "GET http://api.elastic-cloud.com/ HTTP/1.1\r\n"
		    "Host: api.elastic-cloud.com\r\n\r\n",
		    FAULT_NONE, FAULT_NONE, FAULT_NONE },
		{ "GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
		    FAULT_HOST_REFUSED, FAULT_NONE, FAULT_NONE },
		{ "GET http://unix/ HTTP/1.1\r\nHost: unix\r\n\r\n",
		    FAULT_HOST_REFUSED, FAULT_HOST_REFUSED,
		    FAULT_HOST_REFUSED },
		{ "GET http://ece.example:12443/ HTTP/1.0\r\n\r\n",
		    FAULT_NONE, FAULT_NONE, FAULT_NONE },
		{ "GET http://ece.example/ HTTP/1.1\r\nHost:\r\n\r\n",
		    FAULT_BAD_REQUEST, FAULT_BAD_REQUEST, FAULT_BAD_REQUEST },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *request = cases[i].request;

		if (judge_text(*state, &without_list, &by_unix, request) !=
		    cases[i].unlisted ||
		    judge_text(*state, &guarded, &by_unix, request) !=
		    cases[i].listed ||
		    judge_text(*state, &without_list, &by_tcp, request) !=
		    cases[i].tcp)
			fail_msg("%s", request);
	}
}

static void
an_old_request_without_host_is_refused(void **state)
{
	const char *detail = NULL;
	const struct head *head = requests_parse(*state,
	    TEXT("GET / HTTP/1.0\r\n\r\n"));

	assert_non_null(head);
	assert_int_equal(guard_request(&guarded, &by_tcp, head,
	    &detail),
	    FAULT_HOST_REFUSED);
	assert_non_null(detail);
	head = requests_parse(*state,
	    TEXT("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"));
	assert_int_equal(guard_request(&guarded, &by_tcp, head,
	    &detail), FAULT_NONE);
}

static void
what_only_web_pages_send_is_refused_unless_browsers_may(void **state)
{
	static const char *const signs[] = {
		"Origin: https://evil.example\r\n",
		"Origin: null\r\n",
		"origin: http://localhost\r\n",
		"Sec-Fetch-Site: cross-site\r\n",
		"Sec-Fetch-Site: same-site\r\n",
		"Sec-Fetch-Site: \r\n",
		"Sec-Fetch-Site: none, cross-site\r\n",
		"Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n",
		"Access-Control-Request-Method: POST\r\n",
		"Access-Control-Request-Headers: authorization\r\n",
		"Access-Control-Request-Private-Network: true\r\n",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
		"Sec-WebSocket-Version: 13\r\n",
	};

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		enum fault f = judge(*state, &guarded, "GET", "/",
		    "localhost", signs[i]);

		if (f != FAULT_BROWSER_REFUSED)
			fail_msg("%s", signs[i]);
		assert_int_equal(judge(*state, &for_browsers, "GET", "/",
		    "localhost", signs[i]), FAULT_NONE);
	}
}

static void
what_programs_send_passes(void **state)
{
	static const char *const fields[] = {
		"Sec-Fetch-Site: none\r\n",
		"Sec-Fetch-Site: same-origin\r\n",
		"Sec-Fetch-Mode: cors\r\n",
		"Referer: http://localhost/\r\n",
		"Authorization: ApiKey dummy\r\n",
		"Accept: */*\r\nUser-Agent: curl/7.88.1\r\n",
		"Connection: keep-alive\r\n",
		"Original: x\r\nAccess-Control: y\r\nSec-Web: z\r\n",
		"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
		"HTTP2-Settings: AAMAAABkAAQAAP__\r\n",
		"Connection: upgrade\r\nUpgrade: TLS/1.2, HTTP/1.1\r\n",
		"Upgrade: h2c\r\n", "Upgrade:\r\n", "Upgrade: /\r\n",
		"Upgrade: h2c;websocket, x/websocket, websockets\r\n",
		"HTTP2-Settings: AAMAAABkAAQAAP__\r\n",
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		assert_int_equal(judge(*state, &guarded, "GET", "/",
		    "localhost", fields[i]), FAULT_NONE);
	}
}

static void
tunnels_websockets_and_overrides_are_bad_requests(void **state)
{
	static const char *const fields[] = {
		"Upgrade: websocket\r\nConnection: Upgrade\r\n",
		"Upgrade: WebSocket\r\n",
		"Upgrade: h2c, TLS/1.2 ,\twebsocket/13\r\n",
		"upgrade: ,WEBSOCKET /13,\r\n",
		"Upgrade: h2c\r\nUpgrade: websocket\r\n",
		"X-HTTP-Method-Override: DELETE\r\n",
		"x-http-method: PUT\r\n",
		"X-Method-Override: POST\r\n",
		"X-Original-URL: /api/v1/users/auth/keys\r\n",
		"X-Rewrite-Url: /\r\n",
		"X_HTTP_Method_Override: DELETE\r\n",
		"x.http-method_override: DELETE\r\n",
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		assert_int_equal(judge(*state, &for_browsers, "POST", "/",
		    "localhost", fields[i]), FAULT_BAD_REQUEST);
	}
	assert_int_equal(judge(*state, &guarded, "TRACE", "/", "localhost",
	    ""), FAULT_BAD_REQUEST);
	assert_int_equal(judge(*state, &guarded, "trace", "/", "localhost",
	    ""), FAULT_BAD_REQUEST);
	assert_int_equal(judge(*state, &guarded, "CONNECT", "localhost:443",
	    "localhost:443", ""), FAULT_BAD_REQUEST);
	assert_int_equal(judge(*state, &guarded, "CONNECT", "/", "localhost",
	    ""), FAULT_BAD_REQUEST);
}

static void
an_old_request_offers_no_other_protocol(void **state)
{
	const char *detail = NULL;
	const struct head *head = requests_parse(*state,
	    TEXT("GET / HTTP/1.0\r\nHost: localhost\r\n"
	    "Upgrade: websocket\r\nConnection: upgrade\r\n\r\n"));

	assert_non_null(head);
	assert_int_equal(guard_request(&guarded, &by_tcp, head,
	    &detail), FAULT_NONE);
}

static void
targets_that_read_in_two_ways_are_bad_requests(void **state)
{
	static const char *const bad[] = {
		"//", "/a//b", "/a/./b", "/a/../b", "/..", "/.", "/a/..",
		"/a/%2e%2e/b", "/a/.%2E/b", "/a/%2e/b", "/a/..;x/b",
		"/a%2fb", "/a%2Fb", "/a%5cb", "/a\\b", "/a%00b", "/a%", "/a%2",
		"/a%zz", "a", "*", "", "/a#b", "/\x80",
		"http://localhost//", "http://localhost/../a",
	};
	static const char *const good[] = {
		"/", "/a", "/a/", "/a/b.c/..d/e..", "/...", "/.a", "/a;x=1/b",
		"/a%20b", "/%C3%A9", "/%c3%a9",
		"/%61pi/a%7e%2Db", "/a?b//c/../%2f%61", "/?",
		"/a:b@c!$&'()*+,=", "/api/v1/deployments/_search?q=%5B%5D",
		"http://localhost", "http://localhost/a?b",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (judge(*state, &guarded, "GET", bad[i], "localhost", "") !=
		    FAULT_BAD_REQUEST)
			fail_msg("%s passes", bad[i]);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		if (judge(*state, &guarded, "GET", good[i], "localhost",
		    "") != FAULT_NONE)
			fail_msg("%s is refused", good[i]);
	}
	assert_int_equal(judge(*state, &guarded, "OPTIONS", "*", "localhost",
	    ""), FAULT_NONE);
}

static enum fault
judge_client(const struct conf_listener *l, const struct principal *who)
{
	const char *detail = NULL;
	enum fault f = guard_client(l, who, &detail);

	assert_true((f == FAULT_NONE) == (detail == NULL));
	return f;
}

static void
a_listed_user_or_member_of_a_listed_group_may_connect(void **state)
{
	uint32_t users[] = { 1000, 1001 }, groups[] = { 50 };
	uint32_t member[] = { 7, 50 }, stranger[] = { 7, 8 };
	struct conf_listener l = {
		.users = { users, 2 }, .groups = { groups, 1 },
	};
	struct principal who = {
		.has_user = true, .uid = 1001, .groups = stranger,
		.n_groups = 2,
	};

	(void)state;
	assert_int_equal(judge_client(&l, &who), FAULT_NONE);
	who.uid = 50;
	assert_int_equal(judge_client(&l, &who), FAULT_CLIENT_REFUSED);
	who.groups = member;
	assert_int_equal(judge_client(&l, &who), FAULT_NONE);
	who.has_user = false;
	assert_int_equal(judge_client(&l, &who), FAULT_CLIENT_REFUSED);
	l.users.n = l.groups.n = 0;
	assert_int_equal(judge_client(&l, &who), FAULT_NONE);
}

static void
an_address_outside_from_may_not_connect(void **state)
{
	const char *why;
	struct cidr from;
	struct conf_listener l = { .from = &from, .n_from = 1 };
	struct principal who = { .has_user = false };
	struct addr address;

	(void)state;
	assert_true(cidr_parse("192.0.2.0/24", &from, &why));
	assert_true(addr_parse("192.0.2.7:5", &address, &why));
	addr_ip_from(&who.ip, &address);
	assert_int_equal(judge_client(&l, &who), FAULT_NONE);
	assert_true(addr_parse("192.0.3.7:5", &address, &why));
	addr_ip_from(&who.ip, &address);
	assert_int_equal(judge_client(&l, &who), FAULT_CLIENT_REFUSED);
	assert_true(addr_parse("unix:/x", &address, &why));
	addr_ip_from(&who.ip, &address);
	assert_int_equal(judge_client(&l, &who), FAULT_CLIENT_REFUSED);
}

static void
calls_that_mint_are_seen_in_every_disguise(void **state)
{
	static const struct {
		const char *method, *target;
	} cases[] = {
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
		{ "POST", "//api//v1//users//auth//keys" },
		{ "POST", "/api/v1/users/./auth/keys" },
		{ "POST", "/api/v1/users;a=b/auth;c/keys;" },
		{ "POST", "/api/v1/users/auth/%6beys" },
		{ "POST", "/api/v1/%75%73%65%72%73/%61uth/key%73" },
		{ "POST", "/api/v1/users/auth/%256beys" },
		{ "POST", "/api/v1/users/auth/%25%36beys" },
		{ "POST", "/api/v1/users%2fauth%2Fkeys" },
		{ "POST", "/api/v1/users%252fauth%255ckeys" },
		{ "POST", "/api/v1/users\\auth\\keys" },
		{ "POST", "/api/v1/users/auth/keys%3bx" },
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
		{ "PUT", "/_security/user/elastic/_password" },
		{ "PUT", "/_security/user/new" },
		{ "POST", "/_xpack/security/user/new" },
		{ "POST", "/_xpack/security/oauth2/token" },
		{ "PUT", "/_security/role_mapping/all" },
		{ "POST", "/_security/delegate_pki" },
		{ "POST", "/_security/saml/authenticate" },
		{ "POST", "/_security/enroll/kibana" },
		{ "POST", "/internal/security/api_key" },
		{ "POST", "/api/v1/users" },
		{ "PATCH", "/api/v1/users/admin" },
		{ "POST", "/_security/x/%252e%252e/api_key" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (!guard_is_minting(text_of(cases[i].method),
		    text_of(cases[i].target)))
			fail_msg("%s %s", cases[i].method, cases[i].target);
	}
}

static void
a_long_parameter_does_not_hide_a_minting_call(void **state)
{
	char target[6000] = "/api/v1/organizations/1/invitations;";
	size_t n = strlen(target);

	(void)state;
	memset(target + n, 'x', sizeof(target) - n);
	assert_true(guard_is_minting(TEXT("POST"),
	    (struct text){ .p = target, .n = sizeof(target) }));
	memset(target, 'x', 300);
	target[0] = '/';
	memcpy(target + 300, TEXT("%252finvitations/x").p, 18);
	assert_true(guard_is_minting(TEXT("POST"),
	    (struct text){ .p = target, .n = 318 }));
}

static void
encoding_is_taken_off_as_often_as_it_was_put_on(void **state)
{
	static const char *const minting[] = {
		"/_p%61ssword", "/_p%2561ssword", "/_p%252561ssword",
		"/_p%25%36%31ssword", "/_p%%36%31ssword", "/_p%6%31ssword",
		"/x%4/_password", "/%4%/_password", "/%%%25/_password",
		"/x%25252fauth%252fkeys", "/x%5cauth%255ckeys",
		"/_password%3bx", "/_password%3fx", "/x/%252e%252e/y",
	};
	static const char *const harmless[] = {
		"/_p%2561%73sword.", "/_p%6ssword", "/%25/%2525/%252525",
		"/x;/_passwords", "/_password%", "/_password%4",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(minting) / sizeof(*minting); i++) {
		if (!guard_is_minting(TEXT("POST"), text_of(minting[i])))
			fail_msg("%s passes", minting[i]);
	}
	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++) {
		if (guard_is_minting(TEXT("POST"), text_of(harmless[i])))
			fail_msg("%s is refused", harmless[i]);
	}
}

static void
a_long_segment_is_judged_by_its_name_not_its_length(void **state)
{
	char target[1000];

	(void)state;
	memset(target, 'x', sizeof(target));
	target[0] = '/';
	memcpy(target + 500, "%25", 3);
	assert_false(guard_is_minting(TEXT("POST"),
	    (struct text){ .p = target, .n = sizeof(target) }));
	/* Encoding nested deeper than anybody means is refused. */
	for (size_t i = 1; i + 3 <= sizeof(target); i += 3)
		memcpy(target + i, "%25", 3);
	assert_true(guard_is_minting(TEXT("POST"),
	    (struct text){ .p = target, .n = sizeof(target) }));
}

static void
other_calls_do_not_mint(void **state)
{
	static const struct {
		const char *method, *target;
	} cases[] = {
		{ "GET", "/api/v1/users/auth/keys" },
		{ "HEAD", "/api/v1/users/auth/keys" },
		{ "DELETE", "/api/v1/users/auth/keys" },
		{ "DELETE", "/api/v1/users/auth/keys/k" },
		{ "OPTIONS", "*" },
		{ "GET", "/api/v1/organizations/1/invitations" },
		{ "DELETE", "/api/v1/organizations/1/invitations/t" },
		{ "GET", "/api/v1/users/1/role_assignments" },
		{ "POST", "/api/v1/deployments" },
		{ "PUT", "/api/v1/deployments/1" },
		{ "POST", "/api/v1/deployments/_search" },
		{ "POST", "/api/v1/deployments/1/_shutdown" },
		{ "POST", "/api/v1/deployments/1/elasticsearch/m/_restart" },
		{ "POST", "/api/v1/deployments/1/_reset" },
		{ "POST", "/api/v1/deployments?x=/users/auth/keys" },
		{ "POST", "/keys" },
		{ "POST", "/auth" },
		{ "POST", "/users" },
		{ "POST", "/my-invitations" },
		{ "POST", "/" },
		{ "POST", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (guard_is_minting(text_of(cases[i].method),
		    text_of(cases[i].target)))
			fail_msg("%s %s", cases[i].method, cases[i].target);
	}
}

#define WITH_CODEC(test) \
	cmocka_unit_test_setup_teardown(test, requests_setup, requests_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CODEC(
		    hosts_of_the_listener_pass_in_any_case_and_no_others),
		WITH_CODEC(the_authority_of_an_absolute_target_is_what_counts),
		WITH_CODEC(
		    any_host_or_none_will_do_on_a_unix_socket_without_a_list),
		WITH_CODEC(an_old_request_without_host_is_refused),
		WITH_CODEC(
		    what_only_web_pages_send_is_refused_unless_browsers_may),
		WITH_CODEC(what_programs_send_passes),
		WITH_CODEC(tunnels_websockets_and_overrides_are_bad_requests),
		WITH_CODEC(an_old_request_offers_no_other_protocol),
		WITH_CODEC(targets_that_read_in_two_ways_are_bad_requests),
		cmocka_unit_test(
		    a_listed_user_or_member_of_a_listed_group_may_connect),
		cmocka_unit_test(an_address_outside_from_may_not_connect),
		cmocka_unit_test(calls_that_mint_are_seen_in_every_disguise),
		cmocka_unit_test(
		    a_long_parameter_does_not_hide_a_minting_call),
		cmocka_unit_test(
		    encoding_is_taken_off_as_often_as_it_was_put_on),
		cmocka_unit_test(
		    a_long_segment_is_judged_by_its_name_not_its_length),
		cmocka_unit_test(other_calls_do_not_mint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
