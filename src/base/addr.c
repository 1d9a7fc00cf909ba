/*
 * Socket addresses as data; see addr.h.  Nothing here opens a socket or asks a
 * name server.  The configuration is read with it; listeners, dialling and the
 * access log write addresses.
 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#define PORT_MAX	65535

static const struct text unix_prefix = { .p = "unix:", .n = 5 };
static const struct text inherited_prefix = { .p = "fd:", .n = 3 };

static struct sockaddr_in *
inet4(struct addr *a)
{
	return (struct sockaddr_in *)(void *)&a->ss;
}

static struct sockaddr_in6 *
inet6(struct addr *a)
{
	return (struct sockaddr_in6 *)(void *)&a->ss;
}

static const struct sockaddr_in *
inet4_of(const struct addr *a)
{
	return (const struct sockaddr_in *)(const void *)&a->ss;
}

static const struct sockaddr_in6 *
inet6_of(const struct addr *a)
{
	return (const struct sockaddr_in6 *)(const void *)&a->ss;
}

static const char *
parse_unix(struct text path, struct addr *a)
{
	if (path.n == 0 || path.p[0] != '/')
		return "the path of a Unix socket must begin with '/'";
	if (path.n >= sizeof(a->un.sun_path))
		return "the path of a Unix socket is too long "
		       "(107 bytes at most)";
	a->kind = ADDR_UNIX;
	a->un.sun_family = AF_UNIX;
	memcpy(a->un.sun_path, path.p, path.n);
	a->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    path.n + 1);
	return NULL;
}

/* FileDescriptorName= takes ASCII without controls and without colons. */
static const char *
parse_inherited(struct text name, struct addr *a)
{
	if (name.n == 0)
		return "the name of a descriptor is missing after 'fd:'";
	if (name.n >= sizeof(a->name))
		return "the name of a descriptor is too long "
		       "(255 bytes at most)";
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] <= ' ' || name.p[i] > '~' || name.p[i] == ':')
			return "the name of a descriptor holds a character "
			       "that systemd does not allow";
	}
	a->kind = ADDR_INHERITED;
	memcpy(a->name, name.p, name.n);
	return NULL;
}

/* inet_pton() of a text; the longest IPv6 address is 45 bytes. */
static bool
parse_ip(int family, struct text t, void *bytes)
{
	char buf[INET6_ADDRSTRLEN];

	if (t.n == 0 || t.n >= sizeof(buf) || memchr(t.p, '\0', t.n) != NULL)
		return false;
	memcpy(buf, t.p, t.n);
	buf[t.n] = '\0';
	return inet_pton(family, buf, bytes) == 1;
}

static const char *
parse_host6(struct text host, struct addr *a)
{
	if (!parse_ip(AF_INET6, host, &inet6(a)->sin6_addr))
		return "not a literal IPv6 address between '[' and ']'";
	inet6(a)->sin6_family = AF_INET6;
	a->len = sizeof(struct sockaddr_in6);
	return NULL;
}

static const char *
parse_host4(struct text host, struct addr *a)
{
	if (host.n != 0 && memchr(host.p, ':', host.n) != NULL)
		return "an IPv6 address needs '[' and ']' around it: "
		       "[ADDRESS]:PORT";
	if (!parse_ip(AF_INET, host, &inet4(a)->sin_addr))
		return "not a literal address such as 127.0.0.1 or [::1] "
		       "(names are not looked up here)";
	inet4(a)->sin_family = AF_INET;
	a->len = sizeof(struct sockaddr_in);
	return NULL;
}

static const char *
parse_inet(struct text t, struct addr *a)
{
	const char *colon, *why;
	struct text host;
	uint64_t port;

	colon = t.n != 0 ? memrchr(t.p, ':', t.n) : NULL;
	if (colon == NULL || memchr(t.p, '/', t.n) != NULL)
		return "expected HOST:PORT, [IPv6]:PORT, unix:/PATH or "
		       "fd:NAME";
	if (t.p[t.n - 1] == ']')
		return "a port is missing behind ']'";
	host = text_range(t.p, colon);
	a->kind = ADDR_INET;
	if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		why = parse_host6(text_range(host.p + 1, colon - 1), a);
	else
		why = parse_host4(host, a);
	if (why != NULL)
		return why;
	if (!text_parse_u64(text_range(colon + 1, t.p + t.n), PORT_MAX, &port))
		return "the port must be a number from 0 to 65535";
	addr_set_port(a, (uint16_t)port);
	return NULL;
}

