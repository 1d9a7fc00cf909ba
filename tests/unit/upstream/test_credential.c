/*
 * upstream/credential: what of a head passes, and how ours is written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "base/buf.h"
#include "upstream/credential.h"

/* Names and values of two lists in turn, one per line. */
static void
assert_fields(const struct fields *fields, const char *expected)
{
	struct buf got;

	buf_init(&got, NULL);
	for (size_t i = 0; i < fields->n; i++)
		buf_printf(&got, "%.*s: %.*s\n", TEXT_ARG(fields->v[i].name),
		    TEXT_ARG(fields->v[i].value));
	buf_append(&got, "", 1);
	assert_string_equal((char *)buf_data(&got), expected);
	buf_release(&got);
}

/* "Name: value\n..." as a head of fields. */
static struct head
head_of(enum head_kind kind, uint8_t version, const char *lines)
{
	struct head head = { .kind = kind, .version = version };
	struct text rest = text_of(lines), line, name;

	while (text_split(&rest, '\n', &line)) {
		if (line.n == 0 || !text_split(&line, ':', &name))
			continue;
		fields_add(&head.fields, field_id_of(name), name,
		    text_trim(line));
	}
	return head;
}

static const struct conf_route plain_route = { .upstream = 0 };
static const struct conf_upstream plain_upstream = { .port = 443 };
static const struct conf_key plain_key = { .field = NULL };
static const struct credential_use plain = {
	.route = &plain_route, .upstream = &plain_upstream, .key = &plain_key,
};

static void
check_use(const struct credential_use *use, const char *lines,
    const char *expected)
{
	struct head head = head_of(HEAD_REQUEST, 11, lines);
	struct fields out = { .v = NULL };

	credential_request_fields(&head, use, &out);
	assert_fields(&out, expected);
	fields_release(&out);
	fields_release(&head.fields);
}

static void
check_request(const char *lines, const char *expected)
{
	check_use(&plain, lines, expected);
}

static void
check_response(const char *lines, const char *expected)
{
	struct head head = head_of(HEAD_RESPONSE, 11, lines);
	struct fields out = { .v = NULL };

	credential_response_fields(&head, &out);
	assert_fields(&out, expected);
	fields_clear(&out);
	head.kind = HEAD_TRAILERS;
	credential_response_fields(&head, &out);
	assert_fields(&out, expected);
	fields_release(&out);
	fields_release(&head.fields);
}

static void
end_to_end_fields_pass_unchanged_and_in_order(void **state)
{
	static const char lines[] =
	    "Accept: */*\nAccept-Encoding: gzip\nContent-Type: a/b\n"
	    "If-Match: \"1\"\nUser-Agent: curl\nX-Request-ID: r\n"
	    "Expect: 100-continue\nVia: 1.1 x\nX_Odd.Name: y\nDate: z\n"
	    "X-Elastic-Product: Cloud\nAccept: text/html\nRange: bytes=0-1\n";

	(void)state;
	check_request(lines, lines);
}

static void
no_credential_of_the_client_goes_upstream(void **state)
{
	(void)state;
	check_request(
	    "Authorization: ApiKey dummy\nPROXY-AUTHORIZATION: Basic eA==\n"
	    "Cookie: sid=1\nes-secondary-authorization: x\n"
	    "ES-Security-Runas-User: root\nX-Found-Cluster: c\n"
	    "X-Management-Request: true\nES-Client-Authentication: s\n"
	    "es-secondary-x-client-authentication: s\nCookie2: a\n"
	    "A: b\n", "A: b\n");
}

static void
names_that_fold_to_a_credential_do_not_go_upstream(void **state)
{
	(void)state;
	check_request(
	    "Proxy_Authorization: x\nproxy.authorization: x\n"
	    "X_Management_Request: x\nX-Management_Request: x\n"
	    "x.found.cluster: x\nes_security_runas_user: x\n"
	    "ES_SECONDARY.AUTHORIZATION: x\nAuthorization_: x\n"
	    "_Cookie: x\nKeep_Alive: x\n"
	    "----------------------------------------------------Cookie_: x\n"
	    "X_Management: y\n", "X_Management: y\n");
}

