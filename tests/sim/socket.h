/*
 * Sockets of the simulated world: the system calls that the program's own
 * net/listener and net/linger make, on descriptors that stand for wires, for
 * listening sockets and for event descriptors.
 *
 * Several holders, the parent and its workers, have descriptors of one
 * listening socket; it is closed when the last of them has closed its own.
 */
#ifndef TESTS_SIM_SOCKET_H
#define TESTS_SIM_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "net/listener.h"
#include "wire.h"

#define SOCKET_LISTENERS	4

/* Holder 0 is the parent, or the only one; worker n is holder n + 1. */
#define SOCKET_HOLDERS		64

/* Begins without listening sockets. */
void		 sockets_begin(void);

/* From now on no client may be waiting. */
void		 sockets_end(void);

/*
 * The holder's descriptor of the n-th listening socket, which is open from now
 * on.
 */
int		 socket_listen(size_t n, unsigned holder);

/* A client connects to it; false: it is not open. */
bool		 socket_connect(size_t n, struct wire *,
		    const struct client_info *);

/* How many clients have connected and were not let in. */
size_t		 sockets_waiting(void);

/* A new event descriptor: EV_READ succeeds while it is raised. */
int		 socket_event(void);
void		 socket_raise(int fd, bool);

int		 socket_fd(const struct wire *);

/* NULL: it is not a wire's. */
struct wire	*socket_wire(int fd);

/* Whether EV_READ or EV_WRITE would succeed. */
bool		 socket_is_ready(int fd, short what);

/* The program's descriptor of the wire is closed in this way. */
void		 socket_closed(struct wire *, enum wire_end);

/* Its process has died: the system closes it, and a link is severed. */
void		 socket_died(struct wire *);

#endif
