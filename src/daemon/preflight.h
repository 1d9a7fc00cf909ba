/*
 * All that a daemon finds out about its configuration before it listens,
 * beyond what the loader did.  `run` and `check` ask here, so that one of them
 * refuses what the other does.
 */
#ifndef DAEMON_PREFLIGHT_H
#define DAEMON_PREFLIGHT_H

#include "conf/conf.h"
#include "daemon/sockets.h"

/*
 * Adds the errors and warnings: what workers would fail for, before there is
 * one.  Opens nothing that stays.
 */
void	preflight(const struct conf *, struct conf_diagnostics *);

/*
 * The same, and what opening the sockets would meet; sorted.  Nothing is left
 * of it, and a daemon that runs is not disturbed.
 */
void	preflight_only(const struct conf *, const struct sockets_asker *,
	    struct conf_diagnostics *);

#endif
