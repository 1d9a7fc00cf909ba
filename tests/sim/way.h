/*
 * How a client comes in: from which address, by a balancer with which header of
 * the PROXY protocol, and with which TLS handshake.  Many of these are
 * malformed, or never end.
 */
#ifndef TESTS_SIM_WAY_H
#define TESTS_SIM_WAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "net/listener.h"

#define NO_CERTIFICATE	SIZE_MAX

struct way {
	size_t listener;
	unsigned long number;		/* the client's uid, or port */
	struct addr from;		/* who connects */
	struct addr client;		/* who the client is then */
	struct buf header;		/* said before anything else: that,
					   and then the handshake */
	size_t hello_n;			/* its bytes; 0: none is said */
	size_t certificate;		/* a name of setting.h's, or
					   NO_CERTIFICATE */
	int64_t until;			/* when that ends: s of clock_wall() */
	size_t stops_at;		/* of these bytes; SIZE_MAX: at none */
	bool leaves;			/* then, or stays and says nothing */
	bool is_foreign;		/* from none of the balancers */
	bool is_malformed;		/* the header */
	bool is_plain;			/* no TLS, where it is spoken */
	bool fails;			/* the handshake */
	const char *kind;
};

/* Left to chance; the number is the client's. */
void	 way_choose(struct way *, size_t listener, unsigned long number);
void	 way_release(struct way *);

/* As who connects, for the program. */
void	 way_info(const struct way *, struct client_info *);

/*
 * After how many bytes it is certain what it is: all of its header.  Where
 * there is none, a request may begin as version 1 of the protocol does.
 */
size_t	 way_length(const struct way *);

/* The bytes before the handshake, which say who comes by a balancer. */
size_t	 way_header_n(const struct way *);

/* Whether it leads to a session, if nobody disturbs it. */
bool	 way_leads_in(const struct way *);

/* Whether its certificate has ended. */
bool	 way_is_over(const struct way *);

#endif
