/*
 * All sessions of a worker: takes clients in, counts them and ends them.
 * Called by the worker.  A client counts until its descriptor is closed; where
 * the connection lingers (net/linger.h), that is later than the end of its
 * session.
 */
#ifndef CLIENT_SESSIONS_H
#define CLIENT_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/env.h"
#include "client/handler.h"
#include "net/listener.h"

struct sessions;		/* all sessions of a worker */

/*
 * Called when the limit of clients of a listener is reached (true), or is no
 * longer.
 */
typedef void	 sessions_full(void *owner, size_t listener, bool);

/*
 * All is borrowed; the handler serves all listeners.  most bounds the
 * connections of clients at a time, all listeners together; each listener has
 * an option for its own.
 */
struct sessions	*sessions_new(struct env *, const struct handler *,
		    uint32_t most, sessions_full *full, void *owner);

/*
 * Closes the rest; running exchanges end with a fault.  Called before env and
 * the loop are freed, which ends connections that linger.
 */
void		 sessions_free(struct sessions *);

/* Takes a connection that listener accepted. */
void		 sessions_accept(struct sessions *, size_t listener, int fd,
		    const struct client_info *);

/* The limit that is reached for that listener, in words. */
const char	*sessions_limit(const struct sessions *, size_t listener);

/*
 * Makes room for a client that waits to be let in where the limit is reached:
 * ends the connection that lingers longest or else, of the sessions that do not
 * wait for us, the oldest: it says nothing, is idle or within a request, or
 * does not read its answer.  Those of root and of our own user go last.  False:
 * there is none; else there is room at the end of the turn.
 */
bool		 sessions_make_room(struct sessions *, size_t listener);

/*
 * The same where nobody who is in has to go: ends a client on its way in
 * (client/arrivals.h), of those who count for the limit that is reached.  True:
 * there is room now.
 */
bool		 sessions_end_arrival(struct sessions *, size_t listener);

/*
 * Two ways to end, when clients are let in no longer.  Both let exchanges
 * finish that run, and say "close" with their responses.  empty is called at
 * the end of the turn in which no session is left, though some may still
 * linger.
 *
 * Other workers have taken over, and no client shall notice: a session serves
 * one more request, and one that is idle is closed after a moment only
 * (SESSION_RETIRED_IDLE_MS).
 */
void		 sessions_retire(struct sessions *, void (*empty)(void *owner),
		    void *owner);

/*
 * Nobody takes over: idle sessions are closed at once, and requests that still
 * come are refused.  It may follow sessions_retire().
 */
void		 sessions_stop(struct sessions *, void (*empty)(void *owner),
		    void *owner);

/*
 * What certificates of the clients of that listener are verified by was
 * renewed (tls_servers_turns()): clients that have one are to come again.
 * Their sessions end at once, or with the response that is under way, and no
 * further request of them is served.  Sessions of others go on.
 */
void		 sessions_verify_anew(struct sessions *, size_t listener);

/* Ends all exchanges now, with a fault. */
void		 sessions_cut(struct sessions *);

/* How many there are, with those on their way in, without those that linger. */
size_t		 sessions_count(const struct sessions *);

#endif
