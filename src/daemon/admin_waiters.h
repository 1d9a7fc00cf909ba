/*
 * The clients of the admin process that wait for the result of what they told
 * the parent to do.
 */
#ifndef DAEMON_ADMIN_WAITERS_H
#define DAEMON_ADMIN_WAITERS_H

#include <stddef.h>
#include <stdint.h>

#include "client/exchange.h"
#include "daemon/admin_command.h"
#include "daemon/generations.h"
#include "daemon/loading.h"
#include "daemon/worker.h"
#include "net/timer.h"

/* How many can wait at a time. */
#define ADMIN_WAITERS	64

/*
 * How long a client waits for that of a reload: longer than the parent may take
 * for the reload that is on its way, for older generations to end, and for its
 * own.
 */
#define ADMIN_RELOAD_MS	(2 * (LOADING_MS + GENERATIONS_START_MS) + \
			    WORKER_GRACE_MS + WORKER_END_MS + 30 * 1000)

/* And for that of an order: the parent writes a file, and may be busy. */
#define ADMIN_ORDER_MS	(30 * 1000)

struct admin_waiter {
	struct admin_waiter *next, **prev;
	struct admin_waiters *all;
	struct exchange *exchange;
	struct admin_command command;
	uint64_t id;
	struct timer deadline;
};

/* All zero but the channel: nobody waits. */
struct admin_waiters {
	struct admin_waiter *list;
	size_t n;
	uint64_t n_ever;
	int control;			/* channel to the parent */
};

/*
 * Tells the parent, and has the exchange wait for the result, no longer than
 * above.  The waiter is the caller's, and all zero but the command.  Where too
 * many wait, or the parent cannot be told, the exchange is answered now.
 */
void	admin_waiters_ask(struct admin_waiters *, struct admin_waiter *,
	    struct exchange *);

/* The exchange has ended; harmless for one that does not wait. */
void	admin_waiters_forget(struct admin_waiters *, struct admin_waiter *);

/* The parent says in this descriptor what became of one. */
void	admin_waiters_result(struct admin_waiters *, int fd);

/* This process ends: those who wait are told that they get no result here. */
void	admin_waiters_give_up(struct admin_waiters *);

/* The parent is gone: nobody gets a result any more. */
void	admin_waiters_fail(struct admin_waiters *);

#endif
