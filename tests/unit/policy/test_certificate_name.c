/*
 * Which names of certificates a rule means.
 */
#include "policy/certificate_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/value.h"

#define N(v)	(sizeof(v) / sizeof((v)[0]))

static const struct {
	const char *rule, *name;
	bool matches;
} uris[] = {
	{ "spiffe://corp/a", "spiffe://corp/a", true },
	{ "spiffe://corp/team-a/x", "spiffe://corp/team-a/x", true },
	/* Nothing but the same bytes. */
	{ "spiffe://corp/a", "spiffe://corp/A", false },
	{ "spiffe://corp/a", "spiffe://Corp/a", false },
	{ "spiffe://corp/a", "SPIFFE://corp/a", false },
	{ "spiffe://corp/a", "spiffe://corp/ab", false },
	{ "spiffe://corp/ab", "spiffe://corp/a", false },
	{ "spiffe://corp/a", "spiffe://corp/a/", false },
	{ "spiffe://corp/a", "spiffe://corp/a/b", false },
	{ "spiffe://corp/a/b", "spiffe://corp/a", false },
	{ "spiffe://corp/a", "spiffe://corp//a", false },
	{ "spiffe://corp/a", "spiffe://corp/%61", false },
	{ "spiffe://corp/a", "spiffe://corp/./a", false },
	{ "spiffe://corp/a", "spiffe://corp/x/../a", false },
	{ "spiffe://corp/a", "spiffe://corp/a?x", false },
	{ "spiffe://corp/a", "spiffe://corp/a#x", false },
	{ "spiffe://corp/a", " spiffe://corp/a", false },
	{ "spiffe://corp/a", "spiffe://corp/a ", false },
	{ "spiffe://corp/a", "spiffe://corp.evil/a", false },
	{ "spiffe://corp/a", "spiffe://evil/corp/a", false },
	{ "spiffe://corp/a", "spiffe://corp:443/a", false },
	{ "spiffe://corp/a", "spiffe://u@corp/a", false },
	{ "spiffe://corp/a", "https://corp/a", false },
	{ "spiffe://corp/a", "", false },
	{ "spiffe://corp/a", "a", false },
	/* A "*" is one segment. */
	{ "spiffe://corp/team-a/*", "spiffe://corp/team-a/build", true },
	{ "spiffe://corp/team-a/*", "spiffe://corp/team-a/...", true },
	{ "spiffe://corp/team-a/*", "spiffe://corp/team-a", false },
	{ "spiffe://corp/team-a/*", "spiffe://corp/team-a/", false },
	{ "spiffe://corp/team-a/*", "spiffe://corp/team-a/b/c", false },
	{ "spiffe://corp/team-a/*", "spiffe://corp/team-a/b/", false },
	{ "spiffe://corp/team-a/*", "spiffe://corp/team-a/..", false },
	{ "spiffe://corp/team-a/*", "spiffe://corp/team-a/.", false },
	{ "spiffe://corp/team-a/*", "spiffe://corp/team-a/%2F", false },
	{ "spiffe://corp/team-a/*", "spiffe://corp/team-a/a%2Fb", false },
	{ "spiffe://corp/team-a/*", "spiffe://corp/team-a/a?b", false },
	{ "spiffe://corp/team-a/*", "spiffe://corp/team-a/*", false },
	{ "spiffe://corp/team-a/*", "spiffe://corp/team-a/\xc3\xa4", false },
	{ "spiffe://corp/team-a/*", "spiffe://corp/team-ab/x", false },
	{ "spiffe://corp/team-a/*", "spiffe://corp/team-b/x", false },
	{ "spiffe://corp/team-a/*", "spiffe://corp/x/team-a/y", false },
	{ "spiffe://corp/team-a/*", "spiffe://other/team-a/x", false },
	{ "spiffe://corp/*", "spiffe://corp/x", true },
	{ "spiffe://corp/*", "spiffe://corp", false },
	{ "spiffe://corp/*", "spiffe://corp/", false },
	{ "spiffe://corp/*", "spiffe://corp/x/y", false },
	{ "spiffe://corp/*/x", "spiffe://corp/a/x", true },
	{ "spiffe://corp/*/x", "spiffe://corp/x", false },
	{ "spiffe://corp/*/x", "spiffe://corp//x", false },
	{ "spiffe://corp/*/x", "spiffe://corp/a/b/x", false },
	{ "spiffe://corp/*/x", "spiffe://corp/a/y", false },
	{ "spiffe://corp/*/*", "spiffe://corp/a/b", true },
	{ "spiffe://corp/*/*", "spiffe://corp/a", false },
	{ "spiffe://corp/ns/*/sa/ci", "spiffe://corp/ns/prod/sa/ci", true },
	{ "spiffe://corp/ns/*/sa/ci", "spiffe://corp/ns/a/sa/b/sa/ci", false },
	/* A name of one kind is none of the other. */
	{ "dns:ci", "dns:ci", false },
	{ "dns:ci", "ci", false },
};

