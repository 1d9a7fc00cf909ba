/*
 * A worker: one event loop in one thread, with its clients, its upstreams and
 * the keys of one configuration.
 */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

#include <stddef.h>

#include "conf/conf.h"
#include "daemon/access_file.h"
#include "daemon/balance.h"
#include "daemon/wakeups.h"
#include "stats/stats.h"

struct worker_conf {
	const struct conf *conf;
	struct stats *stats;
	struct balance *balance;
	const struct wakeups *wakeups;
	size_t slot;			/* index of this worker in the three
					   above */
	const int *listeners;		/* one per conf->listeners */
	const struct access_file *access;
	int control;			/* channel to the parent */
	bool followed;			/* clients wait at its listeners until
					   the next daemon serves them */
	bool serves;			/* takes clients before it is told */
};

/*
 * How long exchanges may go on, and connections linger, after a stop was asked
 * for or the next generation took over.
 */
#define WORKER_GRACE_MS	30000

/* The time after that until all must be freed. */
#define WORKER_END_MS	3000

/*
 * Takes clients when the parent says so, and serves until it says stop
 * (SIGTERM, or its end).  To be called in a process of its own; returns its
 * exit status.
 */
int	worker_run(const struct worker_conf *);

#endif
