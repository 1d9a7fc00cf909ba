/*
 * Texts to values: what is meant is read, what could be meant otherwise is
 * refused with a reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conf/value.h"

#define N(array)	(sizeof(array) / sizeof((array)[0]))

static void
times_have_a_unit(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
		{ "0s", 0 }, { "1ms", 1 }, { "500ms", 500 }, { "25s", 25000 },
		{ "5m", 300000 }, { "6h", 21600000 }, { "1d", 86400000 },
		{ "007s", 7000 }, { "9223372036854775807ms", INT64_MAX },
	};
	static const char *const bad[] = { "", "5", "s", "5 s", " 5s", "5s ",
		"5S", "5sec", "-5s", "+5s", "5.5s", "0x5s", "5s5",
		"9223372036854775808ms", "106751991168d",
		"99999999999999999999s" };
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < N(good); i++) {
		assert_null(value_time(text_of(good[i].text), &ms));
		assert_true(ms == good[i].ms);
	}
	for (size_t i = 0; i < N(bad); i++) {
		if (value_time(text_of(bad[i]), &ms) == NULL)
			fail_msg("'%s' was taken", bad[i]);
	}
}

static void
thresholds_are_times_or_parts_below_one_half(void **state)
{
	static const struct {
		const char *text;
		int64_t before;
		uint32_t part, of;
	} good[] = {
		{ "30d", 30 * 86400, 0, 0 }, { "1h", 3600, 0, 0 },
		{ "1500ms", 1, 0, 0 }, { "10%", 0, 10, 100 },
		{ "49%", 0, 49, 100 }, { "1/3", 0, 1, 3 },
		{ "499999/1000000", 0, 499999, 1000000 },
	};
	static const char *const bad[] = { "", "30", "d", "0d", "999ms",
		"-1d", "%", "0%", "50%", "100%", "10 %", "1.5%", "-1%", "/",
		"1/", "/3", "0/3", "1/2", "2/3", "1/0", "1/3/4", "1/1000001",
		"4294967297/3", "10%%", "1/3%" };
	struct conf_threshold t;

	(void)state;
	for (size_t i = 0; i < N(good); i++) {
		assert_null(value_threshold(text_of(good[i].text), &t));
		assert_true(t.before == good[i].before);
		assert_int_equal(t.part, good[i].part);
		assert_int_equal(t.of, good[i].of);
	}
	for (size_t i = 0; i < N(bad); i++) {
		if (value_threshold(text_of(bad[i]), &t) == NULL)
			fail_msg("'%s' was taken", bad[i]);
	}
}

static void
sizes_have_a_unit(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{ "0", 0 }, { "0B", 0 }, { "100B", 100 }, { "32KiB", 32768 },
		{ "1MiB", 1 << 20 }, { "4GiB", UINT64_C(4) << 30 },
	};
	static const char *const bad[] = { "", "1", "KiB", "1K", "1KB",
		"1kib", "1 KiB", "-1B", "1.5MiB", "8589934592GiB" };
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < N(good); i++) {
		assert_null(value_size(text_of(good[i].text), &bytes));
		assert_true(bytes == good[i].bytes);
	}
	for (size_t i = 0; i < N(bad); i++) {
		if (value_size(text_of(bad[i]), &bytes) == NULL)
			fail_msg("'%s' was taken", bad[i]);
	}
}

static void
times_and_sizes_are_written_in_their_largest_unit(void **state)
{
	char buf[VALUE_TEXT];

	(void)state;
	value_format_time(buf, 0);
	assert_string_equal(buf, "0ms");
	value_format_time(buf, 1500);
	assert_string_equal(buf, "1500ms");
	value_format_time(buf, 90000);
	assert_string_equal(buf, "90s");
	value_format_time(buf, 86400000);
	assert_string_equal(buf, "1d");
	value_format_size(buf, 1025);
	assert_string_equal(buf, "1025B");
	value_format_size(buf, 1 << 20);
	assert_string_equal(buf, "1MiB");
}

static void
a_rate_has_a_number_and_a_unit(void **state)
{
	static const struct {
		const char *text;
		uint32_t count, seconds;
	} good[] = {
		{ "1/s", 1, 1 }, { "50/s", 50, 1 }, { "600/m", 600, 60 },
		{ "1000/h", 1000, 3600 }, { "1000000/d", 1000000, 86400 },
	};
	static const char *const bad[] = { "", "5", "/s", "0/s", "5/", "5 /s",
		"5/ s", "5/S", "5/sec", "-5/s", "5.5/s", "1000001/d", "5s",
		"99999999999999999999/s", "5/s5" };
	char again[VALUE_TEXT];
	uint32_t count, seconds;

	(void)state;
	for (size_t i = 0; i < N(good); i++) {
		assert_null(value_rate(text_of(good[i].text), &count,
		    &seconds));
		assert_int_equal(count, good[i].count);
		assert_int_equal(seconds, good[i].seconds);
		value_format_rate(again, count, seconds);
		assert_string_equal(again, good[i].text);
	}
	for (size_t i = 0; i < N(bad); i++) {
		if (value_rate(text_of(bad[i]), &count, &seconds) == NULL)
			fail_msg("'%s' was taken", bad[i]);
	}
}

static void
modes_are_octal(void **state)
{
	static const char *const bad[] = { "", "7", "66", "0668", "1660",
		"01660", "rw-", " 660" };
	uint32_t mode;

	(void)state;
	assert_null(value_mode(TEXT("0660"), &mode));
	assert_int_equal(mode, 0660);
	assert_null(value_mode(TEXT("777"), &mode));
	assert_int_equal(mode, 0777);
	for (size_t i = 0; i < N(bad); i++)
		assert_non_null(value_mode(text_of(bad[i]), &mode));
}

static void
a_pin_is_sha256_and_base64_of_32_bytes(void **state)
{
	static const char *const bad[] = {
		"", "sha256//", "sha1//AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=",
		"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
		"sha256//AAAAAAAAAAAAAAAAAAAAA AAAAAAAAAAAAAAAAAAAAA=",
		"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
	};
	uint8_t sha256[32];

	(void)state;
	assert_null(value_pin(TEXT(
	    "sha256//AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP8="),
	    sha256));
	assert_int_equal(sha256[0], 1);
	assert_int_equal(sha256[31], 0xff);
	for (size_t i = 0; i < N(bad); i++) {
		if (value_pin(text_of(bad[i]), sha256) == NULL)
			fail_msg("'%s' was taken", bad[i]);
	}
}

/* Which those are is told by base/date. */
static void
a_date_is_read_strictly_and_its_fault_is_named(void **state)
{
	int64_t seconds;

	(void)state;
	assert_null(value_date(TEXT("2027-02-23"), &seconds));
	assert_int_equal(seconds, INT64_C(1803340800));
	assert_string_equal(value_date(TEXT("2027-02-23T07:00"), &seconds),
	    "not a time such as \"2027-02-23T00:00:00Z\" or "
	    "\"2027-02-23\"");
	assert_string_equal(value_date(TEXT("2027-02-30"), &seconds),
	    "there is no such day or time");
	assert_int_equal(seconds, INT64_C(1803340800));
}

