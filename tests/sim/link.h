/*
 * The links of the simulated world: calls from wires.  The program sees
 * net/link.h.
 */
#ifndef TESTS_SIM_LINK_H
#define TESTS_SIM_LINK_H

#include "net/link.h"
#include "wire.h"

/* Bytes or an end came. */
void	link_notice(struct link *);

/* The peer took some bytes, or will take none any more. */
void	link_has_room(struct link *);

/*
 * The process of its owner has died, and the system has closed the descriptor:
 * nothing passes any more, and nothing is told.  The owner's memory is still to
 * be freed, and the link is to be closed then.
 */
void	link_sever(struct link *);

/* Whether bytes that come now are read at once. */
bool	link_listens(const struct link *);

/* A connection with a finished handshake, as an SSL. */
SSL	*link_ssl(struct wire *);

#endif
