/*
 * The links of the simulated world: what wires tell them.  The program sees
 * net/link.h.
 */
#ifndef TESTS_SIM_LINK_H
#define TESTS_SIM_LINK_H

#include "net/link.h"
#include "wire.h"

/* Bytes or an end came. */
void	link_notice(struct link *);

/* The peer took some, or takes none any more. */
void	link_has_room(struct link *);

/* What comes now is read at once. */
bool	link_listens(const struct link *);

/* A connection whose handshake is done, as an SSL. */
SSL	*link_ssl(struct wire *);

#endif
