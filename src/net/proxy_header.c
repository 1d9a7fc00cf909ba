/*
 * PROXY protocol version 2; see proxy_header.h.  Knows bytes only.
 */
#include "net/proxy_header.h"

#include <string.h>

#include "base/text.h"

/* The fixed part: signature, version and command, family, length. */
#define COMMAND_AT	12
#define FAMILY_AT	13
#define LENGTH_AT	14
#define FIXED		16

#define LOCAL		0x20
#define PROXY		0x21

#define FAMILY_NONE	0x00		/* AF_UNSPEC */
#define TCP4		0x11
#define TCP6		0x21
#define UNIX_STREAM	0x31

/* Both addresses and both ports. */
#define TCP4_LEN	12
#define TCP6_LEN	36

#define TLV_LEN		3		/* type and length */

static const struct text signature = {
	.p = "\r\n\r\n\0\r\nQUIT\n", .n = COMMAND_AT,
};

static unsigned
number(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* -- what is no header of version 2 -- */

/* The bytes that have come are the beginning of that text, or have it. */
static bool
agrees(const uint8_t *p, size_t n, struct text with)
{
	return memcmp(p, with.p, n < with.n ? n : with.n) == 0;
}

/* What the first bytes are instead; NULL: what they are cannot be told yet. */
static const char *
other_protocol(const uint8_t *p, size_t n)
{
	const struct text version_1 = TEXT("PROXY ");

	if (agrees(p, n, version_1))
		return n < version_1.n ? NULL :
		    "it begins with PROXY protocol version 1, not 2";
	if (p[0] == 0x16)
		return "it begins with TLS and not with a PROXY protocol "
		    "header";
	return "it does not begin with a PROXY protocol header";
}

static const char *
command_fault(uint8_t command)
{
	if (command >> 4 != 2)
		return "its PROXY protocol header is of a version other than "
		    "2";
	if (command != LOCAL && command != PROXY)
		return "its PROXY protocol header has an unknown command";
	return NULL;
}

static const char *
family_fault(uint8_t family)
{
	switch (family) {
	case TCP4:
	case TCP6:
		return NULL;
	case FAMILY_NONE:
		return "its PROXY protocol header names no client (UNSPEC)";
	case UNIX_STREAM:
		return "its PROXY protocol header names a client without an "
		    "address (UNIX)";
	default:
		return "its PROXY protocol header has a family other than "
		    "TCP over IPv4 or IPv6";
	}
}

static const char *
length_fault(const uint8_t *p)
{
	unsigned n = number(p + LENGTH_AT);

	if (FIXED + n > PROXY_HEADER_MOST)
		return "its PROXY protocol header is longer than 4096 bytes";
	if (p[COMMAND_AT] == LOCAL)
		return NULL;
	if (n < (p[FAMILY_AT] == TCP4 ? TCP4_LEN : TCP6_LEN))
		return "its PROXY protocol header is too short for its "
		    "addresses";
	return NULL;
}

static const char *
fixed_fault(const uint8_t *p, size_t n)
{
	const char *fault = n > COMMAND_AT ?
	    command_fault(p[COMMAND_AT]) : NULL;

	if (fault == NULL && n > FAMILY_AT && p[COMMAND_AT] == PROXY)
		fault = family_fault(p[FAMILY_AT]);
	if (fault == NULL && n >= FIXED)
		fault = length_fault(p);
	return fault;
}

/* -- what it says -- */

/* The sender's address and port; the receiver's, between them, is ours. */
static void
read_client(const uint8_t *p, struct addr_ip *client)
{
	const uint8_t *addresses = p + FIXED;

	memset(client, 0, sizeof(*client));
	if (p[FAMILY_AT] == TCP4) {
		client->in.sin_family = AF_INET;
		memcpy(&client->in.sin_addr, addresses, 4);
		memcpy(&client->in.sin_port, addresses + 8, 2);
		client->len = sizeof(client->in);
	} else {
		client->in6.sin6_family = AF_INET6;
		memcpy(&client->in6.sin6_addr, addresses, 16);
		memcpy(&client->in6.sin6_port, addresses + 32, 2);
		client->len = sizeof(client->in6);
	}
}

static bool
are_whole(const uint8_t *tlv, size_t n)
{
	while (n >= TLV_LEN) {
		size_t len = TLV_LEN + number(tlv + 1);

		if (len > n)
			return false;
		tlv += len;
		n -= len;
	}
	return n == 0;
}

static enum proxy_header_state
read_whole(const uint8_t *p, size_t n, struct proxy_header *h)
{
	size_t addresses = p[FAMILY_AT] == TCP4 ? TCP4_LEN : TCP6_LEN;

	h->local = p[COMMAND_AT] == LOCAL;
	if (h->local)
		return PROXY_HEADER_WHOLE;
	if (!are_whole(p + FIXED + addresses, n - FIXED - addresses)) {
		h->fault = "a TLV of its PROXY protocol header ends beyond "
		    "it";
		return PROXY_HEADER_BAD;
	}
	read_client(p, &h->client);
	return PROXY_HEADER_WHOLE;
}

static enum proxy_header_state
read_other(const uint8_t *p, size_t n, struct proxy_header *h)
{
	h->fault = other_protocol(p, n);
	h->wanted = n + 1;
	return h->fault != NULL ? PROXY_HEADER_BAD : PROXY_HEADER_PART;
}

enum proxy_header_state
proxy_header_read(const uint8_t *p, size_t n, struct proxy_header *h)
{
	*h = (struct proxy_header){ .wanted = FIXED };
	if (n == 0)
		return PROXY_HEADER_PART;
	if (!agrees(p, n, signature))
		return read_other(p, n, h);
	h->fault = fixed_fault(p, n);
	if (h->fault != NULL)
		return PROXY_HEADER_BAD;
	if (n >= FIXED)
		h->wanted = FIXED + number(p + LENGTH_AT);
	return n < h->wanted ? PROXY_HEADER_PART :
	    read_whole(p, h->wanted, h);
}
