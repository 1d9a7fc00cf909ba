/*
 * Clients on their way in: what a listener asks of a connection before it
 * becomes a session, which never knows of it.  That is the header of a proxy
 * (from_proxies), and then a TLS handshake (tls).  Called by the sessions of a
 * worker, who count these clients.
 *
 * Each has timeouts.head for each of the two.  No more than ARRIVALS are on
 * their way, or a half of the clients that the worker may have, and by one
 * listener no more than a half of its own.  One more ends one, and so does
 * whoever comes when a limit of clients is reached, by this listener or by
 * another one (arrivals_make_room()): of the address that has most of them on
 * their way there, the client that waits longest.  So connections that stall
 * keep out nobody who hurries, and a flood of them from one address takes
 * places of that address only.
 *
 * Nobody comes in with a certificate that was verified by what was renewed
 * while the handshake went on (tls_servers_turns()).
 */
#ifndef CLIENT_ARRIVALS_H
#define CLIENT_ARRIVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/env.h"
#include "policy/principal.h"

#define ARRIVALS	1024

typedef struct ssl_st SSL;
struct arrivals;

/* Who is in; all of it is the receiver's. */
struct arrived {
	int fd;
	SSL *ssl;			/* NULL: no TLS */
	struct principal principal;
};

/* What becomes of one; over() comes from within calls, too. */
struct arrival_events {
	void	(*in)(void *owner, const struct arrived *);

	/* It is not, and its descriptor was closed, or lingers. */
	void	(*over)(void *owner);
};

/* All is borrowed; most is the number of clients that the worker may have. */
struct arrivals	*arrivals_new(struct env *, uint32_t most,
		    const struct arrival_events *);

/* Ends the rest.  NULL is fine. */
void		 arrivals_free(struct arrivals *);

/* That listener asks anything of its clients. */
bool		 arrivals_wants(const struct arrivals *, size_t listener);

/*
 * Takes over a connection that came by this listener from who connected, with
 * the memory of the principal.  It is refused at once if it must come from one
 * of its proxies and does not.
 */
void		 arrivals_take(struct arrivals *, size_t listener, int fd,
		    const struct principal *, void *owner);

/*
 * Ends one as above, of all or of those by that listener, for a client who
 * would find no place; there is one when this returns.  False: nobody is on the
 * way.
 */
bool		 arrivals_make_room(struct arrivals *);
bool		 arrivals_make_room_at(struct arrivals *, size_t listener);

/*
 * The worker retires: nobody waits longer than ms from now on for a header, one
 * that comes later included.  Handshakes have their time: a client far away
 * needs more than a moment for one.
 */
void		 arrivals_hurry(struct arrivals *, int64_t ms);

/* Ends all of them. */
void		 arrivals_cut(struct arrivals *);

#endif
