/*
 * Names of clients in certificates, as rules name them; see value.h.  What a
 * SPIFFE ID is says the SPIFFE-ID standard, section 2.
 */
#include "conf/value.h"

#define SPIFFE		TEXT("spiffe://")
#define DNS		TEXT("dns:")

/* Bytes, by the standard. */
#define SPIFFE_MOST	2048
#define TRUST_DOMAIN_MOST 255

/* Letters, digits and ".-_", but not a step in the tree of folders. */
static bool
segment_is_valid(struct text segment)
{
	return segment.n != 0 && text_is_made_of(segment, ".-_") &&
	    !text_eq(segment, TEXT(".")) && !text_eq(segment, TEXT(".."));
}

/* There is one spelling of a trust domain: it has no upper case. */
static bool
trust_domain_is_valid(struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		if (ascii_lower(t.p[i]) != t.p[i])
			return false;
	}
	return t.n != 0 && t.n <= TRUST_DOMAIN_MOST &&
	    text_is_made_of(t, ".-_");
}

/* What is wrong with a path; a pattern may have segments that are "*". */
static const char *
check_path(struct text path, bool pattern)
{
	struct text segment;

	while (text_split(&path, '/', &segment)) {
		if (pattern && text_eq(segment, TEXT("*")))
			continue;
		if (pattern && segment.n != 0 &&
		    memchr(segment.p, '*', segment.n) != NULL)
			return "a '*' stands for a whole segment of the path, "
			       "so nothing else may be in that segment";
		if (segment.n == 0)
			return "no segment of its path may be empty";
		if (!segment_is_valid(segment))
			return "a segment of its path is made of letters, "
			       "digits, '.', '-' and '_'";
	}
	return NULL;
}

static const char *
check_spiffe(struct text t, bool pattern)
{
	struct text rest = text_from(t, SPIFFE.n), domain;

	if (t.n > SPIFFE_MOST)
		return "a SPIFFE ID has at most 2048 characters";
	if (!text_split(&rest, '/', &domain) || domain.n == 0)
		return "a trust domain must follow spiffe://";
	if (memchr(domain.p, '*', domain.n) != NULL)
		return "a '*' stands for a segment of the path, not for a "
		       "trust domain";
	if (!trust_domain_is_valid(domain))
		return "a trust domain is made of lower-case letters, digits, "
		       "'.', '-' and '_'";
	if (rest.p == NULL || rest.n == 0)
		return "names a trust domain: the path of a client must "
		       "follow";
	return check_path(rest, pattern);
}

bool
value_is_spiffe_id(struct text t)
{
	return text_starts_with(t, SPIFFE) && check_spiffe(t, false) == NULL;
}

static bool
is_number(struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		if (!ascii_is_digit(t.p[i]) && t.p[i] != '.')
			return false;
	}
	return t.n != 0;
}

static const char *
check_dns(struct text t)
{
	char host[VALUE_HOST];

	if (t.n != 0 && memchr(t.p, '*', t.n) != NULL)
		return "a '*' stands for a segment of a SPIFFE ID's path: "
		       "each DNS name is written out";
	if (t.n != 0 && memchr(t.p, ':', t.n) != NULL)
		return "only a DNS name belongs behind dns:";
	if (is_number(t))
		return "an address is no DNS name";
	return value_host(t, host);
}

const char *
value_certificate_name(struct text t)
{
	if (value_may_be_secret(t))
		return "looks like a key itself, not like a name of a client";
	if (text_starts_with(t, SPIFFE))
		return check_spiffe(t, true);
	if (text_starts_with(t, DNS))
		return check_dns(text_from(t, DNS.n));
	if (text_starts_with_nocase(t, SPIFFE) ||
	    text_starts_with_nocase(t, DNS))
		return "'spiffe://' and 'dns:' are written in lower case";
	return "must begin with spiffe:// or dns:";
}

/*
 * Segment by segment, so that a "*" never reaches over a slash; the first
 * segments are the scheme and the trust domain.
 */
bool
value_certificate_covers(struct text rule, struct text other)
{
	struct text wanted, given;

	while (text_split(&rule, '/', &wanted)) {
		if (!text_split(&other, '/', &given))
			return false;
		if (!text_eq(wanted, TEXT("*")) && !text_eq(wanted, given))
			return false;
	}
	return other.p == NULL;
}
