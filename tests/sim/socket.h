/*
 * Sockets of the simulated world: the system calls that the program's own
 * net/listener and net/linger make, on descriptors that stand for wires and
 * for listening sockets.
 */
#ifndef TESTS_SIM_SOCKET_H
#define TESTS_SIM_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "net/listener.h"
#include "wire.h"

#define SOCKET_LISTENERS	4

/* Nobody listens yet. */
void		 sockets_begin(void);

/* Nobody may wait at a door any more. */
void		 sockets_end(void);

/* The descriptor of the n-th listening socket, which is open from now on. */
int		 socket_listen(size_t n);

/* A client knocks there; false: nobody listens. */
bool		 socket_connect(size_t n, struct wire *,
		    const struct client_info *);

/* So many have knocked and were not let in. */
size_t		 sockets_waiting(void);

int		 socket_fd(const struct wire *);

/* NULL: it is no wire's. */
struct wire	*socket_wire(int fd);

/* EV_READ or EV_WRITE would succeed. */
bool		 socket_is_ready(int fd, short what);

/* The program's descriptor of the wire is closed, so. */
void		 socket_closed(struct wire *, enum wire_end);

#endif
