/*
 * The end of a link's socket, of net/ only: in order or not, at once or
 * lingering.  Called by link.c when nobody knows the link any more.
 */
#ifndef NET_LINK_END_H
#define NET_LINK_END_H

#include <stdbool.h>

#include "net/loop.h"
#include "net/pipe.h"

struct link_ending {
	struct loop *loop;
	struct pipe *pipe;
	bool in_order;			/* otherwise by a reset */
	bool lingers;			/* the other side may still send */
	bool failed;			/* the link had an error */
	bool cannot_write;		/* writing had one, perhaps not told */
	void (*gone)(void *owner);	/* the descriptor is closed; or NULL */
	void *owner;
};

/* Takes the pipe's descriptor, and what it still has to send. */
void	link_end_socket(const struct link_ending *);

#endif
