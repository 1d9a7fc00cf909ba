/*
 * Texts to values; see value.h.  Called by the setters of the options.
 */
#include "conf/value.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "base/clock.h"
#include "seal/base64.h"

struct unit {
	struct text name;
	uint64_t factor;
};

#define UNIT(name, factor)	{ { name, sizeof(name) - 1 }, factor }

/* From the smallest to the largest. */
static const struct unit times[] = {
	UNIT("ms", 1), UNIT("s", 1000), UNIT("m", 60 * 1000),
	UNIT("h", 3600 * 1000), UNIT("d", 24 * 3600 * 1000),
};
static const struct unit sizes[] = {
	UNIT("B", 1), UNIT("KiB", 1 << 10), UNIT("MiB", 1 << 20),
	UNIT("GiB", 1 << 30),
};

#define N(array)	(sizeof(array) / sizeof((array)[0]))

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	c = ascii_lower(c);
	return c >= 'a' && c <= 'z';
}

static bool
is_alnum(char c)
{
	return is_letter(c) || is_digit(c);
}

/* strchr() for a byte that may be NUL. */
static bool
is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* Digits and a unit; NULL where the form is wrong. */
static const struct unit *
split_unit(struct text t, const struct unit *units, size_t n,
    struct text *digits)
{
	size_t at = 0;

	while (at < t.n && is_digit(t.p[at]))
		at++;
	*digits = (struct text){ .p = t.p, .n = at };
	if (at == 0)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (text_eq(text_range(t.p + at, t.p + t.n), units[i].name))
			return &units[i];
	}
	return NULL;
}

static const char *
parse_unit(struct text t, const struct unit *units, size_t n,
    const char *why, uint64_t *out)
{
	const struct unit *u;
	struct text digits;
	uint64_t v;

	u = split_unit(t, units, n, &digits);
	if (u == NULL)
		return why;
	if (!text_parse_u64(digits, INT64_MAX / u->factor, &v))
		return "too large";
	*out = v * u->factor;
	return NULL;
}

const char *
value_time(struct text t, int64_t *ms)
{
	uint64_t v;
	const char *why;

	why = parse_unit(t, times, N(times),
	    "not a time: digits and one of ms, s, m, h, d", &v);
	if (why == NULL)
		*ms = (int64_t)v;
	return why;
}

const char *
value_size(struct text t, uint64_t *bytes)
{
	if (text_eq(t, TEXT("0"))) {
		*bytes = 0;
		return NULL;
	}
	return parse_unit(t, sizes, N(sizes),
	    "not a size: digits and one of B, KiB, MiB, GiB", bytes);
}

static void
format_unit(char *out, uint64_t v, const struct unit *units, size_t n)
{
	const struct unit *u = &units[0];

	for (size_t i = 1; i < n && v != 0; i++) {
		if (v % units[i].factor == 0)
			u = &units[i];
	}
	(void)snprintf(out, VALUE_TEXT, "%llu%.*s",
	    (unsigned long long)(v / u->factor), TEXT_ARG(u->name));
}

void
value_format_time(char *out, int64_t ms)
{
	format_unit(out, (uint64_t)ms, times, N(times));
}

void
value_format_size(char *out, uint64_t bytes)
{
	format_unit(out, bytes, sizes, N(sizes));
}

const char *
value_mode(struct text t, uint32_t *mode)
{
	uint32_t v = 0;

	if (t.n < 3 || t.n > 4)
		return "not a mode such as \"0660\"";
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] < '0' || t.p[i] > '7')
			return "not a mode: octal digits are 0 to 7";
		v = v << 3 | (uint32_t)(t.p[i] - '0');
	}
	if (v > 0777)
		return "not a mode: at most 0777";
	*mode = v;
	return NULL;
}

const char *
value_hex(struct text t, uint8_t *bytes, size_t n)
{
	if (t.n != 2 * n)
		return "wrong number of hexadecimal digits";
	for (size_t i = 0; i < n; i++) {
		struct text two = { .p = t.p + 2 * i, .n = 2 };
		uint64_t v;

		if (!text_parse_hex(two, 0xff, &v))
			return "not hexadecimal digits";
		bytes[i] = (uint8_t)v;
	}
	return NULL;
}

