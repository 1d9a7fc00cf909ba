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
#include "net/holder.h"

struct sockets {
	int *fds;		/* one per conf->listeners */
	struct addr *bound;	/* their addresses, with the ports that the
				   kernel chose */
	size_t n;		/* open ones */
};

/*
 * Opens all of them and adds an error for each that cannot be opened; the
 * others are open.  Logs what systemd passed in and no listener takes.
 */
void	sockets_open(struct sockets *, const struct conf *,
	    struct conf_diagnostics *);

/* Tells whether the holder of an address runs this configuration. */
struct sockets_asker {
	bool (*is_ours)(void *ctx, const struct holder *);
	void *ctx;
};

/*
 * Finds the errors that sockets_open() would, without listening; leaves nothing
 * behind (listener_try()).  An address in use is a warning, unless this
 * configuration uses it itself; so is what only systemd knows.
 */
void	sockets_try(const struct conf *, const struct sockets_asker *,
	    struct conf_diagnostics *);

/* Logs where clients may connect, a line per socket. */
void	sockets_announce(const struct sockets *);

/* Closes them and removes the names of Unix sockets; harmless when repeated. */
void	sockets_close(struct sockets *);

/* Closes what is still open and frees. */
void	sockets_release(struct sockets *);

#endif
