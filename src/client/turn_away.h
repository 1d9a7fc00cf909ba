/*
 * Turning clients away: a client that comes when no more can be served, or that
 * does not speak TLS where it must, gets an answer at once, and its request is
 * not read.  There is no exchange and no line, only a count, with the faults.
 * Called by the listeners of a worker, and where clients arrive.
 */
#ifndef CLIENT_TURN_AWAY_H
#define CLIENT_TURN_AWAY_H

#include <stdbool.h>

#include "client/env.h"

/* How many linger at most, each for a second, so that they read the answer. */
#define TURNED_AWAY	64

struct turn_away;

/* room is called when turn_away_is_full() was true and no longer is. */
struct turn_away *turn_away_new(struct env *, void (*room)(void *owner),
		    void *owner);

/* Lowers the number that may linger, where descriptors are few. */
void		 turn_away_limit(struct turn_away *, unsigned most);

/* Before env and the loop are freed, which ends connections that linger. */
void		 turn_away_free(struct turn_away *);

/* As many linger as are allowed to. */
bool		 turn_away_is_full(const struct turn_away *);

/*
 * Takes over the descriptor.  why says in words which limit is reached.  A
 * client that is to speak TLS gets an alert: it could read nothing else.
 */
void		 turn_away(struct turn_away *, int fd, bool tls,
		    const char *why);

/*
 * Takes over the descriptor of a client that speaks plain HTTP to a port of
 * TLS.  It lingers as those do that nobody counts (net/linger.h).
 */
void		 turn_away_plain(struct env *, int fd, const char *why);

#endif
