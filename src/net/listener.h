/*
 * Listening sockets: made by the parent, accepted from by workers.
 */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/addr.h"
#include "net/holder.h"
#include "net/loop.h"

struct listener_conf {
	struct addr address;
	uint32_t mode;		/* of a Unix socket */
	uint32_t owner, group;	/* UINT32_MAX: leave as it is */
};

/*
 * A bound, listening, non-blocking descriptor, or -1 with the reason.  Where
 * systemd passed in a socket for the address (inherited_find()), it is a copy
 * of that, and else one of our own.  A Unix socket that nobody serves any more
 * is replaced, one in use is not.  bound gets the actual address, with the port
 * that the kernel chose, and the name of a socket that was passed in.
 */
int	listener_open(const struct listener_conf *, struct addr *bound,
	    char *why, size_t why_size);

enum listener_verdict {
	LISTENER_FREE,
	LISTENER_TAKEN,		/* the address is in use */
	LISTENER_REFUSED,	/* it cannot be opened, for another reason */
	LISTENER_UNKNOWN,	/* unknown: systemd passed us no socket, and may
				   pass one to the service */
};

/*
 * Whether listener_open() would succeed, found out without listening.  It
 * leaves nothing behind and disturbs nobody: a TCP address is bound and closed
 * at once, a Unix socket that others serve is not connected to.  why is as
 * above, and set unless LISTENER_FREE; holder is set with LISTENER_TAKEN.
 */
enum listener_verdict listener_try(const struct listener_conf *,
	    struct addr *bound, struct holder *, char *why, size_t why_size);

/*
 * Gives the name of an open Unix socket, which was made as the old
 * configuration says, the owner, group and mode of the new one.  False, with
 * the reason: it could not be, and something of it may have been done.
 */
bool	listener_permit(const struct listener_conf *old,
	    const struct listener_conf *new, char *why, size_t why_size);

/*
 * Whether clients can find it: the name of a Unix socket may have been removed.
 */
bool	listener_has_name(const struct addr *bound);

/* Removes a Unix socket's name, if it is still the one of fd. */
void	listener_unlink(int fd, const struct addr *bound);

/*
 * Lets no more clients in, while those who wait can still be accepted: a Unix
 * socket loses its name, and the kernel refuses who would begin a TCP
 * connection, as if nobody listened.  For all processes that have the socket,
 * and for good; no capability is needed.  False, with errno: it could not be,
 * and who comes from now on may be reset when the socket is closed.
 */
bool	listener_shut(int fd, const struct addr *bound);

/* The client that connected. */
struct client_info {
	struct addr address;	/* of a TCP client */
	bool has_user;		/* uid and gid are known (SO_PEERCRED) */
	uid_t uid;
	gid_t gid;
	pid_t pid;
	const gid_t *groups;	/* supplementary ones; valid in the call */
	size_t n_groups;
};

struct listener;

/*
 * fd is then the receiver's, non-blocking, close-on-exec.  Called from the
 * loop only; it may pause the listener and free it.
 */
typedef void	listener_accept(void *owner, int fd,
		    const struct client_info *);

/*
 * Accepts from fd, which stays the caller's, until freed (NULL is fine).  When
 * it cannot, for lack of descriptors, it logs that once and tries again a
 * little later.
 */
struct listener	*listener_new(struct loop *, int fd, listener_accept *,
		    void *owner);
void		 listener_free(struct listener *);

/*
 * From now on wants() is called before a connection is accepted; on false none
 * is accepted in this turn.  As long as a connection waits, it is called in
 * each turn unless the listener is paused.  It may do what accept() may.
 */
void		 listener_ask(struct listener *, bool (*wants)(void *owner));

/* Stops and resumes accepting (connections wait in the kernel). */
void		 listener_pause(struct listener *, bool);

/*
 * Accepts one now, paused or not, without asking.  False: none waits, or none
 * can be accepted.  From the loop only.
 */
bool		 listener_take(struct listener *);

/* Whether one waits, or comes within that time, in which nothing else runs. */
bool		 listener_waits(const struct listener *, int ms);

#endif
