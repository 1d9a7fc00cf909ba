/*
 * http/connect: what a proxy is asked for, and what of its answers is a tunnel.
 */
#include "http/connect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <string.h>

#define OPEN	"HTTP/1.1 200 Connection established\r\n\r\n"

static char why[200];

/* The answer in pieces of that size; the verdict is that of the last one. */
static enum connect_result
read_in(const char *bytes, size_t n, size_t piece)
{
	struct connect_answer *a = connect_answer_new(&codec_limits_default);
	enum connect_result r = CONNECT_MORE;

	why[0] = '\0';
	for (size_t at = 0; at < n && r == CONNECT_MORE; at += piece) {
		size_t some = n - at < piece ? n - at : piece;

		r = connect_answer_input(a, (const uint8_t *)bytes + at, some,
		    why, sizeof(why));
	}
	connect_answer_free(a);
	return r;
}

static void
opens(const char *text)
{
	assert_int_equal(read_in(text, strlen(text), 1), CONNECT_OPEN);
	assert_int_equal(read_in(text, strlen(text), 1000), CONNECT_OPEN);
	assert_string_equal(why, "");
}

static void
fails(const char *text, const char *told)
{
	size_t n = strlen(text);

	assert_int_equal(read_in(text, n, n), CONNECT_FAILED);
	assert_string_equal(why, told);
	assert_int_equal(read_in(text, n, 7), CONNECT_FAILED);
	assert_string_equal(why, told);
}

static void
the_request_names_host_and_port_twice(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, NULL);
	connect_request(&out, TEXT("[::1]:443"), TEXT(""));
	buf_append(&out, "", 1);
	assert_string_equal(buf_text(&out).p, "CONNECT [::1]:443 HTTP/1.1\r\n"
	    "Host: [::1]:443\r\n\r\n");
	buf_release(&out);
}

static void
a_credential_stands_in_its_field(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, NULL);
	connect_request(&out, TEXT("api.example:443"), TEXT("Basic Zm86YmE="));
	buf_append(&out, "", 1);
	assert_string_equal(buf_text(&out).p, "CONNECT api.example:443 "
	    "HTTP/1.1\r\nHost: api.example:443\r\n"
	    "Proxy-Authorization: Basic Zm86YmE=\r\n\r\n");
	buf_release(&out);
}

static void
any_2xx_opens_a_tunnel(void **state)
{
	(void)state;
	opens(OPEN);
	opens("HTTP/1.0 200 OK\r\nProxy-Agent: x\r\n\r\n");
	opens("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n");
	opens("HTTP/1.1 204 No Content\r\n\r\n");
}

static void
interim_responses_are_skipped(void **state)
{
	(void)state;
	opens("HTTP/1.1 100 Continue\r\n\r\n" OPEN);
	opens("HTTP/1.1 103 Hints\r\nLink: <a>\r\n\r\n"
	    "HTTP/1.1 102 Processing\r\n\r\n" OPEN);
}

static void
they_have_a_limit(void **state)
{
	char many[4096] = "";

	(void)state;
	for (unsigned i = 0; i <= codec_limits_default.interim; i++)
		strcat(many, "HTTP/1.1 100 Continue\r\n\r\n");
	assert_int_equal(read_in(many, strlen(many), 5), CONNECT_FAILED);
	assert_string_equal(why, "the proxy sent too many interim responses");
}

static void
of_a_refusal_its_status_is_told_and_nothing_else(void **state)
{
	(void)state;
	fails("HTTP/1.1 407 Secret\r\nX: secret\r\n\r\n",
	    "the proxy answered 407 Proxy Authentication Required");
	fails("HTTP/1.1 302 Secret\r\nLocation: http://secret/\r\n\r\n",
	    "the proxy answered 302 Found");
	fails("HTTP/1.1 101 Secret\r\nUpgrade: x\r\n\r\n",
	    "the proxy answered 101");
	fails("HTTP/1.1 600 Secret\r\n\r\n", "the proxy answered 600");
}

static void
a_page_is_no_tunnel(void **state)
{
	static const char told[] =
	    "the proxy answered 200 with a body, in place of a tunnel";

	(void)state;
	fails("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", told);
	fails("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", told);
	fails("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
	    "Content-Length: 0\r\n\r\n", told);
	fails("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", told);
}

static void
no_byte_may_come_behind_the_answer(void **state)
{
	static const char glued[] = OPEN "\x16\x03\x03";

	(void)state;
	assert_int_equal(read_in(glued, sizeof(glued) - 1, 1000),
	    CONNECT_FAILED);
	assert_string_equal(why, "bytes came behind the proxy's answer 200, "
	    "before TLS began");
}

static void
what_is_not_strictly_http_is_refused_as_soon_as_it_is_seen(void **state)
{
	(void)state;
	fails("HTTP/1.1 2000 OK\r\n\r\n", "the proxy's answer is not strictly "
	    "valid HTTP: the status line has no status of three digits");
	fails("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", "the proxy's answer is "
	    "not strictly valid HTTP: the name of field 2 holds a blank");
	fails("<html>", "the proxy's answer is not strictly valid HTTP: the "
	    "status line does not begin with HTTP/1.1 or HTTP/1.0 and a blank");
}

static void
a_head_has_the_limits_of_any_response(void **state)
{
	static char large[64 * 1024] = "HTTP/1.1 200 OK\r\nX: ";

	(void)state;
	memset(large + strlen(large), 'y', sizeof(large) - 100);
	assert_int_equal(read_in(large, strlen(large), 1000), CONNECT_FAILED);
	assert_string_equal(why, "the head of the proxy's answer is too "
	    "large");
}

static void
an_answer_that_has_not_come_whole_is_waited_for(void **state)
{
	(void)state;
	for (size_t n = 1; n < strlen(OPEN); n++)
		assert_int_equal(read_in(OPEN, n, n), CONNECT_MORE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_request_names_host_and_port_twice),
		cmocka_unit_test(a_credential_stands_in_its_field),
		cmocka_unit_test(any_2xx_opens_a_tunnel),
		cmocka_unit_test(interim_responses_are_skipped),
		cmocka_unit_test(they_have_a_limit),
		cmocka_unit_test(
		    of_a_refusal_its_status_is_told_and_nothing_else),
		cmocka_unit_test(a_page_is_no_tunnel),
		cmocka_unit_test(no_byte_may_come_behind_the_answer),
		cmocka_unit_test(
		    what_is_not_strictly_http_is_refused_as_soon_as_it_is_seen),
		cmocka_unit_test(a_head_has_the_limits_of_any_response),
		cmocka_unit_test(
		    an_answer_that_has_not_come_whole_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
