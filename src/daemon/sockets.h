/*
 * The listening sockets of a configuration, which the parent keeps and its
 * workers inherit.
 */
#ifndef DAEMON_SOCKETS_H
#define DAEMON_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "conf/conf.h"

struct sockets {
	int *fds;		/* one per conf->listeners */
	struct addr *bound;	/* to what, with the port the kernel chose */
	size_t n;		/* open ones */
};

/*
 * Opens all of them.  False where some cannot be opened, and of each was said
 * why; the others are open.  Warns of what systemd passed in and no listener
 * takes.
 */
bool	sockets_open(struct sockets *, const struct conf *);

/* Says where clients are waited for, a line per socket. */
void	sockets_announce(const struct sockets *);

/* Removes names of Unix sockets, too; what is closed already is fine. */
void	sockets_close(struct sockets *);

/* All that is left: closes and frees. */
void	sockets_release(struct sockets *);

#endif
