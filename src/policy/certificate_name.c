/*
 * Rules about names in certificates; see certificate_name.h.
 */
#include "policy/certificate_name.h"

#include "conf/value.h"

#define DNS	TEXT("dns:")

bool
certificate_uri_matches(struct text rule, struct text uri)
{
	return value_certificate_covers(rule, uri) && value_is_spiffe_id(uri);
}

/*
 * Names of DNS have no case (RFC 4343).  A name with a wildcard, which is a
 * server's, is no client's: no rule is written like it.
 */
bool
certificate_dns_matches(struct text rule, struct text dns)
{
	return text_starts_with(rule, DNS) && dns.n != 0 &&
	    text_eq_nocase(text_from(rule, DNS.n), dns);
}

static bool
rule_matches(struct text rule, const struct cert_names *names)
{
	if (names->uri != NULL &&
	    certificate_uri_matches(rule, text_of(names->uri)))
		return true;
	for (size_t i = 0; i < names->n_dns; i++) {
		if (certificate_dns_matches(rule, text_of(names->dns[i])))
			return true;
	}
	return false;
}

bool
certificate_names_match(const struct conf_texts *rules,
    const struct cert_names *names)
{
	for (size_t i = 0; i < rules->n; i++) {
		if (rule_matches(text_of(rules->v[i]), names))
			return true;
	}
	return false;
}