const char *
value_pin(struct text t, uint8_t sha256[32])
{
	static const char why[] =
	    "not a pin: \"sha256//\" and 44 characters of base64";
	const struct text prefix = TEXT("sha256//");
	uint8_t bytes[BASE64_ROOM(43)];
	size_t n = sizeof(bytes);

	if (!text_starts_with(t, prefix) || t.n != prefix.n + 44 ||
	    t.p[t.n - 1] != '=')
		return why;
	if (!base64_decode(text_range(t.p + prefix.n, t.p + t.n - 1), bytes,
	    &n) || n != 32)
		return why;
	memcpy(sha256, bytes, 32);
	return NULL;
}

/* Exactly n digits off the front. */
static bool
take_number(struct text *t, size_t n, int *v)
{
	uint64_t u;

	if (t->n < n ||
	    !text_parse_u64((struct text){ .p = t->p, .n = n }, 9999, &u))
		return false;
	*v = (int)u;
	t->p += n;
	t->n -= n;
	return true;
}

static bool
take_one_of(struct text *t, const char *set)
{
	if (t->n == 0 || !is_one_of(t->p[0], set))
		return false;
	t->p++;
	t->n--;
	return true;
}

/* time-offset of RFC 3339 in seconds. */
static bool
take_offset(struct text *t, int64_t *offset)
{
	int hours, minutes, sign;

	*offset = 0;
	if (take_one_of(t, "Zz"))
		return true;
	sign = t->n != 0 && t->p[0] == '-' ? -1 : 1;
	if (!take_one_of(t, "+-") || !take_number(t, 2, &hours) ||
	    !take_one_of(t, ":") || !take_number(t, 2, &minutes) ||
	    hours > 23 || minutes > 59)
		return false;
	*offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

static bool
take_fraction(struct text *t)
{
	if (!take_one_of(t, "."))
		return true;
	if (!take_one_of(t, "0123456789"))
		return false;
	while (take_one_of(t, "0123456789"))
		continue;
	return true;
}

const char *
value_date(struct text t, int64_t *seconds)
{
	static const char why[] =
	    "not a time such as \"2027-02-23T00:00:00Z\"";
	int y, mo, d, h, mi, s;
	int64_t offset, v;

	if (!take_number(&t, 4, &y) || !take_one_of(&t, "-") ||
	    !take_number(&t, 2, &mo) || !take_one_of(&t, "-") ||
	    !take_number(&t, 2, &d) || !take_one_of(&t, "Tt ") ||
	    !take_number(&t, 2, &h) || !take_one_of(&t, ":") ||
	    !take_number(&t, 2, &mi) || !take_one_of(&t, ":") ||
	    !take_number(&t, 2, &s) || !take_fraction(&t) ||
	    !take_offset(&t, &offset) || t.n != 0)
		return why;
	if (!clock_from_civil(y, mo, d, h, mi, s, &v))
		return "there is no such day or time";
	*seconds = v - offset;
	return NULL;
}

static bool
label_is_valid(struct text label)
{
	if (label.n == 0 || label.n > 63 || label.p[0] == '-' ||
	    label.p[label.n - 1] == '-')
		return false;
	for (size_t i = 0; i < label.n; i++) {
		if (!is_alnum(label.p[i]) && !is_one_of(label.p[i], "-_"))
			return false;
	}
	return true;
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

/* Shorter texts that look like base64 are mostly words. */
#define SECRET_MIN	40

bool
value_may_be_secret(struct text t)
{
	bool upper = false, lower = false, digit = false;

	if (text_starts_with(t, TEXT("essu_")))
		return true;
	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];

		if (!is_alnum(c) && !is_one_of(c, "+/=_-"))
			return false;
		upper = upper || (c >= 'A' && c <= 'Z');
		lower = lower || (c >= 'a' && c <= 'z');
		digit = digit || (c >= '0' && c <= '9');
	}
	return t.n >= SECRET_MIN && upper && lower && digit;
}

