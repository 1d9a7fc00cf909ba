/*
 * client/access_log: the line field by field, and that nothing a client or an
 * upstream writes can forge one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <stdio.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "client/access_log.h"

static struct principal
tcp_client(void)
{
	struct principal p = { .ip = { .len = sizeof(p.ip.in) } };

	p.ip.in.sin_family = AF_INET;
	p.ip.in.sin_port = htons(50123);
	p.ip.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return p;
}

static struct record
full_record(const struct principal *p)
{
	return (struct record){
		.began_wall_ns = INT64_C(1795465140123456789),
		.began_ns = 1000,
		.ended_ns = 5001000,
		.upstream_began_ns = 2000,
		.upstream_head_ns = 4002000,
		.method = TEXT("GET"),
		.target = TEXT("/api/v1/deployments?size=1"),
		.user_agent = TEXT("curl/7.88.1"),
		.request_id = TEXT("r-1"),
		.version = 11,
		.request_bytes = 3,
		.status = 200,
		.response_bytes = 955,
		.principal = p,
		.listener = "local",
		.route = "team-a",
		.key = "team-a",
		.upstream = "elastic-cloud",
		.attempts = 1,
		.reused = true,
		.upstream_request_id = TEXT("0c7e"),
		.expiry_told = true,
		.expiry_read = true,
		.expires = INT64_C(1803366000),
	};
}

static void
assert_line(const struct record *r, bool with_query, const char *expected)
{
	struct buf out;

	buf_init(&out, NULL);
	access_log_format(r, LOG_FORMAT_JSON, with_query, &out);
	buf_append(&out, "", 1);
	assert_string_equal((char *)buf_data(&out), expected);
	buf_release(&out);
}

static void
assert_has(const struct record *r, bool with_query, const char *piece)
{
	struct buf out;

	buf_init(&out, NULL);
	access_log_format(r, LOG_FORMAT_JSON, with_query, &out);
	buf_append(&out, "", 1);
	if (strstr((char *)buf_data(&out), piece) == NULL)
		fail_msg("no %s in %s", piece, (char *)buf_data(&out));
	buf_release(&out);
}

static void
a_success_names_every_fact(void **state)
{
	struct principal p = tcp_client();
	struct record r = full_record(&p);

	(void)state;
	assert_line(&r, false, "{\"@timestamp\":\"2026-11-23T20:19:00.123Z\","
	    "\"log.level\":\"info\",\"message\":\"GET 200\","
	    "\"ecs.version\":\"8.11.0\",\"service\":{\"name\":"
	    "\"sallyport\"},\"event\":{\"kind\":\"event\","
	    "\"category\":[\"web\"],\"type\":[\"access\"],"
	    "\"dataset\":\"sallyport.access\",\"duration\":5000000,"
	    "\"outcome\":\"success\"},\"http\":{\"request\":{"
	    "\"body\":{\"bytes\":3},\"method\":\"GET\",\"id\":\"r-1\"},"
	    "\"response\":{\"status_code\":200,\"body\":{\"bytes\":955}},"
	    "\"version\":\"1.1\"},\"url\":{\"path\":\"/api/v1/deployments\"},"
	    "\"client\":{\"ip\":\"127.0.0.1\",\"port\":50123},"
	    "\"user_agent\":{\"original\":\"curl/7.88.1\"},"
	    "\"sallyport\":{\"attempts\":1,\"listener\":\"local\","
	    "\"route\":\"team-a\",\"key\":\"team-a\","
	    "\"upstream\":\"elastic-cloud\",\"reused\":true,"
	    "\"upstream_ns\":4000000,\"upstream_request_id\":\"0c7e\","
	    "\"key_expires\":\"2027-02-23T07:00:00Z\"}}");
}

static void
what_has_no_value_is_left_out(void **state)
{
	struct record r = {
		.listener = "local",
		.fault = FAULT_REQUEST_TIMEOUT,
		.ended_ns = 7,
	};

	(void)state;
	assert_line(&r, false, "{\"@timestamp\":\"1970-01-01T00:00:00.000Z\","
	    "\"log.level\":\"warn\",\"message\":\"- - request_timeout\","
	    "\"ecs.version\":\"8.11.0\",\"service\":{\"name\":"
	    "\"sallyport\"},\"event\":{\"kind\":\"event\","
	    "\"category\":[\"web\"],\"type\":[\"access\"],"
	    "\"dataset\":\"sallyport.access\",\"duration\":7,"
	    "\"outcome\":\"failure\","
	    "\"reason\":\"the client was too slow to send its request\"},"
	    "\"http\":{\"request\":{"
	    "\"body\":{\"bytes\":0}}},\"sallyport\":{\"attempts\":0,"
	    "\"listener\":\"local\",\"fault\":\"request_timeout\"}}");
}

static void
the_query_is_logged_apart_and_only_when_wanted(void **state)
{
	struct record r = full_record(NULL);

	(void)state;
	assert_has(&r, true, "\"path\":\"/api/v1/deployments\","
	    "\"query\":\"size=1\"}");
	assert_has(&r, false, "\"path\":\"/api/v1/deployments\"}");
	r.target = TEXT("/?a=essu_abcdefgh");
	assert_has(&r, true, "\"path\":\"/\",\"query\":\"a=essu_\"}");
	r.target = TEXT("/essu_abcdefgh?a=1");
	assert_has(&r, true, "\"path\":\"/essu_\"}");
	r.target = TEXT("/x?a=1?b=2");
	assert_has(&r, true, "\"path\":\"/x\",\"query\":\"a=1?b=2\"}");
	r.target = TEXT("/x?");
	assert_has(&r, true, "\"path\":\"/x\"}");
	r.target = TEXT("*");
	assert_has(&r, true, "\"path\":\"*\"}");
}

static void
a_request_whose_client_names_none_has_an_id_of_ours(void **state)
{
	struct record r = full_record(NULL);

	(void)state;
	r.run = "00c0ffee00c0ffee";
	r.serial = 17;
	assert_has(&r, false, "\"id\":\"r-1\"}");
	r.request_id = TEXT("");
	assert_has(&r, false, "\"id\":\"00c0ffee00c0ffee-17\"}");
}

static void
a_client_of_a_unix_socket_is_a_user(void **state)
{
	char name[] = "build";
	struct principal p = {
		.has_user = true, .uid = 1000, .user_name = name,
	};
	struct record r = full_record(&p);

	(void)state;
	assert_has(&r, false,
	    "\"client\":{\"user\":{\"id\":\"1000\",\"name\":\"build\"}}");
	p.user_name = NULL;
	assert_has(&r, false, "\"client\":{\"user\":{\"id\":\"1000\"}}");
}

static void
a_client_with_a_certificate_is_called_by_it(void **state)
{
	char uri[] = "spiffe://corp/ci", subject[] = "CN=ci,O=\"corp\"";
	char issuer[] = "CN=ca", long_one[600], piece[600];
	struct cert_names names = { .uri = uri, .subject = subject,
		.issuer = issuer, .sha256 = { 0x0a, 0xff } };
	struct principal p = { .certificate = &names };
	struct record r = full_record(&p);
	const char *why;
	struct addr a;

	(void)state;
	assert_true(addr_parse("192.0.2.7:5", &a, &why));
	addr_ip_from(&p.ip, &a);
	assert_has(&r, false, "\"client\":{\"ip\":\"192.0.2.7\",\"port\":5,"
	    "\"user\":{\"name\":\"spiffe://corp/ci\"}}");
	assert_has(&r, false, "\"tls\":{\"client\":{\"hash\":{\"sha256\":"
	    "\"0AFF000000000000000000000000000000000000000000000000000000000000"
	    "\"},\"subject\":\"CN=ci,O=\\\"corp\\\"\",\"issuer\":\"CN=ca\"}}");
	memset(long_one, 'x', sizeof(long_one) - 1);
	long_one[sizeof(long_one) - 1] = '\0';
	names.uri = long_one;
	snprintf(piece, sizeof(piece), "\"name\":\"%.512s\"", long_one);
	assert_has(&r, false, piece);
}

static void
a_trace_is_told_with_the_span_of_the_caller(void **state)
{
	struct record r = full_record(NULL);

	(void)state;
	r.trace_id = TEXT("0af7651916cd43dd8448eb211c80319c");
	r.span_id = TEXT("b7ad6b7169203331");
	assert_has(&r, false, "\"},\"trace\":{\"id\":"
	    "\"0af7651916cd43dd8448eb211c80319c\"},"
	    "\"span\":{\"id\":\"b7ad6b7169203331\"},\"sallyport\":{");
	assert_has(&r, false, "\"key_expires\":\"2027-02-23T07:00:00Z\"}}");
	r.trace_made = true;
	r.trace_dropped = "it was \"odd\"";
	assert_has(&r, false, ",\"trace_made\":true,"
	    "\"trace_dropped\":\"it was \\\"odd\\\"\"}}");
}

static void
an_unreadable_expiry_stays_raw(void **state)
{
	struct record r = full_record(NULL);

	(void)state;
	r.expiry_read = false;
	r.expires_raw = TEXT("next \"week\"");
	assert_has(&r, false, "\"key_expires_raw\":\"next \\\"week\\\"\"}}");
}

static void
outcomes_tell_success_failure_and_unknown(void **state)
{
	struct record r = full_record(NULL);

	(void)state;
	r.status = 399;
	assert_has(&r, false, "\"outcome\":\"success\"");
	r.status = 401;
	assert_has(&r, false, "\"outcome\":\"failure\"");
	r.status = 0;
	assert_has(&r, false, "\"outcome\":\"unknown\"");
	r.status = 200;
	r.fault = FAULT_CLIENT_GONE;
	assert_has(&r, false, "\"outcome\":\"failure\"");
	r.detail = "reset by \"client\"";
	assert_has(&r, false,
	    "\"message\":\"GET 200 client_gone: reset by \\\"client\\\"\"");
}

static void
the_reason_of_a_failure_is_given_in_words(void **state)
{
	struct record r = full_record(NULL);

	(void)state;
	r.fault = FAULT_UPSTREAM_UNREACHABLE;
	assert_has(&r, false, "\"outcome\":\"failure\",\"reason\":"
	    "\"upstream elastic-cloud cannot be reached\"}");
	r.detail = "connect: \"refused\"";
	assert_has(&r, false, "\"reason\":\"upstream elastic-cloud cannot be "
	    "reached: connect: \\\"refused\\\"\"}");
	r.fault = FAULT_KEY_UNAVAILABLE;
	r.detail = NULL;
	r.route = "billing";
	assert_has(&r, false,
	    "\"reason\":\"no key of route billing is usable\"}");
	r.fault = FAULT_HOST_REFUSED;
	r.detail = "essu_abcdefgh";
	assert_has(&r, false, " answers to: essu_\"}");
	assert_has(&r, false, " host_refused: essu_\"");
}

static void
hostile_bytes_cannot_forge_a_line_or_a_field(void **state)
{
	static const char evil[] =
	    "\",\"x\":\"\r\n{\"@timestamp\":1}\0\x1b\xff";
	struct text t = { .p = evil, .n = sizeof(evil) - 1 };
	struct record r = full_record(NULL);
	struct buf out;
	const uint8_t *p;

	(void)state;
	r.method = r.target = r.user_agent = r.request_id = t;
	r.expires_raw = r.upstream_request_id = t;
	r.expiry_read = false;
	buf_init(&out, NULL);
	access_log_format(&r, LOG_FORMAT_JSON, true, &out);
	p = buf_data(&out);
	for (size_t i = 0; i < buf_len(&out); i++)
		assert_in_range(p[i], 0x20, 0xf4);
	assert_null(memmem(p, buf_len(&out), "\"x\"", 3));
	assert_non_null(memmem(p, buf_len(&out),
	    "\\\",\\\"x\\\":\\\"\\r\\n{\\\"@timestamp\\\":1}"
	    "\\u0000\\u001b\xef\xbf\xbd", 48));
	buf_release(&out);
}

static void
long_fields_are_cut(void **state)
{
	static char agent[30000];
	struct record r = full_record(NULL);
	struct buf out;

	(void)state;
	memset(agent, 0x01, sizeof(agent));
	r.user_agent = r.request_id = r.method = r.expires_raw =
	    r.upstream_request_id =
	    (struct text){ .p = agent, .n = sizeof(agent) };
	buf_init(&out, NULL);
	access_log_format(&r, LOG_FORMAT_JSON, true, &out);
	assert_true(buf_len(&out) < 8192);
	buf_release(&out);
}

static void
why_the_upstream_refused_is_told_in_words(void **state)
{
	struct record r = full_record(NULL);
	struct buf out;

	(void)state;
	r.diagnosis = "the key was revoked";
	assert_has(&r, true, "\",\"diagnosis\":\"the key was revoked\"}}");
	buf_init(&out, NULL);
	access_log_format(&r, LOG_FORMAT_TEXT, true, &out);
	assert_true(text_ends_with(buf_text(&out),
	    TEXT("; upstream elastic-cloud; the key was revoked")));
	buf_release(&out);
}

static void
what_looks_like_a_key_ends_a_text(void **state)
{
	struct principal p = tcp_client();
	struct record r = full_record(&p);

	(void)state;
	r.target = TEXT("/keys/essu_abcdefgh/x");
	r.user_agent = TEXT("agent essu_abcdefgh");
	r.request_id = TEXT("essu_abcdefgh");
	r.method = TEXT("Xessu_abcdefgh");
	r.expiry_read = false;
	r.expires_raw = TEXT("essu_abcdefgh");
	r.upstream_request_id = TEXT("essu_abcdefgh");
	assert_has(&r, true, "\"message\":\"Xessu_ 200\"");
	assert_has(&r, true, "\"method\":\"Xessu_\"");
	assert_has(&r, true, "\"path\":\"/keys/essu_\"");
	assert_has(&r, true, "\"original\":\"agent essu_\"");
	assert_has(&r, true, "\"id\":\"essu_\"");
	assert_has(&r, true, "\"key_expires_raw\":\"essu_\"");
	assert_has(&r, true, "\"upstream_request_id\":\"essu_\"");
}

static void
assert_text(const struct record *r, const char *expected)
{
	struct buf out;

	buf_init(&out, NULL);
	access_log_format(r, LOG_FORMAT_TEXT, true, &out);
	buf_append(&out, "", 1);
	assert_string_equal((char *)buf_data(&out), expected);
	buf_release(&out);
}

static void
as_text_a_line_begins_with_what_was_asked_and_what_came_of_it(void **state)
{
	struct principal p = tcp_client();
	struct record r = full_record(&p);

	(void)state;
	assert_text(&r, "2026-11-23T20:19:00.123Z info "
	    "GET /api/v1/deployments?size=1 200; 955 bytes in 5.000 ms; "
	    "client 127.0.0.1 port 50123; listener local; route team-a; "
	    "key team-a; upstream elastic-cloud");
	r = (struct record){
		.ended_ns = 1234567,
		.principal = &(struct principal){ .has_user = true,
			.uid = 1000 },
		.fault = FAULT_UPSTREAM_UNREACHABLE,
		.upstream = "u",
		.detail = "said \"no\"",
		.status = 502,
	};
	assert_text(&r, "1970-01-01T00:00:00.000Z warn - - 502 "
	    "upstream_unreachable: upstream u cannot be reached: said \"no\"; "
	    "0 bytes in 1.234 ms; user 1000; upstream u");
}

static void
as_text_too_nothing_that_looks_like_a_key_is_shown(void **state)
{
	struct record r = full_record(NULL);

	(void)state;
	r.method = TEXT("Xessu_abcdefgh");
	r.target = TEXT("/keys/essu_abcdefgh/x?y");
	r.fault = FAULT_HOST_REFUSED;
	r.detail = "essu_abcdefgh";
	r.status = 0;
	assert_text(&r, "2026-11-23T20:19:00.123Z warn Xessu_ /keys/essu_ - "
	    "host_refused: the Host of this request is not one this listener "
	    "answers to: essu_; 955 bytes in 5.000 ms; listener local; "
	    "route team-a; key team-a; upstream elastic-cloud");
}

static void
as_text_too_hostile_bytes_are_one_line_that_a_terminal_may_show(void **state)
{
	static const char evil[] = "\\\r\n2026-11-23\0\x1b[2J\x9b\xff\xc2\x9b";
	struct text t = { .p = evil, .n = sizeof(evil) - 1 };
	struct record r = full_record(NULL);
	struct buf out;
	const uint8_t *p;

	(void)state;
	r.method = r.target = t;
	buf_init(&out, NULL);
	access_log_format(&r, LOG_FORMAT_TEXT, true, &out);
	p = buf_data(&out);
	for (size_t i = 0; i < buf_len(&out); i++)
		assert_in_range(p[i], 0x20, 0xf4);
	buf_append(&out, "", 1);
	assert_non_null(strstr((char *)buf_data(&out), " \\\\\\r\\n2026-11-23"
	    "\\u0000\\u001b[2J\xef\xbf\xbd\xef\xbf\xbd\\u009b "));
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_success_names_every_fact),
		cmocka_unit_test(what_has_no_value_is_left_out),
		cmocka_unit_test(
		    the_query_is_logged_apart_and_only_when_wanted),
		cmocka_unit_test(
		    a_request_whose_client_names_none_has_an_id_of_ours),
		cmocka_unit_test(a_client_of_a_unix_socket_is_a_user),
		cmocka_unit_test(a_client_with_a_certificate_is_called_by_it),
		cmocka_unit_test(a_trace_is_told_with_the_span_of_the_caller),
		cmocka_unit_test(an_unreadable_expiry_stays_raw),
		cmocka_unit_test(why_the_upstream_refused_is_told_in_words),
		cmocka_unit_test(what_looks_like_a_key_ends_a_text),
		cmocka_unit_test(outcomes_tell_success_failure_and_unknown),
		cmocka_unit_test(the_reason_of_a_failure_is_given_in_words),
		cmocka_unit_test(hostile_bytes_cannot_forge_a_line_or_a_field),
		cmocka_unit_test(long_fields_are_cut),
		cmocka_unit_test(
		as_text_a_line_begins_with_what_was_asked_and_what_came_of_it),
		cmocka_unit_test(
		    as_text_too_nothing_that_looks_like_a_key_is_shown),
		cmocka_unit_test(
	    as_text_too_hostile_bytes_are_one_line_that_a_terminal_may_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
