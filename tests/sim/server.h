/*
 * Servers of upstreams: one at the end of each wire that was dialled.  Most
 * answer as they should; some lie, as answers.h says.
 */
#ifndef TESTS_SIM_SERVER_H
#define TESTS_SIM_SERVER_H

#include "wire.h"

/* Answers what comes by the wire, which has no room yet. */
void	server_begin(struct wire *);

void	servers_begin(void);
void	servers_end(void);

#endif
