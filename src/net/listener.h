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
 * A bound, listening, non-blocking descriptor, or -1 with the reason.  That
 * of ADDR_INHERITED is the first of its name that systemd passed in.  A Unix
 * socket that nobody serves any more is replaced, one in use is not.  bound
 * is what it is bound to: the port the kernel chose.
 */
int	listener_open(const struct listener_conf *, struct addr *bound,
	    char *why, size_t why_size);

enum listener_verdict {
	LISTENER_FREE,
	LISTENER_TAKEN,		/* the address is in use */
	LISTENER_REFUSED,	/* it cannot be opened for another reason */
	LISTENER_UNKNOWN,	/* only systemd knows: it passed us nothing */
};

/*
 * Whether listener_open() would do it, found out without listening; nothing is
 * left of it, and nobody is disturbed: a TCP address is bound and closed at
 * once, a Unix socket that others serve is not connected to.  why is as above,
 * and set with all but LISTENER_FREE; holder is with LISTENER_TAKEN.
 */
enum listener_verdict listener_try(const struct listener_conf *,
	    struct addr *bound, struct holder *, char *why, size_t why_size);

/* Removes a Unix socket's name, if it is still the one of fd. */
void	listener_unlink(int fd, const struct addr *bound);

/* Who connected. */
struct client_info {
	struct addr address;	/* of a TCP client */
	bool has_user;		/* SO_PEERCRED told (Unix sockets) */
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
 * Accepts from fd, which stays the caller's, until freed (NULL is fine).
 * When it cannot, as without descriptors, it says so once and tries again a
 * little later.
 */
struct listener	*listener_new(struct loop *, int fd, listener_accept *,
		    void *owner);
void		 listener_free(struct listener *);

/*
 * From now on wants() is asked before a connection is accepted: false, and
 * none is in this turn; as long as it waits, it is asked in each turn unless
 * the listener is paused.  It may do what accept() may.
 */
void		 listener_ask(struct listener *, bool (*wants)(void *owner));

/* Stops and resumes accepting (connections wait in the kernel). */
void		 listener_pause(struct listener *, bool);

/*
 * Accepts one now, paused or not, without asking.  False: none waits, or none
 * can be accepted.  From the loop only.
 */
bool		 listener_take(struct listener *);

#endif
