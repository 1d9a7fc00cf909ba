/*
 * The admin process: one event loop that answers, at listeners of its own, how
 * the daemon is, and passes on what it is asked to do.  It never had a key: it
 * is our program executed anew, which knows what its parent hands over.
 */
#ifndef DAEMON_ADMIN_H
#define DAEMON_ADMIN_H

#include <stdbool.h>

/*
 * Whether this process was started by a parent to be its admin process: it has
 * the descriptors of admin_exec.h.
 */
bool	admin_was_started(void);

/*
 * Serves until the parent says stop (SIGTERM, or its end), or that another one
 * has taken over.  Returns the exit status.
 */
int	admin_run(void);

#endif
