/*
 * The end of a connection whose owner is gone: what is left to be sent leaves,
 * the end is sent, and what still comes is read and dropped until the other
 * side ends too (RFC 9112 section 9.6).  Who sends a large body may not look
 * at its answer before all of it is sent, and a reset would take the answer
 * away; so all of it is taken in, 64 KiB a turn.
 *
 * They hold descriptors.  Those of an owner that counts them until they are
 * over have the time that it gives them.  Those that nobody counts are never
 * more than LINGERS of a loop: one more ends the one that lingered longest.
 */
#ifndef NET_LINGER_H
#define NET_LINGER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/loop.h"

#define LINGERS		64

struct linger_terms {
	int64_t most_ms;	/* in all */
	int64_t silent_ms;	/* in which no byte comes or leaves */

	/* The descriptor is closed.  NULL: nobody counts it. */
	void (*over)(void *owner);
	void *owner;
};

/*
 * Takes fd, a non-blocking socket, and the content of rest (may be NULL).
 * over() is called from the loop only, also by loop_free().
 */
void	linger_start(struct loop *, int fd, struct buf *rest,
	    const struct linger_terms *);

/*
 * Calls fn when none is left, at once or later; each gets ms at most from now
 * on, one that begins later, too.  So who ends the loop cuts off no answer and
 * is not held up by who sends without end.  In place of what was asked before;
 * nothing is called by loop_free(), which ends them all.
 */
void	linger_await_none(struct loop *, int64_t ms, void (*fn)(void *owner),
	    void *owner);

#endif
