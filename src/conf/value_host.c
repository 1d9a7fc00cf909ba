/*
 * Hosts, ports and URLs; see value.h.
 */
#include "conf/value.h"

#include <arpa/inet.h>

static bool
label_is_valid(struct text label)
{
	return label.n != 0 && label.n <= 63 && label.p[0] != '-' &&
	    label.p[label.n - 1] != '-' && text_is_made_of(label, "-_");
}

/* A name whose last label is a number is a mistyped address. */
static const char *
check_name(struct text t)
{
	struct text label = TEXT("");
	uint64_t number;

	if (t.n == 0)
		return "a host name is missing";
	if (t.n > 253)
		return "a host name has at most 253 characters";
	while (text_split(&t, '.', &label)) {
		if (!label_is_valid(label))
			return "not a host name";
	}
	if (text_parse_u64(label, UINT64_MAX, &number))
		return "not an IPv4 address";
	return NULL;
}

static bool
copy_ip(int family, struct text t, char *out)
{
	char buf[INET6_ADDRSTRLEN];
	uint8_t bytes[16];

	if (t.n == 0 || t.n >= sizeof(buf) || memchr(t.p, '\0', t.n) != NULL)
		return false;
	memcpy(buf, t.p, t.n);
	buf[t.n] = '\0';
	return inet_pton(family, buf, bytes) == 1 &&
	    inet_ntop(family, bytes, out, VALUE_HOST) != NULL;
}

/* The colon before the port, or NULL. */
static const char *
find_port(struct text t)
{
	const char *colon = t.n != 0 ? memrchr(t.p, ':', t.n) : NULL;

	if (colon == NULL)
		return NULL;
	if (t.p[0] == '[')
		return colon > t.p && colon[-1] == ']' ? colon : NULL;
	/* Two colons and no bracket: an IPv6 address without a port. */
	return memchr(t.p, ':', t.n) == colon ? colon : NULL;
}

/* Explains common texts that are more than a host. */
static const char *
explain_host(struct text t)
{
	if (text_contains(t, TEXT("://")))
		return "is a URL: only its host belongs here";
	if (t.n != 0 && memchr(t.p, '/', t.n) != NULL)
		return "has a path: only the host belongs here";
	if (t.n != 0 && memchr(t.p, '@', t.n) != NULL)
		return "names a user: only the host belongs here";
	if (t.n != 0 && memchr(t.p, '*', t.n) != NULL)
		return "has a '*': each host is named by itself";
	if (t.n != 0 && (memchr(t.p, ',', t.n) != NULL ||
	    memchr(t.p, ' ', t.n) != NULL))
		return "is more than a host name: each host stands by itself";
	if (text_ends_with(t, TEXT(".")))
		return "ends in a '.': leave it out";
	if (find_port(t) != NULL)
		return "has a port: only the host belongs here";
	return NULL;
}

const char *
value_host(struct text t, char *out)
{
	bool bracket = t.n >= 2 && t.p[0] == '[' && t.p[t.n - 1] == ']';
	const char *why;

	if (value_may_be_secret(t))
		return "looks like a key itself, not like a host name";
	why = explain_host(t);
	if (why != NULL)
		return why;
	if (bracket)
		t = text_range(t.p + 1, t.p + t.n - 1);
	if (copy_ip(AF_INET6, t, out))
		return NULL;
	if (bracket || (t.n != 0 && memchr(t.p, ':', t.n) != NULL))
		return "not a host name or IPv6 address";
	if (copy_ip(AF_INET, t, out))
		return NULL;
	why = check_name(t);
	if (why != NULL)
		return why;
	for (size_t i = 0; i < t.n; i++)
		out[i] = ascii_lower(t.p[i]);
	out[t.n] = '\0';
	return NULL;
}

const char *
value_host_port(struct text t, char *host, uint16_t *port)
{
	const char *colon = find_port(t);
	uint64_t v;

	if (colon == NULL)
		return value_host(t, host);
	if (!text_parse_u64(text_range(colon + 1, t.p + t.n), 65535, &v) ||
	    v == 0)
		return "the port must be a number from 1 to 65535";
	*port = (uint16_t)v;
	return value_host(text_range(t.p, colon), host);
}

static const struct text plain_scheme = { "http://", 7 };
static const struct text tls_scheme = { "https://", 8 };

/* HOST[:PORT][/] behind the scheme of a URL. */
static const char *
read_authority(struct text rest, char *host, uint16_t *port)
{
	if (text_ends_with(rest, TEXT("/")))
		rest.n--;
	for (size_t i = 0; i < rest.n; i++) {
		if (ascii_is_one_of(rest.p[i], "/?#"))
			return "must end after host and port, without a path";
	}
	if (rest.n != 0 && rest.p[0] != '[' &&
	    memchr(rest.p, ':', rest.n) != memrchr(rest.p, ':', rest.n))
		return "an IPv6 address needs '[' and ']' around it";
	return value_host_port(rest, host, port);
}

static bool
names_user(struct text rest)
{
	return rest.n != 0 && memchr(rest.p, '@', rest.n) != NULL;
}

const char *
value_url(struct text t, char *host, uint16_t *port)
{
	struct text rest;

	if (text_starts_with_nocase(t, plain_scheme))
		return "must be https: a key is never sent in the clear";
	if (!text_starts_with_nocase(t, tls_scheme))
		return "must begin with https://";
	rest = text_from(t, tls_scheme.n);
	if (names_user(rest))
		return "must not hold a user name or password";
	*port = 443;
	return read_authority(rest, host, port);
}

const char *
value_proxy(struct text t, char *host, uint16_t *port, bool *tls)
{
	const char *why;
	struct text rest;

	*tls = text_starts_with_nocase(t, tls_scheme);
	if (!*tls && !text_starts_with_nocase(t, plain_scheme))
		return "must begin with http:// or https://, and is spoken to "
		    "by CONNECT";
	rest = text_from(t, *tls ? tls_scheme.n : plain_scheme.n);
	if (names_user(rest))
		return "must not hold a user name or password: seal them as a "
		    "key, and name that in 'proxy_key'";
	*port = 0;
	why = read_authority(rest, host, port);
	return why == NULL && *port == 0 ? "a port is missing" : why;
}