const char *
value_host(struct text t, char *out)
{
	bool bracket = t.n >= 2 && t.p[0] == '[' && t.p[t.n - 1] == ']';
	const char *why;

	if (value_may_be_secret(t))
		return "looks like a key itself, not like a host name";
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

bool
value_host_is_ipv6(const char *host)
{
	return strchr(host, ':') != NULL;
}

/* Where the colon before the port is, or NULL. */
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

const char *
value_url(struct text t, char *host, uint16_t *port)
{
	const struct text scheme = TEXT("https://");
	const struct text plain = TEXT("http://");
	struct text rest;

	if (t.n >= plain.n &&
	    text_eq_nocase((struct text){ .p = t.p, .n = plain.n }, plain))
		return "must be https: a key is never sent in the clear";
	if (t.n < scheme.n ||
	    !text_eq_nocase((struct text){ .p = t.p, .n = scheme.n }, scheme))
		return "must begin with https://";
	rest = text_range(t.p + scheme.n, t.p + t.n);
	if (rest.n != 0 && memchr(rest.p, '@', rest.n) != NULL)
		return "must not hold a user name or password";
	if (text_ends_with(rest, TEXT("/")))
		rest.n--;
	for (size_t i = 0; i < rest.n; i++) {
		if (is_one_of(rest.p[i], "/?#"))
			return "must end after host and port, without a path";
	}
	if (rest.n != 0 && rest.p[0] != '[' &&
	    memchr(rest.p, ':', rest.n) != memrchr(rest.p, ':', rest.n))
		return "an IPv6 address needs '[' and ']' around it";
	*port = 443;
	return value_host_port(rest, host, port);
}

const char *
value_name(struct text t)
{
	if (value_may_be_secret(t))
		return "looks like a key itself, not like the name of one";
	if (t.n == 0 || t.n > 64)
		return "a name has 1 to 64 characters";
	for (size_t i = 0; i < t.n; i++) {
		if (!is_alnum(t.p[i]) && !is_one_of(t.p[i], "._-"))
			return "a name is made of letters, digits, "
			       "'.', '_' and '-'";
	}
	return NULL;
}

const char *
value_token68(struct text t)
{
	size_t n = t.n;

	while (n > 0 && t.p[n - 1] == '=')
		n--;
	if (n == 0 || t.n > 512)
		return "must have 1 to 512 characters";
	for (size_t i = 0; i < n; i++) {
		if (!is_alnum(t.p[i]) && !is_one_of(t.p[i], "-._~+/"))
			return "must be made of letters, digits and "
			       "-._~+/ (and = at its end)";
	}
	return NULL;
}

const char *
value_token(struct text t)
{
	if (value_may_be_secret(t))
		return "looks like a key itself";
	if (t.n == 0)
		return "must not be empty";
	for (size_t i = 0; i < t.n; i++) {
		if (!is_alnum(t.p[i]) &&
		    !is_one_of(t.p[i], "!#$%&'*+-.^_`|~"))
			return "holds a character that is not allowed here";
	}
	return NULL;
}

const char *
value_method(struct text t)
{
	const char *why = value_token(t);

	if (why != NULL)
		return why;
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] >= 'a' && t.p[i] <= 'z')
			return "methods are written in upper case";
	}
	if (text_eq(t, TEXT("CONNECT")) || text_eq(t, TEXT("TRACE")))
		return "this method is always refused";
	return NULL;
}

const char *
value_prefix(struct text t, struct text *prefix)
{
	struct text rest, segment;

	if (t.n == 0 || t.p[0] != '/')
		return "must begin with '/'";
	if (t.n > 0 && t.p[t.n - 1] == '/')
		t.n--;
	*prefix = t;
	if (t.n == 0)
		return NULL;
	for (size_t i = 0; i < t.n; i++) {
		if (!is_alnum(t.p[i]) &&
		    !is_one_of(t.p[i], "/-._~!$&'()*+,;=:@"))
			return "holds a character that is not allowed "
			       "in the path of a route";
	}
	rest = text_range(t.p + 1, t.p + t.n);
	while (text_split(&rest, '/', &segment)) {
		if (segment.n == 0 || text_eq(segment, TEXT(".")) ||
		    text_eq(segment, TEXT("..")))
			return "must not hold an empty segment, '.' or '..'";
	}
	return NULL;
}

const char *
value_secret(struct text t)
{
	if (t.n == 0)
		return "is empty";
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];

		if (c == '\r' || c == '\n')
			return "holds the end of a line";
		if (c == ' ' || c == '\t')
			return "holds a space";
		if (c >= 0x80)
			return "holds a byte that is not ASCII";
		if (c < ' ' || c == 0x7f)
			return "holds a NUL or another control character";
	}
	return NULL;
}
