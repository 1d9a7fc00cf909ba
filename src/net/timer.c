/*
 * Lazy timers; see timer.h.  deadline is what the owner wants, wakes_at when
 * libevent will wake us: never later than the deadline, often earlier.
 */
#include "net/timer.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/time.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/alloc.h"
#include "base/clock.h"

#define NEVER	INT64_MAX

/* A hundred years, so that no sum overflows. */
#define LONGEST	(INT64_C(100) * 366 * 86400 * 1000)

struct timer {
	struct loop *loop;
	void (*fn)(void *owner);
	void *owner;
	int64_t deadline;
	int64_t wakes_at;
	struct event wake_up;
};

/* Not earlier than at, which is after loop_now(). */
static void
wake_at(struct timer *t, int64_t at)
{
	int64_t us = (at - loop_now(t->loop) + 999) / 1000;
	struct timeval tv = {
		.tv_sec = us / 1000000,
		.tv_usec = us % 1000000,
	};

	t->wakes_at = at;
	evtimer_add(&t->wake_up, &tv);
}

static void
on_wake_up(evutil_socket_t fd, short what, void *arg)
{
	struct timer *t = arg;
	int64_t now = loop_now(t->loop);

	(void)fd;
	(void)what;
	t->wakes_at = NEVER;
	if (t->deadline == NEVER)
		return;
	if (now < t->deadline) {
		/* libevent's clock is coarser than ours. */
		wake_at(t, t->deadline > now + NS_PER_MS ? t->deadline :
		    now + NS_PER_MS);
		return;
	}
	t->deadline = NEVER;
	t->fn(t->owner);
}

struct timer *
timer_new(struct loop *l, void (*fn)(void *owner), void *owner)
{
	struct timer *t = xcalloc(1, sizeof(*t));

	t->loop = l;
	t->fn = fn;
	t->owner = owner;
	t->deadline = t->wakes_at = NEVER;
	evtimer_assign(&t->wake_up, loop_base(l), on_wake_up, t);
	return t;
}

void
timer_free(struct timer *t)
{
	if (t == NULL)
		return;
	evtimer_del(&t->wake_up);
	free(t);
}

void
timer_set(struct timer *t, int64_t ms)
{
	assert(ms >= 0);
	if (ms > LONGEST)
		ms = LONGEST;
	t->deadline = loop_now(t->loop) + ms * NS_PER_MS;
	if (t->deadline < t->wakes_at)
		wake_at(t, t->deadline);
}

void
timer_clear(struct timer *t)
{
	t->deadline = NEVER;
}

bool
timer_is_set(const struct timer *t)
{
	return t->deadline != NEVER;
}
