/*
 * How a client comes in: from which address, and by a balancer with which
 * header of the PROXY protocol; many are malformed, or never end.
 */
#ifndef TESTS_SIM_WAY_H
#define TESTS_SIM_WAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "net/listener.h"

struct way {
	size_t listener;
	unsigned long number;		/* the client's uid, or port */
	struct addr from;		/* who connects */
	struct addr client;		/* who the client is then */
	struct buf header;		/* said before anything else */
	size_t stops_at;		/* of its bytes; SIZE_MAX: at none */
	bool leaves;			/* then, or stays and says nothing */
	bool is_foreign;		/* from none of the balancers */
	bool is_malformed;
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

/* Whether it leads to a session, if nobody disturbs it. */
bool	 way_leads_in(const struct way *);

#endif