static void
hosts_are_names_or_addresses_in_one_form(void **state)
{
	static const struct {
		const char *text, *host;
	} good[] = {
		{ "localhost", "localhost" },
		{ "API.Elastic-Cloud.com", "api.elastic-cloud.com" },
		{ "a_b.example", "a_b.example" }, { "127.0.0.1", "127.0.0.1" },
		{ "1.2.3.4a", "1.2.3.4a" }, { "::1", "::1" },
		{ "[2001:DB8:0::1]", "2001:db8::1" },
	};
	static const char *const bad[] = { "", ".", "a.", ".a", "a..b", "-a",
		"a-", "a b", "a/b", "a,b", "*.example.com",
		"1.2.3", "1.2.3.256", "127.0.0.01", "[::1", "::1]", "[1.2.3.4]",
		"[]", "a:b", "\xc3\xa4.example", "a@b" };
	char host[VALUE_HOST];

	(void)state;
	for (size_t i = 0; i < N(good); i++) {
		assert_null(value_host(text_of(good[i].text), host));
		assert_string_equal(host, good[i].host);
	}
	for (size_t i = 0; i < N(bad); i++) {
		if (value_host(text_of(bad[i]), host) == NULL)
			fail_msg("'%s' was taken", bad[i]);
	}
}

/* Who writes more than a host is told what is too much. */
static void
what_is_more_than_a_host_is_named(void **state)
{
	static const struct {
		const char *text, *why;
	} all[] = {
		{ "https://a.example", "is a URL" },
		{ "HTTP://a.example:443/x", "is a URL" },
		{ "a.example/", "has a path" },
		{ "a.example:443/api", "has a path" },
		{ "a.example:443", "has a port" },
		{ "[::1]:443", "has a port" },
		{ "u@a.example", "names a user" },
		{ "*.example", "has a '*'" },
		{ "a.example,b.example", "is more than a host name" },
		{ "a.example b.example", "is more than a host name" },
		{ "a.example.", "ends in a '.'" },
	};
	char host[VALUE_HOST];

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		const char *why = value_host(text_of(all[i].text), host);

		if (why == NULL || strncmp(why, all[i].why,
		    strlen(all[i].why)) != 0)
			fail_msg("%s: %s", all[i].text, why != NULL ? why :
			    "taken");
	}
}

