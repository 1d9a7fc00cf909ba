/*
 * The end of a connection whose owner is gone, of net/ only: what is left to
 * be sent leaves, the end is sent, and what still comes is read and dropped
 * until the other side ends too (RFC 9112 section 9.6), for 2 s and 256 KiB
 * at most.
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

/* Takes fd, a non-blocking socket, and the content of rest (may be NULL). */
void	linger_start(struct loop *, int fd, struct buf *rest);

#endif