static void
what_a_route_passes_goes_upstream_by_its_very_name(void **state)
{
	enum field_id ids[] = { FIELD_COOKIE, FIELD_X_FOUND_CLUSTER };
	const struct conf_route route = { .pass = { .v = ids, .n = 2 } };
	const struct credential_use use = {
		.route = &route, .upstream = &plain_upstream,
		.key = &plain_key,
	};

	(void)state;
	check_use(&use, "Cookie: a=1\nCOOKIE: b=2\nx-found-cluster: c\n"
	    "X_Found_Cluster: d\nX-Found.Cluster: e\nCookie_: f\n"
	    "_Cookie: g\nCookie2: h\nX-Management-Request: i\n"
	    "es-secondary-authorization: j\nAuthorization: k\nA: b\n",
	    "Cookie: a=1\nCOOKIE: b=2\nx-found-cluster: c\nA: b\n");
	check_use(&use, "Connection: cookie\nCookie: a=1\n"
	    "X-Found-Cluster: c\n", "X-Found-Cluster: c\n");
}

static void
the_field_of_a_key_is_the_keys_alone_in_every_spelling(void **state)
{
	char name[] = "X-Api_Key", odd[] = "x-found-cluster",
	    agent[] = "User-Agent";
	enum field_id ids[] = { FIELD_X_FOUND_CLUSTER };
	const struct conf_route route = { .pass = { .v = ids, .n = 1 } };
	struct conf_key key = { .field = name };
	const struct credential_use use = {
		.route = &route, .upstream = &plain_upstream, .key = &key,
	};

	(void)state;
	check_use(&use, "X-Api-Key: 1\nx_api_key: 2\nX.API-KEY: 3\n"
	    "X-Api_Key: 4\n_x-api-key.: 5\nAuthorization: ApiKey 6\n"
	    "authorization_: 7\n-------------------------------------------"
	    "-------------------X-Api-Key---: 8\nX-Api-Keys: 9\n"
	    "XApiKey: 10\nApi-Key: 11\nUser-Agent: a\n",
	    "X-Api-Keys: 9\nXApiKey: 10\nApi-Key: 11\nUser-Agent: a\n");
	key.field = odd;
	check_use(&use, "X-Found-Cluster: a\nX_Found.Cluster: b\n"
	    "X-Api-Key: c\n", "X-Api-Key: c\n");
	key.field = agent;
	check_use(&use, "User-Agent: a\nuser_agent: b\nA: c\n", "A: c\n");
}

static void
an_upstream_may_be_asked_not_to_encode(void **state)
{
	const struct conf_upstream upstream = {
		.accept_encoding = CONF_ENCODING_IDENTITY,
	};
	const struct credential_use use = {
		.route = &plain_route, .upstream = &upstream,
		.key = &plain_key,
	};

	(void)state;
	check_use(&use, "A: b\n", "A: b\nAccept-Encoding: identity\n");
	check_use(&use, "Accept-Encoding: gzip\naccept-encoding: br\n"
	    "Accept_Encoding: zstd\nAccept: c\n",
	    "Accept: c\nAccept-Encoding: identity\n");
}

static void
what_a_client_says_of_itself_passes_unchanged(void **state)
{
	(void)state;
	check_request("Forwarded: for=1.2.3.4\nX-Forwarded-For: 1.2.3.4\n"
	    "X-Real-IP: ::1\n", "Forwarded: for=1.2.3.4\n"
	    "X-Forwarded-For: 1.2.3.4\nX-Real-IP: ::1\n");
}

static void
hop_by_hop_fields_do_not_go_upstream(void **state)
{
	(void)state;
	check_request("Host: localhost\nConnection: keep-alive\n"
	    "Keep-Alive: 5\nTE: trailers\nTrailer: X\nUpgrade: h2c\n"
	    "Transfer-Encoding: chunked\nContent-Length: 5\n"
	    "Proxy-Connection: close\nHTTP2-Settings: x\n"
	    "Proxy-Authenticate: x\nA: b\n", "A: b\n");
}

static void
what_connection_names_does_not_pass(void **state)
{
	(void)state;
	check_request("Connection: close, x-a,, X-B\nX-A: 1\nx-b: 2\n"
	    "X-C: 3\nConnection: x-c , x-d\nX-AB: 4\n", "X-AB: 4\n");
	check_response("Connection: X-A\nX-A: 1\nX-B: 2\n", "X-B: 2\n");
}