static void
a_port_may_follow_a_host(void **state)
{
	static const char *const bad[] = { "a:", "a:0", "a:65536", "a:+1",
		"a:1:2", ":1", "[::1]:", "[::1]x:1" };
	char host[VALUE_HOST];
	uint16_t port = 7;

	(void)state;
	assert_null(value_host_port(TEXT("a.example"), host, &port));
	assert_int_equal(port, 7);
	assert_null(value_host_port(TEXT("::1"), host, &port));
	assert_int_equal(port, 7);
	assert_null(value_host_port(TEXT("[::1]:443"), host, &port));
	assert_string_equal(host, "::1");
	assert_int_equal(port, 443);
	assert_null(value_host_port(TEXT("A:12443"), host, &port));
	assert_string_equal(host, "a");
	assert_int_equal(port, 12443);
	for (size_t i = 0; i < N(bad); i++) {
		if (value_host_port(text_of(bad[i]), host, &port) == NULL)
			fail_msg("'%s' was taken", bad[i]);
	}
}

static void
a_url_is_https_and_host_and_port(void **state)
{
	static const struct {
		const char *text, *host;
		uint16_t port;
	} good[] = {
		{ "https://api.elastic-cloud.com", "api.elastic-cloud.com",
		    443 },
		{ "https://api.elastic-cloud.com/", "api.elastic-cloud.com",
		    443 },
		{ "HTTPS://ECE.example:12443", "ece.example", 12443 },
		{ "https://[::1]:8443", "::1", 8443 },
		{ "https://[::1]", "::1", 443 },
	};
	static const char *const bad[] = { "", "https://", "https:///",
		"http://a.example", "ftp://a.example", "a.example",
		"https:/a.example", "https://a.example//",
		"https://a.example/api/v1", "https://a.example?x",
		"https://a.example#x", "https://user@a.example",
		"https://user:secret@a.example", "https://::1",
		"https://a.example:", "https://a.example:0",
		"https://a b.example" };
	char host[VALUE_HOST];
	uint16_t port;

	(void)state;
	for (size_t i = 0; i < N(good); i++) {
		assert_null(value_url(text_of(good[i].text), host, &port));
		assert_string_equal(host, good[i].host);
		assert_int_equal(port, good[i].port);
	}
	for (size_t i = 0; i < N(bad); i++) {
		if (value_url(text_of(bad[i]), host, &port) == NULL)
			fail_msg("'%s' was taken", bad[i]);
	}
}

