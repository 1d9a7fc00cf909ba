/*
 * The syntax of HTTP/1.1, from complete and from growing bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "http/h1_frame.h"
#include "http/h1_parse.h"

static struct fields list;
static struct head head;
static struct h1_why why;

/* Memory of exactly its size, so that a sanitizer sees a read past it. */
static enum h1_result
parse_in(char *p, size_t n, enum h1_section section,
    const struct codec_limits *limits)
{
	struct h1_scan scan = { .seen = 0 };
	size_t len = 0;
	enum h1_result r = h1_find_end(section, p, n, limits, &scan, &len,
	    &why);

	if (r != H1_OK)
		return r;
	n = len;
	switch (section) {
	case H1_REQUEST:
		r = h1_parse_request(p, n, limits, &list, &head, &why);
		return r == H1_OK && h1_frame_request(&head) != NULL ?
		    H1_BAD : r;
	case H1_RESPONSE:
		r = h1_parse_response(p, n, limits, &list, &head, &why);
		return r == H1_OK && h1_frame_response(&head, false) != NULL ?
		    H1_BAD : r;
	case H1_REQUEST_TRAILERS:
	case H1_RESPONSE_TRAILERS:
		break;
	}
	return h1_parse_trailers(section, p, n, limits, &list, &head, &why);
}

static enum h1_result
parse(enum h1_section section, const char *s, size_t n)
{
	char *p = malloc(n);
	enum h1_result r;

	assert_non_null(p);
	memcpy(p, s, n);
	r = parse_in(p, n, section, &codec_limits_default);
	free(p);
	return r;
}

/* A request with "Host: h" from a request line and more fields. */
static enum h1_result
request(const char *line, const char *fields)
{
	char s[1000];

	snprintf(s, sizeof(s), "%s\r\nHost: h\r\n%s\r\n", line, fields);
	return parse(H1_REQUEST, s, strlen(s));
}

static enum h1_result
response(const char *s)
{
	return parse(H1_RESPONSE, s, strlen(s));
}

