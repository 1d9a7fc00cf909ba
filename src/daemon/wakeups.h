/*
 * How workers wake each other: an event descriptor per worker, made by the
 * parent and inherited by all workers, also by later replacements.  The parent
 * writes to none, because a worker that an attacker controls could make it
 * wait.
 */
#ifndef DAEMON_WAKEUPS_H
#define DAEMON_WAKEUPS_H

#include <stdbool.h>
#include <stddef.h>

struct wakeups {
	int *fds;
	size_t n;
};

/* One for each of n workers.  False with errno. */
bool	wakeups_open(struct wakeups *, size_t n);
void	wakeups_close(struct wakeups *);

/* Makes that worker's descriptor readable.  Never blocks. */
void	wakeups_send(const struct wakeups *, size_t worker);

/* Called by the worker that was woken: its descriptor is no longer readable. */
void	wakeups_take(const struct wakeups *, size_t worker);

#endif
