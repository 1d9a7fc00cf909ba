/*
 * The end of a link's socket, private to net/: in order or not, at once or
 * lingering.  Called by link.c when the link has no owner any more.
 */
#ifndef NET_LINK_END_H
#define NET_LINK_END_H

#include <stdbool.h>

#include "net/loop.h"
#include "net/pipe.h"

struct link_ending {
	struct loop *loop;
	struct pipe *pipe;
	bool in_order;			/* false: by a reset */
	bool lingers;			/* the other side may still send */
	bool failed;			/* the link had an error */
	bool cannot_write;		/* writing failed, perhaps not reported
					   yet */
	void (*gone)(void *owner);	/* called when the descriptor is closed;
					   or NULL */
	void *owner;
};

/* Takes the pipe's descriptor and unsent bytes. */
void	link_end_socket(const struct link_ending *);

#endif
