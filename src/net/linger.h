/*
 * The end of a connection whose owner is gone: the remaining output leaves, the
 * end is sent, and further input is read and dropped until the other side ends
 * too (RFC 9112 section 9.6).  A client that sends a large body may not look at
 * the answer before all of it is sent, and a reset would destroy the answer; so
 * all of it is read, 64 KiB a turn.
 *
 * Lingering connections hold descriptors.  One whose owner counts it until it
 * is over has the time that the owner gives it.  Of the others a loop has at
 * most LINGERS: one more ends the one that has lingered longest.
 */
#ifndef NET_LINGER_H
#define NET_LINGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/loop.h"

#define LINGERS		64

struct linger_terms {
	int64_t most_ms;	/* in all */
	int64_t silent_ms;	/* without a byte coming or leaving */

	/*
	 * Called when the descriptor is closed.  NULL: the owner does not count
	 * it.
	 */
	void (*over)(void *owner);
	void *owner;
};

/*
 * Takes fd, a non-blocking socket, and the content of rest (may be NULL).
 * over() is called from the loop, also by loop_free(), and from
 * linger_end_oldest().
 */
void	linger_start(struct loop *, int fd, struct buf *rest,
	    const struct linger_terms *);

/*
 * Ends the one that has lingered longest of those that this owner counts;
 * over() is called within this call.  False: there is none.
 */
bool	linger_end_oldest(struct loop *, const void *owner);

/*
 * Calls fn when none is left, at once or later; each gets ms at most from now
 * on, one that begins later, too.  So a worker that ends cuts off no answer,
 * and a client that sends without end does not delay it.  Replaces an earlier
 * call; loop_free(), which ends them all, does not call fn.
 */
void	linger_await_none(struct loop *, int64_t ms, void (*fn)(void *owner),
	    void *owner);

#endif
