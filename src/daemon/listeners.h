/*
 * The listeners of a worker: its listening sockets, and the clients that it
 * lets in by them.
 *
 * Workers accept from the same sockets.  A worker that took clearly more
 * clients lately than another one lets that one go first, for a moment at most.
 * A worker that has as many clients as it is allowed leaves new ones to the
 * others; when no worker has room, nor makes any, they are turned away, as many
 * at a time as may linger, and the rest wait in the kernel.  Nothing polls: a
 * worker that stands aside is woken.
 *
 * It decides when to accept and knows nothing of what clients want.  Called
 * by the worker.
 */
#ifndef DAEMON_LISTENERS_H
#define DAEMON_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>

#include "client/env.h"
#include "client/sessions.h"
#include "daemon/balance.h"
#include "daemon/wakeups.h"

struct listeners;

/* All is borrowed and must live as long as these, but for the sockets. */
struct listeners_conf {
	struct env *env;
	struct sessions *sessions;
	const int *fds;			/* the sockets, which are taken over */
	struct balance *balance;
	const struct wakeups *wakeups;
	size_t worker;			/* index of this worker in the three
					   above */
	unsigned turned_away;		/* how many may linger */

	/*
	 * Where a client waits and no worker has room: one who stalls is let
	 * go, as sessions_make_room() and sessions_end_arrival() do.  False:
	 * there is none, and where no other worker finds one (balance), who
	 * waits is turned away.  NULL: always.
	 */
	bool (*make_room)(struct sessions *, size_t listener);
};

struct listeners *listeners_new(const struct listeners_conf *);

/* Takes no more clients and closes the sockets.  NULL is fine. */
void	listeners_free(struct listeners *);

/*
 * Nobody else will accept from that socket any more, and closing it would reset
 * the connections of clients that wait there.  So listeners_free() takes them
 * first; where no more clients are allowed, they are turned away.
 */
void	listeners_empty(struct listeners *, size_t listener);

/* The limit of clients is reached on that listener, or no longer is. */
void	listeners_full(struct listeners *, size_t listener, bool full);

/* Another worker died: the clients that it would have taken are left. */
void	listeners_look(struct listeners *);

#endif
