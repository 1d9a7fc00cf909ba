/*
 * policy/guard: who may connect, and what may be asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "policy/guard.h"
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

/* So is a pod asked whose address is known only when it runs. */
static void
a_range_among_hosts_accepts_its_addresses_and_no_name(void **state)
{
	static char net4[] = "10.0.0.0/8", net6[] = "fd00::/8";
	static char *texts[] = { net4, net6, localhost };
	static const struct conf_listener l = {
		.hosts = { .v = texts, .n = 3 },
	};
	static const struct {
		const char *host;
		enum fault fault;
	} cases[] = {
		{ "10.1.2.3", FAULT_NONE },
		{ "10.1.2.3:9464", FAULT_NONE },
		{ "[fd00::1:2]:9464", FAULT_NONE },
		{ "localhost", FAULT_NONE },
		{ "11.1.2.3", FAULT_HOST_REFUSED },
		{ "[fe80::1]", FAULT_HOST_REFUSED },
		{ "[::1]", FAULT_HOST_REFUSED },
		{ "10", FAULT_HOST_REFUSED },
		{ "10.1", FAULT_HOST_REFUSED },
		{ "012.1.2.3", FAULT_HOST_REFUSED },
		{ "10.1.2.3.nip.example", FAULT_HOST_REFUSED },
		{ "10.1.2.3.", FAULT_HOST_REFUSED },
		{ "unix", FAULT_HOST_REFUSED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (judge(*state, &l, "GET", "/", cases[i].host, "") !=
		    cases[i].fault)
			fail_msg("Host %s", cases[i].host);
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
an_empty_host_is_told_from_none(void **state)
{
	const char *detail = NULL;
	const struct head *head = requests_parse(*state,
	    TEXT("GET / HTTP/1.1\r\nHost:\r\n\r\n"));

	assert_non_null(head);
	assert_int_equal(guard_request(&guarded, &by_unix, head, &detail),
	    FAULT_HOST_REFUSED);
	assert_string_equal(detail, "Host is empty");
	assert_int_equal(guard_request(&guarded, &by_tcp, head, &detail),
	    FAULT_BAD_REQUEST);
	assert_string_equal(detail, "Host is empty");
	head = requests_parse(*state, TEXT("GET / HTTP/1.0\r\n\r\n"));
	assert_non_null(head);
	assert_int_equal(guard_request(&guarded, &by_unix, head, &detail),
	    FAULT_HOST_REFUSED);
	assert_string_equal(detail, "there is no Host");
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
		("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
		"HTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
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
a_certificate_that_no_rule_knows_may_not_connect(void **state)
{
	char uri[] = "spiffe://corp/a", b[] = "spiffe://corp/b";
	char rule[] = "spiffe://corp/a", of_b[] = "spiffe://corp/b";
	char *listed[] = { rule }, *of_routes[] = { of_b };
	struct cert_names names = { .uri = uri };
	struct conf_listener l = { .users = { .n = 0 } };
	struct principal named = { .certificate = &names };
	struct principal nobody = { .has_user = false };

	(void)state;
	/* No rule at all. */
	assert_int_equal(judge_client(&l, &named), FAULT_NONE);
	assert_int_equal(judge_client(&l, &nobody), FAULT_NONE);
	/* Those of routes: who has no certificate may get other routes. */
	l.certificate_rules = (struct conf_texts){ of_routes, 1 };
	assert_int_equal(judge_client(&l, &named), FAULT_CLIENT_REFUSED);
	assert_int_equal(judge_client(&l, &nobody), FAULT_NONE);
	names.uri = b;
	assert_int_equal(judge_client(&l, &named), FAULT_NONE);
	/* The listener's own list: nobody else comes in. */
	l.certificate = (struct conf_texts){ listed, 1 };
	assert_int_equal(judge_client(&l, &named), FAULT_CLIENT_REFUSED);
	assert_int_equal(judge_client(&l, &nobody), FAULT_CLIENT_REFUSED);
	names.uri = uri;
	assert_int_equal(judge_client(&l, &named), FAULT_NONE);
	names.uri = NULL;
	assert_int_equal(judge_client(&l, &named), FAULT_CLIENT_REFUSED);
}

static void
a_name_of_a_certificate_makes_nobody_a_user(void **state)
{
	uint32_t users[] = { 0 };
	char root[] = "root", *dns[] = { root };
	struct cert_names names = { .dns = dns, .n_dns = 1 };
	struct conf_listener l = { .users = { users, 1 } };
	struct principal named = { .certificate = &names };

	(void)state;
	assert_int_equal(judge_client(&l, &named), FAULT_CLIENT_REFUSED);
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
		    a_range_among_hosts_accepts_its_addresses_and_no_name),
		WITH_CODEC(
		    any_host_or_none_will_do_on_a_unix_socket_without_a_list),
		WITH_CODEC(an_empty_host_is_told_from_none),
		WITH_CODEC(an_old_request_without_host_is_refused),
		WITH_CODEC(
		    what_only_web_pages_send_is_refused_unless_browsers_may),
		WITH_CODEC(what_programs_send_passes),
		WITH_CODEC(tunnels_websockets_and_overrides_are_bad_requests),
		WITH_CODEC(an_old_request_offers_no_other_protocol),
		cmocka_unit_test(
		    a_listed_user_or_member_of_a_listed_group_may_connect),
		cmocka_unit_test(an_address_outside_from_may_not_connect),
		cmocka_unit_test(
		    a_certificate_that_no_rule_knows_may_not_connect),
		cmocka_unit_test(a_name_of_a_certificate_makes_nobody_a_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
