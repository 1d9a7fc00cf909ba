/*
 * Lazy timers; see timer.h.  deadline is set by the owner; at wakes_at the loop
 * checks it, never later than the deadline, often earlier.
 *
 * All timers of a loop share one event of libevent; those to be checked are a
 * binary heap, the earliest first, and each knows its place there, or NOWHERE.
 * A timer is small: every idle client has one.
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
#define NOWHERE	SIZE_MAX

/* A hundred years, so that no sum overflows. */
#define LONGEST	(INT64_C(100) * 366 * 86400 * 1000)

struct timers {
	struct loop *loop;
	struct event wake_up;
	int64_t armed;			/* time the event is set for, or
					   NEVER */
	struct timer **heap;
	size_t n, cap;
	struct deferred end;
};

/* -- the heap -- */

static void
put(struct timers *a, size_t at, struct timer *t)
{
	a->heap[at] = t;
	t->at = at;
}

static void
sift_towards_top(struct timers *a, struct timer *t)
{
	size_t at = t->at;

	while (at > 0 && t->wakes_at < a->heap[(at - 1) / 2]->wakes_at) {
		put(a, at, a->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	put(a, at, t);
}

static void
sift_towards_end(struct timers *a, struct timer *t)
{
	size_t at = t->at, child;

	for (; (child = 2 * at + 1) < a->n; at = child) {
		if (child + 1 < a->n && a->heap[child + 1]->wakes_at <
		    a->heap[child]->wakes_at)
			child++;
		if (t->wakes_at <= a->heap[child]->wakes_at)
			break;
		put(a, at, a->heap[child]);
	}
	put(a, at, t);
}

static void
heap_add(struct timers *a, struct timer *t)
{
	if (a->n == a->cap) {
		a->cap = a->cap != 0 ? a->cap * 2 : 64;
		a->heap = xreallocarray(a->heap, a->cap, sizeof(*a->heap));
	}
	put(a, a->n++, t);
	sift_towards_top(a, t);
}

static void
heap_remove(struct timers *a, struct timer *t)
{
	struct timer *last = a->heap[--a->n];
	size_t at = t->at;

	t->at = NOWHERE;
	if (last == t)
		return;
	put(a, at, last);
	sift_towards_top(a, last);
	sift_towards_end(a, last);
}

/* -- the event -- */

static void
arm(struct timers *a)
{
	int64_t us, now;
	struct timeval tv;

	if (a->n == 0 || a->heap[0]->wakes_at >= a->armed)
		return;
	a->armed = a->heap[0]->wakes_at;
	now = loop_now(a->loop);
	us = a->armed > now ? (a->armed - now + 999) / 1000 : 0;
	tv.tv_sec = us / 1000000;
	tv.tv_usec = us % 1000000;
	evtimer_add(&a->wake_up, &tv);
}

static void
look_at(struct timers *a, struct timer *t, int64_t now)
{
	t->wakes_at = NEVER;
	if (t->deadline == NEVER)
		return;
	if (now < t->deadline) {
		t->wakes_at = t->deadline;
		heap_add(a, t);
		return;
	}
	t->deadline = NEVER;
	t->fn(t->owner);
}

static void
timer_on_wake_up(evutil_socket_t fd, short what, void *arg)
{
	struct timers *a = arg;
	int64_t now = loop_now(a->loop);

	(void)fd;
	(void)what;
	a->armed = NEVER;
	while (a->n != 0 && a->heap[0]->wakes_at <= now) {
		struct timer *t = a->heap[0];

		heap_remove(a, t);
		look_at(a, t, now);
	}
	arm(a);
}

/* -- the timers of a loop -- */

static void
timers_free(void *owner)
{
	struct timers *a = owner;

	assert(a->n == 0);
	evtimer_del(&a->wake_up);
	free(a->heap);
	free(a);
}

static struct timers *
timers_of(struct loop *l)
{
	struct timers **place = loop_timers(l), *a = *place;

	if (a != NULL)
		return a;
	a = xcalloc(1, sizeof(*a));
	a->loop = l;
	a->armed = NEVER;
	evtimer_assign(&a->wake_up, loop_base(l), timer_on_wake_up, a);
	deferred_init(&a->end, LOOP_LAST, timers_free, a);
	deferred_queue(l, &a->end);
	*place = a;
	return a;
}

void
timer_init(struct timer *t, struct loop *l, void (*fn)(void *owner),
    void *owner)
{
	*t = (struct timer){
		.all = timers_of(l),
		.fn = fn,
		.owner = owner,
		.deadline = NEVER,
		.wakes_at = NEVER,
		.at = NOWHERE,
	};
}

void
timer_end(struct timer *t)
{
	if (t->all != NULL && t->at != NOWHERE)
		heap_remove(t->all, t);
	t->all = NULL;
}

void
timer_set(struct timer *t, int64_t ms)
{
	struct timers *a = t->all;

	assert(ms >= 0);
	if (ms > LONGEST)
		ms = LONGEST;
	t->deadline = loop_now(a->loop) + ms * NS_PER_MS;
	if (t->deadline >= t->wakes_at)
		return;
	t->wakes_at = t->deadline;
	if (t->at == NOWHERE)
		heap_add(a, t);
	else
		sift_towards_top(a, t);
	arm(a);
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
