/*
 * The listeners of a worker: its listening sockets, and whom it lets in by
 * them.
 *
 * Workers accept from the same sockets.  One that took clearly more clients
 * lately than another lets that one go first, for a moment at most.  One that
 * has as many clients as it may leaves new ones to the others; when no worker
 * has room they are turned away, as many at a time as may linger, and the
 * rest wait in the kernel.  Nobody polls: who stands aside is woken.
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

/* All is borrowed and must live as long, but for the sockets. */
struct listeners_conf {
	struct env *env;
	struct sessions *sessions;
	const int *fds;			/* sockets, which become theirs */
	struct balance *balance;
	const struct wakeups *wakeups;
	size_t worker;			/* which one this is, of these two */
	unsigned turned_away;		/* that may linger */
};

struct listeners *listeners_new(const struct listeners_conf *);

/* Takes no more clients and closes the sockets.  NULL is fine. */
void	listeners_free(struct listeners *);

/* A limit of clients is reached on that listener, or no longer. */
void	listeners_full(struct listeners *, size_t listener, bool full);

/* Another worker died, so that what it took is left. */
void	listeners_look(struct listeners *);

#endif
