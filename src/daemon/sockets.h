/*
 * The listening sockets of a configuration, which the parent keeps and its
 * workers inherit.  A socket outlives the configuration that it was made for
 * where the next one listens at the same address, so that no client is refused
 * in between.
 */
#ifndef DAEMON_SOCKETS_H
#define DAEMON_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "conf/conf.h"
#include "net/holder.h"

struct socket;			/* one of them, shared */

struct sockets {
	int *fds;		/* one per listener */
	struct addr *bound;	/* their addresses, with the ports that the
				   kernel chose */
	size_t n;		/* open ones */
	struct socket **v;	/* the same ones */
	const struct conf_listener *listeners;	/* borrowed */
	const struct sockets *also;	/* further ones of the same
					   configuration, or NULL */
};

/*
 * Opens those of n listeners, and adds an error for each that cannot be opened;
 * the others are open; one that systemd passed in is warned of where other
 * machines can reach it without TLS.  current, or NULL, are those that are open
 * already: one with the same address is taken as it is, whatever it served.
 * `also` is set before, all else is not.
 *
 * In this function and the others, those that are given by a pointer to const
 * are all that can be reached from it by `also`.
 */
void	sockets_open(struct sockets *, const struct conf_listener *, size_t n,
	    const struct sockets *current, struct conf_diagnostics *);

/*
 * Gives the names of Unix sockets that were taken over the owner, group and
 * mode that these listeners want.  False: an error was added; what was changed
 * is undone by those of the configuration that stays.
 */
bool	sockets_permit(const struct sockets *, struct conf_diagnostics *);

/* Clients may wait at one of them until the next daemon serves it. */
bool	sockets_followed(const struct sockets *);

/* The i-th is one of the others, too. */
bool	sockets_share(const struct sockets *, size_t i,
	    const struct sockets *others);

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

/* Logs where clients may connect, a line per socket; of new ones only. */
void	sockets_announce(const struct sockets *);

/*
 * Lets no more clients in at those that others do not have; who waits there can
 * still be accepted.
 */
void	sockets_shut(const struct sockets *, const struct sockets *others);

/*
 * Gives them back.  The last user closes a socket and removes the name of a
 * Unix socket.  Harmless when repeated.
 */
void	sockets_close(struct sockets *);

/*
 * In a forked child: closes those that others, or NULL, do not have, and no
 * more.
 */
void	sockets_abandon(const struct sockets *, const struct sockets *others);

/* Closes what is still open and frees. */
void	sockets_release(struct sockets *);

#endif
