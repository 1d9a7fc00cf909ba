/*
 * The clients of the admin process that wait for the result of a reload.
 */
#ifndef DAEMON_ADMIN_RELOADS_H
#define DAEMON_ADMIN_RELOADS_H

#include <stddef.h>
#include <stdint.h>

#include "client/exchange.h"
#include "daemon/generations.h"
#include "daemon/loading.h"
#include "daemon/worker.h"
#include "net/timer.h"

/* How many can wait at a time. */
#define ADMIN_RELOADS	64

/*
 * How long a client waits for a result: longer than the parent may take for the
 * reload that is on its way, for older generations to end, and for its own.
 */
#define ADMIN_RELOAD_MS	(2 * (LOADING_MS + GENERATIONS_START_MS) + \
			    WORKER_GRACE_MS + WORKER_END_MS + 30 * 1000)

struct admin_reload_waiter {
	struct admin_reload_waiter *next, **prev;
	struct admin_reloads *all;
	struct exchange *exchange;
	uint64_t id;
	struct timer deadline;
};

/* All zero but the channel: nobody waits. */
struct admin_reloads {
	struct admin_reload_waiter *list;
	size_t n;
	uint64_t n_ever;
	int control;			/* channel to the parent */
};

/*
 * Asks the parent, and has the exchange wait for the result, ADMIN_RELOAD_MS at
 * most.  The waiter is the caller's, and all zero.  Where too many wait, or the
 * parent cannot be asked, the exchange is answered now.
 */
void	admin_reloads_ask(struct admin_reloads *, struct admin_reload_waiter *,
	    struct exchange *);

/* The exchange has ended; harmless for one that does not wait. */
void	admin_reloads_forget(struct admin_reloads *,
	    struct admin_reload_waiter *);

/* The parent says in this descriptor what became of one. */
void	admin_reloads_result(struct admin_reloads *, int fd);

/* This process ends: those who wait are told that they get no result here. */
void	admin_reloads_give_up(struct admin_reloads *);

/* The parent is gone: nobody gets a result any more. */
void	admin_reloads_fail(struct admin_reloads *);

#endif
