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

/* Begins without listening sockets. */
void		 sockets_begin(void);

/* From now on no client may be waiting. */
void		 sockets_end(void);

/* The descriptor of the n-th listening socket, which is open from now on. */
int		 socket_listen(size_t n);

/* A client connects to it; false: it is not open. */
bool		 socket_connect(size_t n, struct wire *,
		    const struct client_info *);

/* How many clients have connected and were not let in. */
size_t		 sockets_waiting(void);

int		 socket_fd(const struct wire *);

/* NULL: it is not a wire's. */
struct wire	*socket_wire(int fd);

/* Whether EV_READ or EV_WRITE would succeed. */
bool		 socket_is_ready(int fd, short what);

/* The program's descriptor of the wire is closed in this way. */
void		 socket_closed(struct wire *, enum wire_end);

#endif