static void
expect_of_an_old_client_does_not_go_upstream(void **state)
{
	struct head head = head_of(HEAD_REQUEST, 10,
	    "Expect: 100-continue\nA: b\n");
	struct fields out = { .v = NULL };

	(void)state;
	credential_request_fields(&head, &plain, &out);
	assert_fields(&out, "A: b\n");
	fields_release(&out);
	fields_release(&head.fields);
}

static void
a_response_keeps_its_end_to_end_fields(void **state)
{
	(void)state;
	check_response("Content-Type: application/json\nETag: \"1\"\n"
	    "Set-Cookie: a=b\nSet-Cookie: c=d\nTrailer: X-Sum\n"
	    "Connection: keep-alive\nKeep-Alive: 5\nUpgrade: h2\n"
	    "Transfer-Encoding: chunked\nContent-Length: 7\n"
	    "Proxy-Authenticate: Basic\nProxy-Authentication-Info: x\n"
	    "WWW-Authenticate: ApiKey\nDate: now\nVia: 1.1 cdn\n"
	    "X-Elastic-Api-Key-Expiration: 2027-02-23\n",
	    "Content-Type: application/json\nETag: \"1\"\n"
	    "Set-Cookie: a=b\nSet-Cookie: c=d\nTrailer: X-Sum\n"
	    "WWW-Authenticate: ApiKey\nDate: now\nVia: 1.1 cdn\n"
	    "X-Elastic-Api-Key-Expiration: 2027-02-23\n");
}

static struct secret *
secret_of(const char *s)
{
	return secret_copy(s, strlen(s));
}

static void
assert_added(const struct conf_key *key, struct fields *out, const char *line)
{
	struct blocks *blocks = blocks_new(4096, 0);
	struct arena arena;
	struct text value;

	arena_init(&arena, blocks);
	value.p = credential_value(key, &arena, &value.n);
	credential_add(key, value, out);
	assert_fields(out, line);
	fields_clear(out);
	arena_release(&arena);
	blocks_free(blocks);
}

static void
our_field_is_scheme_and_value(void **state)
{
	char scheme[] = "ApiKey";
	struct conf_key key = {
		.value = secret_of("essu_test"), .scheme = scheme,
	};
	struct fields out = { .v = NULL };

	(void)state;
	assert_added(&key, &out, "Authorization: ApiKey essu_test\n");
	fields_release(&out);
	secret_free(key.value);
}

static void
a_field_of_its_own_has_no_scheme_unless_one_is_given(void **state)
{
	char name[] = "X-Api-Key", scheme[] = "Token";
	struct conf_key key = {
		.value = secret_of("essu_test"), .field = name,
	};
	struct fields out = { .v = NULL };

	(void)state;
	assert_added(&key, &out, "X-Api-Key: essu_test\n");
	key.scheme = scheme;
	assert_added(&key, &out, "X-Api-Key: Token essu_test\n");
	key.scheme = NULL;
	key.field = NULL;
	assert_added(&key, &out, "Authorization: ApiKey essu_test\n");
	fields_release(&out);
	secret_free(key.value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    end_to_end_fields_pass_unchanged_and_in_order),
		cmocka_unit_test(no_credential_of_the_client_goes_upstream),
		cmocka_unit_test(
		    names_that_fold_to_a_credential_do_not_go_upstream),
		cmocka_unit_test(
		    what_a_route_passes_goes_upstream_by_its_very_name),
		cmocka_unit_test(
		    the_field_of_a_key_is_the_keys_alone_in_every_spelling),
		cmocka_unit_test(an_upstream_may_be_asked_not_to_encode),
		cmocka_unit_test(
		    a_field_of_its_own_has_no_scheme_unless_one_is_given),
		cmocka_unit_test(what_a_client_says_of_itself_passes_unchanged),
		cmocka_unit_test(hop_by_hop_fields_do_not_go_upstream),
		cmocka_unit_test(what_connection_names_does_not_pass),
		cmocka_unit_test(expect_of_an_old_client_does_not_go_upstream),
		cmocka_unit_test(a_response_keeps_its_end_to_end_fields),
		cmocka_unit_test(our_field_is_scheme_and_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
