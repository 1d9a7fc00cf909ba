/*
 * By which workers wake each other: a descriptor per worker, made by the
 * parent, which all of them inherit and whoever replaces one of them, too.
 * The parent rings none: a worker that was taken over could make it wait.
 */
#ifndef DAEMON_BELLS_H
#define DAEMON_BELLS_H

#include <stdbool.h>
#include <stddef.h>

struct bells {
	int *fds;
	size_t n;
};

/* One for each of n workers.  False with errno. */
bool	bells_open(struct bells *, size_t n);
void	bells_close(struct bells *);

/* Makes that worker's descriptor readable.  It never waits. */
void	bells_ring(const struct bells *, size_t worker);

/* For the worker that was rung. */
void	bells_hush(const struct bells *, size_t worker);

#endif