static void
a_rule_about_uris_means_these(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(uris); i++) {
		assert_null(value_certificate_name(text_of(uris[i].rule)));
		if (certificate_uri_matches(text_of(uris[i].rule),
		    text_of(uris[i].name)) != uris[i].matches)
			fail_msg("%s, %s", uris[i].rule, uris[i].name);
	}
}

static const struct {
	const char *rule, *name;
	bool matches;
} dns[] = {
	{ "dns:ci.corp.example", "ci.corp.example", true },
	{ "dns:ci.corp.example", "CI.Corp.Example", true },
	{ "dns:CI.corp.example", "ci.corp.example", true },
	{ "dns:ci.corp.example", "ci.corp.example.", false },
	{ "dns:ci.corp.example", "ci.corp.example.evil", false },
	{ "dns:ci.corp.example", "x.ci.corp.example", false },
	{ "dns:ci.corp.example", "corp.example", false },
	{ "dns:ci.corp.example", "*.corp.example", false },
	{ "dns:ci.corp.example", "*", false },
	{ "dns:ci.corp.example", "", false },
	{ "dns:ci.corp.example", "dns:ci.corp.example", false },
	{ "dns:ci.corp.example", "spiffe://corp/ci.corp.example", false },
	{ "spiffe://corp/ci", "ci", false },
	{ "spiffe://corp/ci", "spiffe://corp/ci", false },
};

static void
a_rule_about_dns_names_means_these(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(dns); i++) {
		assert_null(value_certificate_name(text_of(dns[i].rule)));
		if (certificate_dns_matches(text_of(dns[i].rule),
		    text_of(dns[i].name)) != dns[i].matches)
			fail_msg("%s, %s", dns[i].rule, dns[i].name);
	}
}

static void
a_nul_ends_no_name(void **state)
{
	(void)state;
	assert_false(certificate_uri_matches(TEXT("spiffe://corp/a"),
	    TEXT("spiffe://corp/a\0")));
	assert_false(certificate_uri_matches(TEXT("spiffe://corp/*"),
	    TEXT("spiffe://corp/a\0b")));
	assert_false(certificate_dns_matches(TEXT("dns:ci"),
	    TEXT("ci\0.evil")));
}

static void
any_rule_may_mean_any_name(void **state)
{
	char other[] = "spiffe://corp/other", uri[] = "spiffe://corp/*";
	char host[] = "dns:ci.corp.example", team[] = "spiffe://corp/team";
	char evil[] = "spiffe://evil/x", a[] = "a.example";
	char ci[] = "ci.corp.example";
	char *v[] = { other, uri, host };
	char *hosts[] = { a, ci };
	struct conf_texts rules = { .v = v, .n = 3 };
	struct cert_names names = { .uri = team };

	(void)state;
	assert_true(certificate_names_match(&rules, &names));
	names = (struct cert_names){ .dns = hosts, .n_dns = 2 };
	assert_true(certificate_names_match(&rules, &names));
	names.uri = evil;
	assert_true(certificate_names_match(&rules, &names));
	names.n_dns = 1;
	assert_false(certificate_names_match(&rules, &names));
}

static void
without_names_or_rules_nobody_is_meant(void **state)
{
	char any[] = "spiffe://corp/*", one[] = "spiffe://corp/x";
	char *v[] = { any };
	struct conf_texts rules = { .v = v, .n = 1 };
	struct cert_names names = { .uri = NULL };

	(void)state;
	assert_false(certificate_names_match(&rules, &names));
	names.uri = one;
	rules.n = 0;
	assert_false(certificate_names_match(&rules, &names));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_about_uris_means_these),
		cmocka_unit_test(a_rule_about_dns_names_means_these),
		cmocka_unit_test(a_nul_ends_no_name),
		cmocka_unit_test(any_rule_may_mean_any_name),
		cmocka_unit_test(without_names_or_rules_nobody_is_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
