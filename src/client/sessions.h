/*
 * All sessions of a worker: takes clients in, counts them and ends them.
 * Called by the worker.  A client counts until its descriptor is closed, which
 * is after its session is where the connection lingers (net/linger.h).
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

/* Told when a limit of clients is reached there (true), or no longer. */
typedef void	 sessions_full(void *owner, size_t listener, bool);

/*
 * All is borrowed; the handler serves all listeners.  most: connections of
 * clients at a time, all listeners together; those of one are bounded by its
 * own option.
 */
struct sessions	*sessions_new(struct env *, const struct handler *,
		    uint32_t most, sessions_full *full, void *owner);

/*
 * Closes what is left, exchanges that run are faults.  Before env and loop
 * are freed, which ends those that linger.
 */
void		 sessions_free(struct sessions *);

/* Takes a connection that listener accepted. */
void		 sessions_accept(struct sessions *, size_t listener, int fd,
		    const struct client_info *);

/* Which limit is reached there, for people. */
const char	*sessions_limit(const struct sessions *, size_t listener);

/*
 * Closes idle ones and lets the others finish what runs; empty is called at
 * the end of the turn in which none is left.  Some may linger yet.
 */
void		 sessions_drain(struct sessions *, void (*empty)(void *owner),
		    void *owner);

/* Ends all exchanges now. */
void		 sessions_cut(struct sessions *);

/* How many there are, without those that linger. */
size_t		 sessions_count(const struct sessions *);

#endif
