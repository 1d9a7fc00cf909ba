/*
 * Socket addresses as data: literals only, no names are looked up here.
 */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/text.h"

enum addr_kind {
	ADDR_INET,		/* sa is IPv4 or IPv6 */
	ADDR_UNIX,		/* sa is a path in the file system; of a socket
				   that was passed in, any name */
	ADDR_INHERITED,		/* a descriptor passed in by systemd */
};

struct addr {
	enum addr_kind kind;
	union {
		struct sockaddr sa;
		struct sockaddr_storage ss;
		struct sockaddr_un un;
	};
	socklen_t len;
	char name[256];		/* FileDescriptorName=: of ADDR_INHERITED, and
				   where a socket is bound that was passed in */
};

/* An IP address and port, small enough to be kept for every client. */
struct addr_ip {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	};
	uint8_t len;		/* 0: none */
};

/*
 * An address that is not ADDR_INET becomes the empty one (len 0), and the empty
 * one becomes ADDR_UNIX.
 */
void	addr_ip_from(struct addr_ip *, const struct addr *);
void	addr_ip_to(const struct addr_ip *, struct addr *);

/* The longest text addr_format() makes, with its NUL. */
#define ADDR_TEXT	300

/*
 * "HOST:PORT" with a literal IPv4 address, "[IPv6]:PORT", "unix:/PATH" or
 * "fd:NAME".  On false *why is a static text that says what is wrong.
 */
bool	addr_parse(const char *, struct addr *, const char **why);

/*
 * The same form back, into ADDR_TEXT bytes; "unix:@NAME" is one in the abstract
 * name space.
 */
void	addr_format(const struct addr *, char *);

/* The address alone, "127.0.0.1" or "::1"; "" for any other kind. */
void	addr_format_ip(const struct addr *, char *);
uint16_t addr_port(const struct addr *);
void	addr_set_port(struct addr *, uint16_t);

/*
 * Both are ADDR_INET and have one address, whatever their ports; an IPv4-mapped
 * one is the IPv4 address it stands for.
 */
bool	addr_same_ip(const struct addr *, const struct addr *);

/* 127.0.0.0/8, ::1, IPv4-mapped loopback, and every other kind. */
bool	addr_is_loopback(const struct addr *);

/* "192.0.2.0/24", "2001:db8::/32" or a single address. */
struct cidr {
	int family;
	uint8_t bytes[16];
	unsigned bits;
};
bool	cidr_parse(const char *, struct cidr *, const char **why);

/* The same form back, into CIDR_TEXT bytes. */
#define CIDR_TEXT	64
void	cidr_format(const struct cidr *, char *);

/* An IPv4-mapped IPv6 address counts as the IPv4 address it stands for. */
bool	cidr_contains(const struct cidr *, const struct addr *);

/* One of n ranges contains it; none has the empty address. */
bool	cidr_any_contains(const struct cidr *, size_t n,
	    const struct addr_ip *);

/*
 * The range that the text names has that host, an address as it stands in a
 * URL, "192.0.2.1" or "[::1]".  A name is in none.
 */
bool	cidr_text_has(const char *range, struct text host);

/* Every address of some is one of all. */
bool	cidr_covers(const struct cidr *all, const struct cidr *some);

#endif
