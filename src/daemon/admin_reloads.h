/*
 * The clients of the admin process that wait for the result of a reload.
 */
#ifndef DAEMON_ADMIN_RELOADS_H
#define DAEMON_ADMIN_RELOADS_H

#include <stddef.h>
#include <stdint.h>

#include "client/exchange.h"

/* How many can wait at a time. */
#define ADMIN_RELOADS	64

struct admin_reload_waiter {
	struct admin_reload_waiter *next, **prev;
	struct exchange *exchange;
	uint64_t id;
};

/* All zero but the channel: nobody waits. */
struct admin_reloads {
	struct admin_reload_waiter *list;
	size_t n;
	uint64_t n_ever;
	int control;			/* channel to the parent */
};

/*
 * Asks the parent, and has the exchange wait for the result.  The waiter is the
 * caller's, and all zero.  Where too many wait the exchange is answered now.
 */
void	admin_reloads_ask(struct admin_reloads *, struct admin_reload_waiter *,
	    struct exchange *);

/* The exchange has ended; harmless for one that does not wait. */
void	admin_reloads_forget(struct admin_reloads *,
	    struct admin_reload_waiter *);

/* The parent says in this descriptor what became of one. */
void	admin_reloads_result(struct admin_reloads *, int fd);

/* The parent is gone: nobody gets a result any more. */
void	admin_reloads_fail(struct admin_reloads *);

#endif
