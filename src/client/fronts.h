/*
 * All fronts of a worker: takes clients in, counts them and ends them.  Called
 * by the worker.  A client counts until its descriptor is closed, which is
 * after its front is where the connection lingers (net/linger.h).
 */
#ifndef CLIENT_FRONTS_H
#define CLIENT_FRONTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/env.h"
#include "net/listener.h"

struct fronts;		/* all fronts of a worker */

/* Told when a limit of clients is reached there (true), or no longer. */
typedef void	 fronts_full(void *owner, size_t listener, bool);

/*
 * most: connections of clients at a time, all listeners together; those of
 * one are bounded by its own option.
 */
struct fronts	*fronts_new(struct env *, uint32_t most, fronts_full *full,
		    void *owner);

/*
 * Closes what is left, exchanges that run are faults.  Before env and loop
 * are freed, which ends those that linger.
 */
void		 fronts_free(struct fronts *);

/* Takes a connection that listener accepted. */
void		 fronts_accept(struct fronts *, size_t listener, int fd,
		    const struct client_info *);

/* Which limit is reached there, for people. */
const char	*fronts_limit(const struct fronts *, size_t listener);

/*
 * Closes idle ones and lets the others finish what runs; empty is called at
 * the end of the turn in which none is left.  Some may linger yet.
 */
void		 fronts_drain(struct fronts *, void (*empty)(void *owner),
		    void *owner);

/* Ends all exchanges now. */
void		 fronts_cut(struct fronts *);

/* How many there are, without those that linger. */
size_t		 fronts_count(const struct fronts *);

#endif
