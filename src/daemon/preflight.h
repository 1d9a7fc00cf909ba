/*
 * All that a daemon finds out about its configuration before it listens,
 * beyond what the loader did.  `run` and `check` ask here, so that one of them
 * refuses what the other does.
 */
#ifndef DAEMON_PREFLIGHT_H
#define DAEMON_PREFLIGHT_H

#include "conf/conf.h"
#include "daemon/sockets.h"
#include "sandbox/sandbox.h"

/*
 * Adds errors and warnings: reasons why workers would fail, found before there
 * is one, but for what is kept of keys (key_store.h).  Opens nothing that stays
 * open.  The report is about the sandbox that workers will have.
 */
void	preflight(const struct conf *, struct conf_diagnostics *,
	    struct sandbox_report *);

/*
 * The same, with the errors that taking what is kept of keys and opening the
 * sockets would meet; sorted.  It leaves nothing behind, and does not disturb a
 * daemon that runs.
 */
void	preflight_only(const struct conf *, const struct sockets_asker *,
	    struct conf_diagnostics *);

#endif
