/*
 * Connects to several addresses and keeps the first connection (RFC 8305
 * section 5); private to net/. It knows neither names nor TLS.  Called by
 * dial.c.
 */
#ifndef NET_RACE_H
#define NET_RACE_H

#include <stddef.h>

#include "base/addr.h"
#include "net/loop.h"

struct race;

/*
 * A connected descriptor, the receiver's, and its address, valid during the
 * call.  Where none connects, fd is -1, and error the errno of the last.
 */
typedef void	 race_done(void *owner, int fd, const struct addr *peer,
		    int error);

/*
 * n addresses, at least one, in the order to try them.  done is called once,
 * never from within this call.  The caller sets the time limit.
 */
struct race	*race_start(struct loop *, const struct addr *, size_t n,
		    race_done *done, void *owner);

/* To be called before done was; nothing is called after it.  NULL is fine. */
void		 race_cancel(struct race *);

#endif
