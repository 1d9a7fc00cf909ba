/*
 * How rules may name the owners of certificates.
 */
#include "conf/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define N(v)	(sizeof(v) / sizeof((v)[0]))

static void
a_rule_names_a_spiffe_id_or_a_dns_name(void **state)
{
	static const char *const good[] = {
		"spiffe://corp/team-a/build", "spiffe://corp/*",
		"spiffe://corp/team-a/*", "spiffe://corp/*/build",
		"spiffe://corp/*/*", "spiffe://a.corp-1_x/A.b-c_9",
		"spiffe://corp/...", "spiffe://corp/.x",
		"spiffe://corp/ns/ci/sa/*",
		"dns:ci.corp.example", "dns:CI.corp.example", "dns:ci",
		"dns:1.2.3.4a",
	};

	(void)state;
	for (size_t i = 0; i < N(good); i++) {
		const char *why = value_certificate_name(text_of(good[i]));

		if (why != NULL)
			fail_msg("%s: %s", good[i], why);
	}
}

static void
what_is_wrong_with_a_rule_is_told(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "must begin" }, { "*", "must begin" },
		{ "ci", "must begin" }, { "ci.corp.example", "must begin" },
		{ "uri:spiffe://corp/x", "must begin" },
		{ "https://corp/x", "must begin" },
		{ "CN=ci", "must begin" }, { "spiffe:/corp/x", "must begin" },
		{ "spiffe", "must begin" }, { " spiffe://corp/x", "must" },
		{ "SPIFFE://corp/x", "'spiffe://' and 'dns:' are written" },
		{ "Dns:ci", "'spiffe://' and 'dns:' are written" },
		{ "spiffe://", "a trust domain must follow" },
		{ "spiffe:///x", "a trust domain must follow" },
		{ "spiffe://corp", "names a trust domain" },
		{ "spiffe://corp/", "names a trust domain" },
		{ "spiffe://*/x", "a '*' stands for a segment" },
		{ "spiffe://c*/x", "a '*' stands for a segment" },
		{ "spiffe://Corp/x", "a trust domain is made of" },
		{ "spiffe://corp:443/x", "a trust domain is made of" },
		{ "spiffe://u@corp/x", "a trust domain is made of" },
		{ "spiffe://c\xc3\xb6rp/x", "a trust domain is made of" },
		{ "spiffe://corp/team*", "a '*' stands for a whole" },
		{ "spiffe://corp/**", "a '*' stands for a whole" },
		{ "spiffe://corp/a*b/c", "a '*' stands for a whole" },
		{ "spiffe://corp/a/", "no segment" },
		{ "spiffe://corp//a", "no segment" },
		{ "spiffe://corp/*/", "no segment" },
		{ "spiffe://corp/.", "a segment of its path" },
		{ "spiffe://corp/../x", "a segment of its path" },
		{ "spiffe://corp/a b", "a segment of its path" },
		{ "spiffe://corp/a%2Fb", "a segment of its path" },
		{ "spiffe://corp/a?b", "a segment of its path" },
		{ "spiffe://corp/a#b", "a segment of its path" },
		{ "spiffe://corp/a\n", "a segment of its path" },
		{ "spiffe://corp/\xc3\xa4", "a segment of its path" },
		{ "dns:", "a host name is missing" },
		{ "dns:*", "a '*' stands for a segment of a SPIFFE" },
		{ "dns:*.corp.example", "a '*' stands for a segment of a" },
		{ "dns:ci:443", "only a DNS name belongs" },
		{ "dns:::1", "only a DNS name belongs" },
		{ "dns:127.0.0.1", "an address is no DNS name" },
		{ "dns:ci.corp.example.", "ends in a '.'" },
		{ "dns:ci/x", "has a path" }, { "dns:a b", "is more than" },
		{ "dns://ci", "has a path" },
		{ "essu_abcdefghijklmnop", "looks like a key itself" },
	};

	(void)state;
	for (size_t i = 0; i < N(bad); i++) {
		const char *why = value_certificate_name(text_of(bad[i].text));

		if (why == NULL || strncmp(why, bad[i].why,
		    strlen(bad[i].why)) != 0)
			fail_msg("%s: %s", bad[i].text, why != NULL ? why :
			    "taken");
	}
}

static void
a_nul_is_in_no_rule(void **state)
{
	(void)state;
	assert_non_null(value_certificate_name(TEXT("spiffe://corp/a\0b")));
	assert_non_null(value_certificate_name(TEXT("spiffe://corp\0/ab")));
	assert_non_null(value_certificate_name(TEXT("dns:ci\0.example")));
}

static void
a_name_is_no_longer_than_it_may_be(void **state)
{
	struct text longest = { .p = xasprintf("spiffe://corp/%02034d", 1),
		.n = 2048 };
	struct text domain = text_of(xasprintf("spiffe://%0255d/x", 1));
	struct text more = text_of(xasprintf("spiffe://%0256d/x", 1));

	(void)state;
	assert_null(value_certificate_name(longest));
	assert_true(value_is_spiffe_id(longest));
	free((void *)(uintptr_t)longest.p);
	longest = text_of(xasprintf("spiffe://corp/%02035d", 1));
	assert_non_null(value_certificate_name(longest));
	assert_false(value_is_spiffe_id(longest));
	assert_null(value_certificate_name(domain));
	assert_non_null(value_certificate_name(more));
	free((void *)(uintptr_t)longest.p);
	free((void *)(uintptr_t)domain.p);
	free((void *)(uintptr_t)more.p);
}

static void
a_pattern_is_no_spiffe_id(void **state)
{
	(void)state;
	assert_true(value_is_spiffe_id(TEXT("spiffe://corp/team-a/x")));
	assert_false(value_is_spiffe_id(TEXT("spiffe://corp/team-a/*")));
	assert_false(value_is_spiffe_id(TEXT("spiffe://corp")));
	assert_false(value_is_spiffe_id(TEXT("dns:ci")));
	assert_false(value_is_spiffe_id(TEXT("")));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_names_a_spiffe_id_or_a_dns_name),
		cmocka_unit_test(what_is_wrong_with_a_rule_is_told),
		cmocka_unit_test(a_nul_is_in_no_rule),
		cmocka_unit_test(a_name_is_no_longer_than_it_may_be),
		cmocka_unit_test(a_pattern_is_no_spiffe_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
