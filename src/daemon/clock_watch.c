/*
 * Steps of the clock; see clock_watch.h.
 */
#include "daemon/clock_watch.h"

#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* In the year 2242: the kernel counts nanoseconds until 2262. */
#define NEVER_S		INT64_C(0x200000000)

void
clock_watch_open(struct clock_watch *w)
{
	const struct itimerspec never = { .it_value.tv_sec = NEVER_S };

	w->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (w->fd != -1 && timerfd_settime(w->fd,
	    TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) != 0)
		clock_watch_close(w);
}

void
clock_watch_close(struct clock_watch *w)
{
	if (w->fd != -1)
		close(w->fd);
	w->fd = -1;
}

/* poll() passes over -1. */
void
clock_watch_poll(const struct clock_watch *w, struct pollfd *fd)
{
	*fd = (struct pollfd){ .fd = w->fd, .events = POLLIN };
}

void
clock_watch_take(const struct clock_watch *w)
{
	uint64_t n;

	/* That fails by ECANCELED, and the timer is as it was. */
	if (read(w->fd, &n, sizeof(n)) == -1)
		return;
}
