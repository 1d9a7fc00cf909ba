/*
 * A rule about names in certificates, a line end, and a name: a rule means a
 * name if and only if a plain comparison says so.
 */
#include "fuzz.h"

#include "conf/value.h"
#include "policy/certificate_name.h"

/* Byte for byte; a "*" of the rule takes what there is up to a slash. */
static bool
is_meant(struct text rule, struct text uri)
{
	size_t i = 0, j = 0;

	while (i < rule.n && j < uri.n) {
		if (rule.p[i] == '*' && uri.p[j] != '/') {
			while (j < uri.n && uri.p[j] != '/')
				j++;
			i++;
		} else if (rule.p[i++] != uri.p[j++]) {
			return false;
		}
	}
	return i == rule.n && j == uri.n;
}

static void
check_uri(struct text rule, struct text uri)
{
	bool meant = certificate_uri_matches(rule, uri);

	fuzz_assert(meant == (is_meant(rule, uri) && value_is_spiffe_id(uri)));
	/* One that is a name itself means that name. */
	if (value_is_spiffe_id(rule))
		fuzz_assert(certificate_uri_matches(rule, rule));
	if (meant && (rule.n == 0 || memchr(rule.p, '*', rule.n) == NULL))
		fuzz_assert(text_eq(rule, uri));
}

static void
check_dns(struct text rule, struct text dns)
{
	if (!certificate_dns_matches(rule, dns))
		return;
	fuzz_assert(rule.n == 4 + dns.n && memchr(dns.p, '*', dns.n) == NULL);
	for (size_t i = 0; i < dns.n; i++)
		fuzz_assert(ascii_lower(rule.p[4 + i]) ==
		    ascii_lower(dns.p[i]));
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct text name = { .p = (const char *)p, .n = n }, rule;

	if (n == 0 || !text_split(&name, '\n', &rule) || name.p == NULL)
		return 0;
	if (value_certificate_name(rule) != NULL)
		return 0;
	check_uri(rule, name);
	check_dns(rule, name);
	return 0;
}
