/*
 * Whether the clock of the machine was set, or the machine slept: what is
 * planned by that clock is due at another time then.  A timer that never comes
 * and that the kernel cancels at such a step (timerfd_create(2)): nobody wakes
 * up for it but then.
 */
#ifndef DAEMON_CLOCK_WATCH_H
#define DAEMON_CLOCK_WATCH_H

#include <poll.h>

struct clock_watch {
	int fd;			/* -1: there is none, and nothing is told */
};

/* Where the kernel has no such timer, it is as one that tells nothing. */
void	clock_watch_open(struct clock_watch *);
void	clock_watch_close(struct clock_watch *);

/* What to wait for with poll(); fills in one. */
void	clock_watch_poll(const struct clock_watch *, struct pollfd *);

/* It was set, which is known now: waits for the next time. */
void	clock_watch_take(const struct clock_watch *);

#endif