bool
addr_parse(const char *s, struct addr *a, const char **why)
{
	struct text t = text_of(s);

	memset(a, 0, sizeof(*a));
	if (text_starts_with(t, unix_prefix))
		*why = parse_unix(text_of(s + unix_prefix.n), a);
	else if (text_starts_with(t, inherited_prefix))
		*why = parse_inherited(text_of(s + inherited_prefix.n), a);
	else
		*why = parse_inet(t, a);
	return *why == NULL;
}

void
addr_format_ip(const struct addr *a, char *out)
{
	const void *bytes;

	out[0] = '\0';
	if (a->kind != ADDR_INET)
		return;
	if (a->sa.sa_family == AF_INET6)
		bytes = &inet6_of(a)->sin6_addr;
	else
		bytes = &inet4_of(a)->sin_addr;
	if (inet_ntop(a->sa.sa_family, bytes, out, ADDR_TEXT) == NULL)
		out[0] = '\0';
}

static void
format_inet(const struct addr *a, char *out)
{
	char ip[ADDR_TEXT];

	addr_format_ip(a, ip);
	(void)snprintf(out, ADDR_TEXT,
	    a->sa.sa_family == AF_INET6 ? "[%.64s]:%u" : "%.64s:%u", ip,
	    addr_port(a));
}

/* An abstract name begins with NUL and may hold any byte. */
static void
format_unix(const struct addr *a, char *out)
{
	const size_t at = offsetof(struct sockaddr_un, sun_path);
	const char *path = a->un.sun_path;
	size_t n = a->len > at ? a->len - at : 0;

	if (path[0] != '\0' || n < 2) {
		(void)snprintf(out, ADDR_TEXT, "unix:%.*s",
		    (int)sizeof(a->un.sun_path), path);
		return;
	}
	out += snprintf(out, ADDR_TEXT, "unix:@");
	for (size_t i = 1; i < n && i < sizeof(a->un.sun_path); i++)
		*out++ = path[i] > ' ' && path[i] <= '~' ? path[i] : '?';
	*out = '\0';
}

void
addr_format(const struct addr *a, char *out)
{
	switch (a->kind) {
	case ADDR_INET:
		format_inet(a, out);
		return;
	case ADDR_UNIX:
		format_unix(a, out);
		return;
	case ADDR_INHERITED:
		(void)snprintf(out, ADDR_TEXT, "fd:%.*s",
		    (int)sizeof(a->name), a->name);
		return;
	}
}

uint16_t
addr_port(const struct addr *a)
{
	if (a->kind != ADDR_INET)
		return 0;
	return ntohs(a->sa.sa_family == AF_INET6 ? inet6_of(a)->sin6_port :
	    inet4_of(a)->sin_port);
}

void
addr_set_port(struct addr *a, uint16_t port)
{
	if (a->kind != ADDR_INET)
		return;
	if (a->sa.sa_family == AF_INET6)
		inet6(a)->sin6_port = htons(port);
	else
		inet4(a)->sin_port = htons(port);
}

/*
 * The bytes of an address; those of an IPv4-mapped one (RFC 4291 section
 * 2.5.5.2) are the last four, and it counts as AF_INET.
 */
static const uint8_t *
unmapped(const struct addr *a, int *family)
{
	const struct in6_addr *in6;

	*family = AF_INET;
	if (a->sa.sa_family != AF_INET6)
		return (const uint8_t *)&inet4_of(a)->sin_addr;
	in6 = &inet6_of(a)->sin6_addr;
	if (IN6_IS_ADDR_V4MAPPED(in6))
		return in6->s6_addr + 12;
	*family = AF_INET6;
	return in6->s6_addr;
}

bool
addr_same_ip(const struct addr *a, const struct addr *b)
{
	const uint8_t *x, *y;
	int of_a, of_b;

	if (a->kind != ADDR_INET || b->kind != ADDR_INET)
		return false;
	x = unmapped(a, &of_a);
	y = unmapped(b, &of_b);
	return of_a == of_b && memcmp(x, y, of_a == AF_INET ? 4 : 16) == 0;
}

bool
addr_is_loopback(const struct addr *a)
{
	const uint8_t *bytes;
	int family;

	if (a->kind != ADDR_INET)
		return true;
	bytes = unmapped(a, &family);
	if (family == AF_INET)
		return bytes[0] == 127;
	return IN6_IS_ADDR_LOOPBACK(&inet6_of(a)->sin6_addr);
}

/* The bits from number bits on are all zero. */
static bool
tail_is_zero(const struct cidr *c, unsigned width)
{
	for (unsigned i = c->bits; i < width; i++) {
		if ((c->bytes[i / 8] & (0x80u >> (i % 8))) != 0)
			return false;
	}
	return true;
}

