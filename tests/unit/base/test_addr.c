/*
 * Addresses: what is read is written back the same, what is not a literal
 * address is refused, loopback and CIDR know IPv4-mapped addresses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>

#include <cmocka.h>

#include "base/addr.h"

static struct addr
addr_of(const char *s)
{
	struct addr a;
	const char *why;

	if (!addr_parse(s, &a, &why))
		fail_msg("%s: %s", s, why);
	return a;
}

static void
assert_refused(const char *s)
{
	struct addr a;
	const char *why = NULL;

	if (addr_parse(s, &a, &why))
		fail_msg("'%s' was taken", s);
	assert_non_null(why);
}

static void
what_is_read_is_written_back_the_same(void **state)
{
	static const char *const texts[] = {
		"127.0.0.1:9080", "0.0.0.0:0", "[::1]:65535",
		"[2001:db8::1]:443", "[::ffff:127.0.0.1]:1",
		"unix:/run/sallyport/team-a.sock", "fd:team-a",
	};
	char buf[ADDR_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct addr a = addr_of(texts[i]);

		addr_format(&a, buf);
		assert_string_equal(buf, texts[i]);
	}
}

static void
the_kind_and_the_length_fit_the_form(void **state)
{
	struct addr a;

	(void)state;
	a = addr_of("127.0.0.1:9080");
	assert_int_equal(a.kind, ADDR_INET);
	assert_int_equal(a.len, sizeof(struct sockaddr_in));
	a = addr_of("[::1]:9080");
	assert_int_equal(a.len, sizeof(struct sockaddr_in6));
	a = addr_of("unix:/a");
	assert_int_equal(a.kind, ADDR_UNIX);
	assert_int_equal(a.len, offsetof(struct sockaddr_un, sun_path) + 3);
	a = addr_of("fd:x");
	assert_int_equal(a.kind, ADDR_INHERITED);
	assert_int_equal(a.len, 0);
	assert_string_equal(a.name, "x");
}

static void
what_is_not_a_literal_address_is_refused(void **state)
{
	static const char *const texts[] = {
		"", ":", "localhost:9080", "127.0.0.1", "127.0.0.1:",
		"127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
		"127.0.0.1:80 ", " 127.0.0.1:80", "127.1:80", "0x7f.0.0.1:80",
		"127.0.0.01:80", "::1:80", "[::1]", "[::1]80", "[::1:80",
		"[]:80", "[127.0.0.1]:80", "[fe80::1%lo]:80", ":80", "*:80",
		"unix:", "unix:relative", "unix:@abstract", "fd:", "fd:a:b",
		"fd:a b", "fd:\xc3\xa4",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_refused(texts[i]);
}

static void
what_is_wrong_with_an_address_is_said(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "127.0.0.1", "expected HOST:PORT" },
		{ "http://127.0.0.1:80", "expected HOST:PORT" },
		{ "[::1]", "a port is missing" },
		{ "::1:80", "an IPv6 address needs '[' and ']'" },
		{ "[::1]:", "the port must be a number" },
		{ "localhost:80", "not a literal address" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why = "";
		struct addr a;

		assert_false(addr_parse(cases[i].text, &a, &why));
		if (strncmp(why, cases[i].why, strlen(cases[i].why)) != 0)
			fail_msg("%s: %s", cases[i].text, why);
	}
}

static void
paths_and_names_may_be_as_long_as_the_system_takes(void **state)
{
	char s[400];
	struct addr a;

	(void)state;
	memset(s, 'x', sizeof(s));
	memcpy(s, "unix:/", 6);
	s[5 + 107] = '\0';
	a = addr_of(s);
	assert_int_equal(a.len, sizeof(struct sockaddr_un));
	s[5 + 107] = 'x';
	s[5 + 108] = '\0';
	assert_refused(s);

	memset(s, 'x', sizeof(s));
	memcpy(s, "fd:", 3);
	s[3 + 255] = '\0';
	a = addr_of(s);
	assert_int_equal(strlen(a.name), 255);
	s[3 + 255] = 'x';
	s[3 + 256] = '\0';
	assert_refused(s);
}

static void
the_port_can_be_read_and_replaced(void **state)
{
	struct addr a = addr_of("127.0.0.1:0"), b = addr_of("[::1]:7");
	struct addr u = addr_of("unix:/a");
	char buf[ADDR_TEXT];

	(void)state;
	addr_set_port(&a, 40000);
	assert_int_equal(addr_port(&a), 40000);
	addr_set_port(&b, 1);
	addr_format(&b, buf);
	assert_string_equal(buf, "[::1]:1");
	addr_set_port(&u, 1);
	assert_int_equal(addr_port(&u), 0);
}

static void
the_address_alone_has_no_port_and_no_brackets(void **state)
{
	struct addr a = addr_of("[2001:db8::1]:443"), u = addr_of("unix:/a");
	char buf[ADDR_TEXT];

	(void)state;
	addr_format_ip(&a, buf);
	assert_string_equal(buf, "2001:db8::1");
	a = addr_of("192.0.2.7:1");
	addr_format_ip(&a, buf);
	assert_string_equal(buf, "192.0.2.7");
	addr_format_ip(&u, buf);
	assert_string_equal(buf, "");
}

static void
loopback_is_127_8_and_1_and_what_is_not_inet(void **state)
{
	static const struct {
		const char *text;
		bool loopback;
	} cases[] = {
		{ "127.0.0.1:1", true }, { "127.255.255.254:1", true },
		{ "[::1]:1", true }, { "[::ffff:127.0.0.1]:1", true },
		{ "unix:/a", true }, { "fd:a", true },
		{ "0.0.0.0:1", false }, { "128.0.0.1:1", false },
		{ "[::]:1", false }, { "[::ffff:10.0.0.1]:1", false },
		{ "[::127.0.0.1]:1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr a = addr_of(cases[i].text);

		if (addr_is_loopback(&a) != cases[i].loopback)
			fail_msg("%s", cases[i].text);
	}
}

static bool
contains(const char *range, const char *address)
{
	struct addr a = addr_of(address);
	struct cidr c;
	const char *why;

	if (!cidr_parse(range, &c, &why))
		fail_msg("%s: %s", range, why);
	return cidr_contains(&c, &a);
}

static void
a_range_contains_its_addresses_and_no_others(void **state)
{
	(void)state;
	assert_true(contains("192.0.2.0/24", "192.0.2.255:1"));
	assert_false(contains("192.0.2.0/24", "192.0.3.0:1"));
	assert_true(contains("192.0.2.128/25", "192.0.2.129:1"));
	assert_false(contains("192.0.2.128/25", "192.0.2.127:1"));
	assert_true(contains("192.0.2.1", "192.0.2.1:1"));
	assert_false(contains("192.0.2.1", "192.0.2.2:1"));
	assert_true(contains("0.0.0.0/0", "8.8.8.8:1"));
	assert_false(contains("0.0.0.0/0", "[2001:db8::1]:1"));
	assert_true(contains("2001:db8::/33", "[2001:db8:7fff::1]:1"));
	assert_false(contains("2001:db8::/33", "[2001:db8:8000::1]:1"));
	assert_true(contains("::1", "[::1]:1"));
	assert_false(contains("0.0.0.0/0", "unix:/a"));
	assert_false(contains("::/0", "fd:a"));
}

static void
an_ipv4_mapped_address_counts_as_ipv4(void **state)
{
	(void)state;
	assert_true(contains("192.0.2.0/24", "[::ffff:192.0.2.9]:1"));
	assert_true(contains("::ffff:192.0.2.0/120", "192.0.2.9:1"));
	assert_true(contains("::ffff:192.0.2.0/120", "[::ffff:192.0.2.9]:1"));
	assert_false(contains("::/0", "192.0.2.9:1"));
}

static void
what_is_not_a_range_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "/", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1",
		"192.0.2.1/24", "2001:db8::/129", "2001:db8::1/64",
		"192.0.2.0/24/24", "192.0.2/24", "localhost", "[::1]/128",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct cidr c;
		const char *why = NULL;

		if (cidr_parse(texts[i], &c, &why))
			fail_msg("'%s' was taken", texts[i]);
		assert_non_null(why);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_is_written_back_the_same),
		cmocka_unit_test(the_kind_and_the_length_fit_the_form),
		cmocka_unit_test(what_is_not_a_literal_address_is_refused),
		cmocka_unit_test(what_is_wrong_with_an_address_is_said),
		cmocka_unit_test(
		    paths_and_names_may_be_as_long_as_the_system_takes),
		cmocka_unit_test(the_port_can_be_read_and_replaced),
		cmocka_unit_test(
		    the_address_alone_has_no_port_and_no_brackets),
		cmocka_unit_test(loopback_is_127_8_and_1_and_what_is_not_inet),
		cmocka_unit_test(a_range_contains_its_addresses_and_no_others),
		cmocka_unit_test(an_ipv4_mapped_address_counts_as_ipv4),
		cmocka_unit_test(what_is_not_a_range_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
