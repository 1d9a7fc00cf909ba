/*
 * Our side of one client's connection: feeds the link to the codec, the codec
 * to exchanges, and knows what it waits for.  Called by sessions.
 */
#ifndef CLIENT_SESSION_H
#define CLIENT_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "client/arrivals.h"
#include "client/exchange.h"

struct session;

struct session_owner {
	struct exchange_terms terms;	/* see session_terms() */
	void *owner;

	/* The session was closed; it is freed at the end of the turn. */
	void (*closed)(void *owner, struct session *);

	/*
	 * Its descriptor was closed: at the end of that turn or, where it
	 * lingers (linger.h), some time later.
	 */
	void (*gone)(void *owner);
};

/* The terms of a session_owner, for the clients of this listener. */
struct exchange_terms session_terms(struct env *, const struct handler *,
		    const struct conf_listener *);

/* Its links in the owner's list, and what that knows of it. */
struct session_place {
	struct session_place *next, **prev;
	const void *verified;		/* where its client's certificate was;
					   NULL: it has none */
};

/*
 * A value of verified, which needs no room of its own: what it was verified by
 * was renewed since, and no request is served any more, once it drains.
 */
extern const char session_outdated[1];

/* Takes over all that the client has.  Never NULL. */
struct session	*session_new(const struct session_owner *,
		    const struct arrived *client);

struct session_place *session_place(struct session *);
struct session	*session_of(struct session_place *);

/*
 * How long one that is idle, or has not had a request yet, is kept for its next
 * request when the worker retires.  A client may have sent it already.
 */
#define SESSION_RETIRED_IDLE_MS	1000

/*
 * The next response says "close" and is the last, and one that is idle is
 * closed after a moment or, in a stop (env->phase) and where it is outdated, at
 * once.
 */
void		 session_drain(struct session *);

/* Closes it now: running exchanges end with a fault. */
void		 session_cut(struct session *);

/* The same, for another client's sake. */
void		 session_displace(struct session *);

/* A request of it has come whole, and has no answer yet. */
bool		 session_awaits_us(const struct session *);

const struct session_owner *session_owner_of(const struct session *);
const struct principal	*session_principal(const struct session *);

#endif