/* ::ffff:192.0.2.0/120 is 192.0.2.0/24. */
static void
cidr_unmap(struct cidr *c)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	if (c->family != AF_INET6 || c->bits < 96 ||
	    memcmp(c->bytes, prefix, sizeof(prefix)) != 0)
		return;
	c->family = AF_INET;
	c->bits -= 96;
	memmove(c->bytes, c->bytes + 12, 4);
	memset(c->bytes + 4, 0, 12);
}

static const char *
parse_cidr(struct text t, struct cidr *c)
{
	const char *slash = t.n != 0 ? memchr(t.p, '/', t.n) : NULL;
	struct text ip = text_range(t.p, slash != NULL ? slash : t.p + t.n);
	unsigned width;
	uint64_t bits;

	if (parse_ip(AF_INET, ip, c->bytes))
		c->family = AF_INET;
	else if (parse_ip(AF_INET6, ip, c->bytes))
		c->family = AF_INET6;
	else
		return "not an address such as 192.0.2.0/24 or 2001:db8::/32";
	width = c->family == AF_INET ? 32 : 128;
	bits = width;
	if (slash != NULL && !text_parse_u64(text_range(slash + 1, t.p + t.n),
	    width, &bits))
		return "the number of bits after '/' is out of range";
	c->bits = (unsigned)bits;
	if (!tail_is_zero(c, width))
		return "the address has bits set beyond its prefix";
	cidr_unmap(c);
	return NULL;
}

bool
cidr_parse(const char *s, struct cidr *c, const char **why)
{
	memset(c, 0, sizeof(*c));
	*why = parse_cidr(text_of(s), c);
	return *why == NULL;
}

void
cidr_format(const struct cidr *c, char *out)
{
	char ip[INET6_ADDRSTRLEN];
	unsigned all = c->family == AF_INET6 ? 128 : 32;

	if (inet_ntop(c->family, c->bytes, ip, sizeof(ip)) == NULL)
		ip[0] = '\0';
	if (c->bits == all)
		(void)snprintf(out, CIDR_TEXT, "%s", ip);
	else
		(void)snprintf(out, CIDR_TEXT, "%s/%u", ip, c->bits);
}

/* The bits of the prefix are the first ones of the address. */
static bool
begins_as(const struct cidr *c, const uint8_t *bytes)
{
	unsigned whole = c->bits / 8, rest = c->bits % 8;

	return memcmp(bytes, c->bytes, whole) == 0 && (rest == 0 ||
	    ((bytes[whole] ^ c->bytes[whole]) & (0xff00u >> rest) & 0xff) ==
	    0);
}

bool
cidr_contains(const struct cidr *c, const struct addr *a)
{
	const uint8_t *bytes;
	int family;

	if (a->kind != ADDR_INET)
		return false;
	bytes = unmapped(a, &family);
	return family == c->family && begins_as(c, bytes);
}

bool
cidr_any_contains(const struct cidr *v, size_t n, const struct addr_ip *ip)
{
	struct addr a;

	addr_ip_to(ip, &a);
	for (size_t i = 0; i < n; i++) {
		if (cidr_contains(&v[i], &a))
			return true;
	}
	return false;
}

bool
cidr_text_has(const char *range, struct text host)
{
	struct addr a = { .kind = ADDR_INET };
	const char *why;
	struct cidr c;

	if (!cidr_parse(range, &c, &why))
		return false;
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		why = parse_host6((struct text){ .p = host.p + 1,
		    .n = host.n - 2 }, &a);
	else
		why = parse_host4(host, &a);
	return why == NULL && cidr_contains(&c, &a);
}

bool
cidr_covers(const struct cidr *all, const struct cidr *some)
{
	return all->family == some->family && all->bits <= some->bits &&
	    begins_as(all, some->bytes);
}

void
addr_ip_from(struct addr_ip *ip, const struct addr *a)
{
	memset(ip, 0, sizeof(*ip));
	if (a->kind != ADDR_INET || a->len > sizeof(ip->in6))
		return;
	memcpy(ip, &a->ss, a->len);
	ip->len = (uint8_t)a->len;
}

void
addr_ip_to(const struct addr_ip *ip, struct addr *a)
{
	memset(a, 0, sizeof(*a));
	a->kind = ip->len != 0 ? ADDR_INET : ADDR_UNIX;
	memcpy(&a->ss, ip, ip->len);
	a->len = ip->len;
}
