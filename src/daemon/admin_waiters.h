/*
 * The clients of the admin process that wait for the result of what they told
 * the parent to do.  The place of one that goes is free when the parent has
 * answered: the parent never has more commands before it than there are places,
 * and the channel to it has room for all of them.
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

/*
 * How many places there are; and besides, for urgent commands (admin_command.h)
 * as many for root and the daemon's own user, as many that all others share,
 * and as many for those of them who have none yet.  A user who has one of those
 * shared gets another while that leaves as many as he has; so nobody is kept
 * from disabling a key by what others do.
 */
#define ADMIN_WAITERS	64
#define ADMIN_PLACES	(4 * ADMIN_WAITERS)

/*
 * How long a client waits for that of a reload: longer than the parent may take
 * for the reload that is on its way, for older generations to end, and for its
 * own.
 */
#define ADMIN_RELOAD_MS	(2 * (LOADING_MS + GENERATIONS_START_MS) + \
			    WORKER_GRACE_MS + WORKER_END_MS + 30 * 1000)

/* And for that of an order: the parent writes a file, and may be busy. */
#define ADMIN_ORDER_MS	(30 * 1000)

struct admin_waiter;

/* All zero but the channel: nobody waits. */
struct admin_waiters {
	struct admin_waiter *list;
	size_t n, n_urgent;
	uint64_t n_ever;
	int control;			/* channel to the parent */
};

/*
 * Tells the parent, and has the exchange wait for the result, no longer than
 * above.  Where too many wait, or the parent cannot be told, the exchange is
 * answered now.
 */
void	admin_waiters_ask(struct admin_waiters *, const struct admin_command *,
	    struct exchange *);

/* The exchange has ended; harmless for one that does not wait. */
void	admin_waiters_forget(struct admin_waiters *, const struct exchange *);

/* The parent says in this descriptor what became of one. */
void	admin_waiters_result(struct admin_waiters *, int fd);

/* This process ends: those who wait are told that they get no result here. */
void	admin_waiters_give_up(struct admin_waiters *);

/* The parent is gone: nobody gets a result any more. */
void	admin_waiters_fail(struct admin_waiters *);

/* Frees the places; no exchange waits. */
void	admin_waiters_release(struct admin_waiters *);

#endif
