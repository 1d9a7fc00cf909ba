/*
 * Clients on their way in: what a listener asks of a connection before it
 * becomes a session, which never knows of it.  That is the header of a proxy
 * (from_proxies).  Called by the sessions of a worker, who count these clients.
 *
 * Each has timeouts.head.  No more than ARRIVALS are on their way, or a half of
 * the clients that the worker may have: one more ends the one that has waited
 * longest, so that connections which stall keep out nobody who hurries.
 */
#ifndef CLIENT_ARRIVALS_H
#define CLIENT_ARRIVALS_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "client/env.h"

#define ARRIVALS	256

struct arrivals;

/* What becomes of one; over() comes from within calls, too. */
struct arrival_events {
	/* It is in, and its descriptor is the receiver's. */
	void	(*in)(void *owner, int fd, const struct addr_ip *client);

	/* It is not, and its descriptor was closed. */
	void	(*over)(void *owner);
};

/* All is borrowed; most is the number of clients that the worker may have. */
struct arrivals	*arrivals_new(struct env *, uint32_t most,
		    const struct arrival_events *);

/* Ends the rest.  NULL is fine. */
void		 arrivals_free(struct arrivals *);

/*
 * Takes over a connection that came by this listener from peer, which is
 * refused at once if it is none of its proxies.
 */
void		 arrivals_take(struct arrivals *, size_t listener, int fd,
		    const struct addr *peer, void *owner);

/*
 * The worker retires: nobody waits longer than ms from now on, one that comes
 * later included.
 */
void		 arrivals_hurry(struct arrivals *, int64_t ms);

/* Ends all of them. */
void		 arrivals_cut(struct arrivals *);

#endif