static void
request_lines_are_exactly_three_parts(void **state)
{
	static const char *const fine[] = {
		"GET / HTTP/1.1", "get / HTTP/1.0", "M-~!x /?[] HTTP/1.1",
		"GET /{}[]|^`?<> HTTP/1.1", "GET http://h/[ HTTP/1.1",
		"OPTIONS * HTTP/1.1", "GET http://h HTTP/1.1",
		"GET HTTPS://h:443/x HTTP/1.1", "CONNECT /x HTTP/1.1",
	};
	static const char *const bad[] = {
		"", "GET", "GET /", "GET / ", " GET / HTTP/1.1",
		"GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ",
		"GET\t/ HTTP/1.1", "GET / http/1.1", "GET / HTTP/1.2",
		"GET / HTTP/2.0", "GET / HTTP/0.9", "GET / HTTP/1.10",
		"GET / HTTP/11", "G(T / HTTP/1.1", "GET * HTTP/1.1",
		"GET x HTTP/1.1", "GET h:80 HTTP/1.1", "CONNECT h:80 HTTP/1.1",
		"GET /# HTTP/1.1", "GET /% HTTP/1.1", "GET /<> HTTP/1.1",
		"GET ftp://h/ HTTP/1.1", "GET http://x/ HTTP/1.1",
		"GET http://h:81/ HTTP/1.1", "GET http:/// HTTP/1.1",
		"GET http://u@h/ HTTP/1.1", "GET http://h?x HTTP/1.1",
		"GET http://h<x/ HTTP/1.1", "GET http://h[/ HTTP/1.1",
		"GET http://h|/ HTTP/1.1", "GET / HTTP/1.1\rX",
		"GET /\x80 HTTP/1.1", "OPTIONS *x HTTP/1.1", "\x16\x03\x01",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		if (request(fine[i], "") != H1_OK)
			fail_msg("refused: %s", fine[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (request(bad[i], "") != H1_BAD)
			fail_msg("passed: %s", bad[i]);
	}
}

static void
field_lines_are_strict(void **state)
{
	static const char *const fine[] = {
		"A:\r\n", "A:b\r\n", "A: \tb c\t \r\n", "a_b: c\r\n",
		"A: \xff\r\n", "Connection: close, x\r\n", "A:  \r\n",
		"Content-Length: 05\r\n", "Transfer-Encoding:\tchunked \r\n",
		"Connection: upgrade\r\nUpgrade: h2c\r\n",
	};
	static const char nul[] =
	    "GET / HTTP/1.1\r\nHost: h\r\nA: \0\r\n\r\n";
	static const char *const bad[] = {
		"A\r\n", ": b\r\n", "A : b\r\n", " A: b\r\n", "\tA: b\r\n",
		"A: b\r\n c\r\n", "A: b\rc\r\n", "A: b\r\r\n", "A: b\nB: c\r\n",
		"A: \x01\r\n", "A: \x7f\r\n", "(A): b\r\n", "A\x80: b\r\n",
		"Host: h\r\n", "Content-Length: 1\r\nContent-Length: 1\r\n",
		"Content-Length: 1, 1\r\n", "Content-Length: +1\r\n",
		"Content-Length:\r\n", "Content-Length: 9223372036854775808\r\n",
		"Transfer-Encoding: gzip, chunked\r\n",
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
		"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
		"Transfer-Encoding: identity\r\n", "Transfer-Encoding:\r\n",
		"Content_Length: 1\r\n", "transfer.encoding: chunked\r\n",
		"Connection: close, Host\r\n", "Connection: authorization\r\n",
		"Connection: transfer-encoding\r\n",
		"Connection: Content-Length\r\n",
		"Connection: close x\r\n", "Connection: close;\r\n",
		"Connection: \"close\"\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		if (request("POST / HTTP/1.1", fine[i]) != H1_OK)
			fail_msg("refused: %s", fine[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (request("POST / HTTP/1.1", bad[i]) != H1_BAD)
			fail_msg("passed: %s", bad[i]);
	}
	assert_int_equal(parse(H1_REQUEST, nul, sizeof(nul) - 1), H1_BAD);
	assert_int_equal(request("POST / HTTP/1.0",
	    "Transfer-Encoding: chunked\r\n"), H1_BAD);
}

/* Comparing them with the names of all fields takes as long as there are. */
static void
connection_has_no_more_options_than_a_head_has_fields(void **state)
{
	char field[512] = "Connection: a";

	(void)state;
	for (unsigned i = 1; i < 100; i++)
		strcat(field, ",,a");
	strcat(field, "\r\n");
	assert_int_equal(request("GET / HTTP/1.1", field), H1_OK);
	strcat(field, "Connection: b\r\n");
	assert_int_equal(request("GET / HTTP/1.1", field), H1_BAD);
}

static void
host_is_there_once_and_valid(void **state)
{
	static const char *const bad[] = {
		"GET / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost:\r\nHost:\r\n\r\n",
		"GET http://h/ HTTP/1.1\r\nHost:\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a,b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: u@h\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h/x\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h:x\r\n\r\n",
		"GET / HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n",
		"GET http://h/ HTTP/1.1\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse(H1_REQUEST, bad[i], strlen(bad[i])) != H1_BAD)
			fail_msg("passed: %s", bad[i]);
	}
	assert_int_equal(parse(H1_REQUEST, "GET / HTTP/1.0\r\n\r\n", 18),
	    H1_OK);
	/* Whether an empty one will do is for others to say. */
	assert_int_equal(parse(H1_REQUEST, "GET / HTTP/1.1\r\nHost:\r\n\r\n",
	    25), H1_OK);
}

static void
an_absolute_target_is_taken_apart(void **state)
{
	static char s[] = "GET HTTP://H:80/x?y HTTP/1.1\r\nHost: h\r\n\r\n";
	static char o[] = "OPTIONS http://h HTTP/1.1\r\nHost: h\r\n\r\n";

	(void)state;
	assert_int_equal(parse_in(s, strlen(s), H1_REQUEST,
	    &codec_limits_default), H1_OK);
	assert_true(head.absolute);
	assert_true(text_eq(head.authority, TEXT("H:80")));
	assert_true(text_eq(head.target, TEXT("/x?y")));
	assert_int_equal(parse_in(o, strlen(o), H1_REQUEST,
	    &codec_limits_default), H1_OK);
	assert_true(text_eq(head.target, TEXT("*")));
}

static void
status_lines_are_strict_but_for_the_reason(void **state)
{
	static const char *const fine[] = {
		"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 999 \r\n\r\n",
		"HTTP/1.1 200\r\n\r\n", "HTTP/1.1 100 \xff\t\r\n\r\n",
		"HTTP/1.1 204 x\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 304 x\r\nTransfer-Encoding: chunked\r\n\r\n",
	};
	static const char *const bad[] = {
		"HTTP/1.2 200 OK\r\n\r\n", "HTTP/2 200 OK\r\n\r\n",
		"http/1.1 200 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n",
		"HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
		"HTTP/1.1 200OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n",
		"HTTP/1.1 -20 OK\r\n\r\n", "HTTP/1.1 200 O\x01\r\n\r\n",
		"HTTP/1.1 200 OK\rX\r\n\r\n", "HTTP/1.1 200 OK\n\n",
		"ICY 200 OK\r\n\r\n", "<html>\r\n\r\n", "\r\n\r\n",
		"HTTP/1.1 101 Switching\r\n\r\n", " HTTP/1.1 200 OK\r\n\r\n",
		"HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 204 x\r\nContent-Length: 1\r\n\r\n",
		"HTTP/1.1 100 x\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.0 200 x\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 200 x\r\nTransfer-Encoding: gzip\r\n\r\n",
		"HTTP/1.1 200 x\r\nContent-Length: 1\r\nContent-Length: 2"
		"\r\n\r\n",
		"HTTP/1.1 200 x\r\nContent-Length: 1\r\n"
		"Transfer-Encoding: chunked\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		if (response(fine[i]) != H1_OK)
			fail_msg("refused: %s", fine[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (response(bad[i]) == H1_OK)
			fail_msg("passed: %s", bad[i]);
	}
}

/* What is said of s when it comes in two pieces, then byte by byte. */
static enum h1_result
in_pieces(enum h1_section section, const char *s, size_t step,
    const struct codec_limits *limits)
{
	struct h1_scan scan = { .seen = 0 };
	size_t n = strlen(s), len;
	enum h1_result r = H1_MORE;

	for (size_t at = 0; at < n && r == H1_MORE; at += step) {
		size_t seen = n - at < step ? n : at + step;
		char *p = malloc(seen);

		assert_non_null(p);
		memcpy(p, s, seen);
		r = h1_find_end(section, p, seen, limits, &scan, &len, &why);
		if (r == H1_OK && section == H1_REQUEST)
			r = h1_parse_request(p, len, limits, &list, &head,
			    &why);
		else if (r == H1_OK)
			r = h1_parse_trailers(section, p, len, limits, &list,
			    &head, &why);
		free(p);
	}
	return r;
}

static void
the_verdict_does_not_depend_on_the_cuts(void **state)
{
	const struct codec_limits limits = {
		.head = 60, .target = 8, .fields = 2, .trailers = 40
	};
	static const struct {
		const char *s;
		enum h1_result want;
		enum h1_section section;	/* H1_REQUEST */
	} cases[] = {
		{ "GET / HTTP/1.1\r\nA: b\r\n\r\n", H1_OK },
		{ "GET /23456789 HTTP/1.1\r\n\r\n", H1_TARGET_TOO_LONG },
		{ "GET /23456789 HTTP/1.1\r\n bad\n\r\n", H1_TARGET_TOO_LONG },
		{ "GET / HTTP/1.1\r\nA:\r\nA:\r\nA:\r\n\r\n", H1_TOO_LARGE },
		{ "GET / HTTP/1.1\r\nA:\r\nA:\r\nA:\r\n\n", H1_TOO_LARGE },
		{ "GET / HTTP/1.1\r\nA:\r\nA:\r\nA\r\n\r\n", H1_BAD },
		{ "GET / HTTP/1.1\r\nA: 9012345678901234567890123456789012345"
		  "6789012345\r\n\r\n", H1_TOO_LARGE },
		{ "GET / HTTP/1.1\r\nA : 012345678901234567890123456789012345"
		  "6789012345\r\n\r\n", H1_TOO_LARGE },
		{ "GET /67890123456789012345678901234567890123456789012345678"
		  "9012345 HTTP/1.1\r\n\r\n", H1_TARGET_TOO_LONG },
		{ "GETX567890123456789012345678901234567890123456789012345678"
		  "9012345 / HTTP/1.1\r\n\r\n", H1_BAD },
		{ "GET / HTTP/1.1\r\nA: b\r", H1_MORE },
		{ "GET / HTTP/1.1\r\nA: \x01", H1_BAD },
		{ "GET / HTTP/1.1\rA", H1_BAD },
		{ "GET /\r\n", H1_BAD },
		{ "A:\r\nA:\r\n\r\n", H1_OK, H1_REQUEST_TRAILERS },
		{ "A:\r\nA:\r\nA:\r\n\r\n", H1_TOO_LARGE,
		  H1_REQUEST_TRAILERS },
		{ "Content_Length:\r\nA:\r\nA:\r\n\r\n", H1_BAD,
		  H1_REQUEST_TRAILERS },
		{ "Content_Length:\r\nA:\r\nA:\r\n\r\n", H1_TOO_LARGE,
		  H1_RESPONSE_TRAILERS },
		{ "Content-Length:\r\nA:\r\nA:\r\n\r\n", H1_BAD,
		  H1_RESPONSE_TRAILERS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t step = 1; step <= strlen(cases[i].s); step++) {
			enum h1_result r = in_pieces(cases[i].section,
			    cases[i].s, step, &limits);

			if (r != cases[i].want)
				fail_msg("case %zu by %zu: %d", i, step, r);
		}
	}
}

static void
a_response_that_is_none_is_seen_at_once(void **state)
{
	struct h1_scan scan = { .seen = 0 };
	size_t len;

	(void)state;
	assert_int_equal(h1_find_end(H1_RESPONSE, "HTT", 3,
	    &codec_limits_default, &scan, &len, &why), H1_MORE);
	assert_int_equal(h1_find_end(H1_RESPONSE, "HTTQ", 4,
	    &codec_limits_default, &scan, &len, &why), H1_BAD);
}

static enum h1_result
parse_chunk(const char *line, size_t n, size_t padding, uint64_t *size)
{
	size_t len = 0;
	enum h1_result r = h1_parse_chunk(line, n, padding, size, &len,
	    &why);

	if (r == H1_OK)
		assert_int_equal(len,
		    strcspn(line, "\n") + 1);
	return r;
}

static void
chunk_lines_are_bounded_and_strict(void **state)
{
	static const char *const bad[] = {
		"x", "-1\r\n", "+1\r\n", " 1\r\n", "0x1\r\n", "1 \r\n",
		"1\n", "1\r\r\n", "12345678901234567", "1;\r\n", "1;a=\x01",
		"\r\n", "\n", "1\rx", "8000000000000000\r\n", "1\t\r\n",
		"0 \r\n",
	};
	char line[H1_CHUNK_LINE + 10];
	uint64_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse_chunk(bad[i], strlen(bad[i]), 0, &size) != H1_BAD)
			fail_msg("passed: %s", bad[i]);
	}
	assert_int_equal(parse_chunk("", 0, 0, &size), H1_MORE);
	assert_int_equal(parse_chunk("1f;a", 4, 0, &size), H1_MORE);
	assert_int_equal(parse_chunk("1f;a\r", 5, 0, &size), H1_MORE);
	assert_int_equal(parse_chunk("1f;a\r\nx", 7, 0, &size), H1_OK);
	assert_int_equal(size, 0x1f);
	memset(line, 'a', sizeof(line));
	memcpy(line, "1;", 2);
	assert_int_equal(parse_chunk(line, H1_CHUNK_LINE - 2, 0, &size),
	    H1_MORE);
	assert_int_equal(parse_chunk(line, H1_CHUNK_LINE - 1, 0, &size),
	    H1_BAD);
}

static void
chunk_sizes_of_responses_may_be_padded(void **state)
{
	static const char *const fine[] = {
		"1f \r\n", "1f\t\r\n", "1f \t \t\r\n",
		"1f                \r\n", "1f;a\r\n", "1f ; a = b\r\n",
	};
	static const char *const bad[] = {
		" 1f\r\n", "1f                 \r\n", "1 f\r\n", "1f \n",
		"1f \v\r\n", "1f \r \n", "1f;a \r\n", "1f; \r\n", " \r\n",
		"1f a\r\n",
	};
	uint64_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		for (size_t n = 0; n < strlen(fine[i]); n++)
			assert_int_equal(parse_chunk(fine[i], n,
			    H1_CHUNK_PADDING, &size), H1_MORE);
		if (parse_chunk(fine[i], strlen(fine[i]), H1_CHUNK_PADDING,
		    &size) != H1_OK || size != 0x1f)
			fail_msg("refused: %s", fine[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse_chunk(bad[i], strlen(bad[i]), H1_CHUNK_PADDING,
		    &size) != H1_BAD)
			fail_msg("passed: %s", bad[i]);
	}
}

static void
trailers_hold_no_framing(void **state)
{
	(void)state;
	assert_int_equal(parse(H1_REQUEST_TRAILERS, "\r\n", 2), H1_OK);
	assert_int_equal(parse(H1_REQUEST_TRAILERS, "A: b\r\n\r\n", 8), H1_OK);
	assert_int_equal(list.n, 1);
	assert_int_equal(parse(H1_REQUEST_TRAILERS,
	    "Content-Length: 1\r\n\r\n", 21), H1_BAD);
	assert_int_equal(parse(H1_REQUEST_TRAILERS, "A b\r\n\r\n", 7), H1_BAD);
}

static int
release(void **state)
{
	(void)state;
	fields_release(&list);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_lines_are_exactly_three_parts),
		cmocka_unit_test(field_lines_are_strict),
		cmocka_unit_test(
		    connection_has_no_more_options_than_a_head_has_fields),
		cmocka_unit_test(host_is_there_once_and_valid),
		cmocka_unit_test(an_absolute_target_is_taken_apart),
		cmocka_unit_test(status_lines_are_strict_but_for_the_reason),
		cmocka_unit_test(the_verdict_does_not_depend_on_the_cuts),
		cmocka_unit_test(a_response_that_is_none_is_seen_at_once),
		cmocka_unit_test(chunk_lines_are_bounded_and_strict),
		cmocka_unit_test(chunk_sizes_of_responses_may_be_padded),
		cmocka_unit_test(trailers_hold_no_framing),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
