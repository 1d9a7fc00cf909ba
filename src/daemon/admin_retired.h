/*
 * Admin processes that serve no longer: they finish what they do and end, by
 * force when their time is over.  Clients that read slowly could make each
 * reload leave one for that time, so of more than a few the oldest are ended.
 */
#ifndef DAEMON_ADMIN_RETIRED_H
#define DAEMON_ADMIN_RETIRED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/admin_child.h"

/* All zero: there is none. */
struct admin_retired {
	struct admin_child *list;	/* the last one first */
};

/* How many may take all of their time. */
#define ADMIN_RETIRED	4

/* Takes it over; it is killed at that time (monotonic, ns). */
void	admin_retired_add(struct admin_retired *, struct admin_child *,
	    int64_t kill_ns);

/* A child ended.  True when it was one of these. */
bool	admin_retired_reap(struct admin_retired *, pid_t);

/*
 * Kills those that are over their time; returns when the next one is, or
 * INT64_MAX.
 */
int64_t	admin_retired_step(struct admin_retired *, int64_t now);

/* Kills all, which need not be reaped for it. */
void	admin_retired_release(struct admin_retired *);

#endif
