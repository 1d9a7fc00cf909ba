/*
 * The header by which a proxy in front of us says whose connection it passes
 * on: PROXY protocol version 2, section 2.2 of HAProxy's specification
 * (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt).  Pure.
 */
#ifndef NET_PROXY_HEADER_H
#define NET_PROXY_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

/*
 * The longest header that is taken.  The fixed part and the addresses need 52
 * bytes; a proxy that adds what it knows of TLS needs some hundred more.
 */
#define PROXY_HEADER_MOST	4096

enum proxy_header_state {
	PROXY_HEADER_PART,	/* more of it must come */
	PROXY_HEADER_WHOLE,
	PROXY_HEADER_BAD,
};

struct proxy_header {
	size_t wanted;		/* of a part: how many bytes to have before the
				   next look, none of them behind the header */
	const char *fault;	/* of a bad one: why, a static text */
	bool local;		/* of a whole one: it is the proxy's own
				   connection, and has no other client */
	struct addr_ip client;	/* else its client's */
};

/*
 * Looks at the first n bytes of a connection, as far as they have come.
 *
 * What is not version 2 is bad at the first byte that shows it.  So are, with
 * the command PROXY, families other than TCP over IPv4 and IPv6: a client that
 * has no address must not pass for the proxy.  What follows the addresses
 * (TLVs) is not used, but must be whole.  With the command LOCAL all that
 * follows is skipped, as section 2.2 says.
 */
enum proxy_header_state proxy_header_read(const uint8_t *, size_t n,
		    struct proxy_header *);

#endif