static void
a_prefix_can_be_read_in_one_way_only(void **state)
{
	static const char *const bad[] = { "", "billing", "//", "/a//b",
		"/./a", "/a/..", "/a%2fb", "/a?b", "/a#b", "/a b", "/a\\b",
		"/\xc3\xa4", "/a;b", "/;", "/%61", "/{" };
	struct text prefix;

	(void)state;
	assert_null(value_prefix(TEXT("/"), &prefix));
	assert_int_equal(prefix.n, 0);
	assert_null(value_prefix(TEXT("/billing/"), &prefix));
	assert_true(text_eq(prefix, TEXT("/billing")));
	assert_null(value_prefix(TEXT("/a/b.c/_~:@"), &prefix));
	for (size_t i = 0; i < N(bad); i++) {
		if (value_prefix(text_of(bad[i]), &prefix) == NULL)
			fail_msg("'%s' was taken", bad[i]);
	}
}

static void
words_are_made_of_what_they_may_be_made_of(void **state)
{
	(void)state;
	assert_null(value_name(TEXT("team-a_1.x")));
	assert_non_null(value_name(TEXT("")));
	assert_non_null(value_name(TEXT("team a")));
	assert_non_null(value_name(TEXT("team/a")));
	assert_non_null(value_name(TEXT("essu_QUJD")));
	assert_non_null(value_name(TEXT("VuaCfGcBCdbkQm-e5aOx_VuaCfGcBCdbkQm"
	    "-e5aOx")));
	assert_null(value_name(TEXT("terraform-of-the-platform-team-of-2026"
	    "-in-frankfurt")));
	assert_non_null(value_name(TEXT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")));
	assert_null(value_token68(TEXT("ci")));
	assert_null(value_token68(TEXT("Zm9vYg==")));
	assert_non_null(value_token68(TEXT("==")));
	assert_non_null(value_token68(TEXT("a=b")));
	assert_non_null(value_token68(TEXT("a b")));
	assert_null(value_method(TEXT("GET")));
	assert_null(value_method(TEXT("M-SEARCH")));
	assert_non_null(value_method(TEXT("get")));
	assert_non_null(value_method(TEXT("CONNECT")));
	assert_non_null(value_method(TEXT("TRACE")));
	assert_non_null(value_method(TEXT("G ET")));
	assert_null(value_token(TEXT("ApiKey")));
	assert_non_null(value_token(TEXT("Api Key")));
	assert_non_null(value_token(TEXT("")));
}

static void
a_secret_is_visible_ascii(void **state)
{
	static const char *const bad[] = { "", "a b", "a\n", "\ra", "a\tb",
		"\x01", "\x7f", "\xc3\xa4" };

	(void)state;
	assert_null(value_secret(TEXT("essu_!~==")));
	for (size_t i = 0; i < N(bad); i++)
		assert_non_null(value_secret(text_of(bad[i])));
	assert_non_null(value_secret(TEXT("a\0b")));
}

static void
a_digest_has_all_its_digits(void **state)
{
	uint8_t bytes[2];

	(void)state;
	assert_null(value_hex(TEXT("0aFf"), bytes, 2));
	assert_int_equal(bytes[0], 0x0a);
	assert_int_equal(bytes[1], 0xff);
	assert_non_null(value_hex(TEXT("0af"), bytes, 2));
	assert_non_null(value_hex(TEXT("0affa"), bytes, 2));
	assert_non_null(value_hex(TEXT("0xff"), bytes, 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_have_a_unit),
		cmocka_unit_test(thresholds_are_times_or_parts_below_one_half),
		cmocka_unit_test(sizes_have_a_unit),
		cmocka_unit_test(
		    times_and_sizes_are_written_in_their_largest_unit),
		cmocka_unit_test(a_rate_has_a_number_and_a_unit),
		cmocka_unit_test(modes_are_octal),
		cmocka_unit_test(a_pin_is_sha256_and_base64_of_32_bytes),
		cmocka_unit_test(a_date_is_read_strictly_and_its_fault_is_named),
		cmocka_unit_test(hosts_are_names_or_addresses_in_one_form),
		cmocka_unit_test(what_is_more_than_a_host_is_named),
		cmocka_unit_test(a_port_may_follow_a_host),
		cmocka_unit_test(a_url_is_https_and_host_and_port),
		cmocka_unit_test(a_prefix_can_be_read_in_one_way_only),
		cmocka_unit_test(words_are_made_of_what_they_may_be_made_of),
		cmocka_unit_test(a_secret_is_visible_ascii),
		cmocka_unit_test(a_digest_has_all_its_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
