/*
 * Servers of upstreams: one at the end of each wire that was dialled.  Most
 * answer correctly; some lie, as answer.h says.
 */
#ifndef TESTS_SIM_SERVER_H
#define TESTS_SIM_SERVER_H

#include "wire.h"

/* Answers requests that come by the wire, which has no room yet. */
void	server_begin(struct wire *);

void	servers_begin(void);
void	servers_end(void);

#endif
