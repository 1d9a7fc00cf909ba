/*
 * A connection that a proxy passes on: reads the PROXY protocol header from it,
 * and not a byte more, so that what is behind it is there for who reads next.
 */
#ifndef NET_PROXIED_H
#define NET_PROXIED_H

#include "net/loop.h"
#include "net/proxy_header.h"

struct proxied;

enum proxied_end {
	PROXIED_READ,		/* the header */
	PROXIED_BAD,		/* it is none; .fault of it says why */
	PROXIED_SILENT,		/* the connection ended before its first byte,
				   as it does when a balancer only looks
				   whether somebody listens */
	PROXIED_CUT,		/* it ended within the header */
};

/* Called from the loop, once; it may free the object. */
typedef void	 proxied_done(void *owner, enum proxied_end,
		    const struct proxy_header *);

/* The descriptor, non-blocking, stays the caller's.  There is no time limit. */
struct proxied	*proxied_new(struct loop *, int fd, proxied_done *,
		    void *owner);

/* Stops reading.  NULL is fine. */
void		 proxied_free(struct proxied *);

#endif
