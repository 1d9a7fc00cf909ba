/*
 * By which workers wake each other: an event descriptor per worker, made by
 * the parent, which all of them inherit and the replacement of one, too.  The
 * parent writes to none: a worker that was taken over could make it wait.
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

/* Makes that worker's descriptor readable.  It never waits. */
void	wakeups_send(const struct wakeups *, size_t worker);

/* For the worker that was woken: it is no longer readable. */
void	wakeups_take(const struct wakeups *, size_t worker);

#endif
