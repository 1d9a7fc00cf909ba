/*
 * The end of a connection whose owner is gone: what is left to be sent leaves,
 * the end is sent, and what still comes is read and dropped until the other
 * side ends too (RFC 9112 section 9.6), for 2 s at most.  After 256 KiB nothing
 * is read, and who sends yet more is held up: a reset would keep it from
 * reading what it was sent, which it may do meanwhile.
 *
 * They hold descriptors that nobody counts otherwise, so there are never more
 * than LINGERS of a loop: one more ends the one that lingered longest.
 */
#ifndef NET_LINGER_H
#define NET_LINGER_H

#include <stddef.h>

#include "base/buf.h"
#include "net/loop.h"

#define LINGERS		128

/*
 * Of net/ only.  Takes fd, a non-blocking socket, and the content of rest (may
 * be NULL).
 */
void	linger_start(struct loop *, int fd, struct buf *rest);

/*
 * Calls fn when none is left, at once or later: who ends the loop then cuts
 * off no answer.  In place of what was asked before; nothing is called by
 * loop_free(), which ends them all.
 */
void	linger_await_none(struct loop *, void (*fn)(void *owner),
	    void *owner);

#endif
