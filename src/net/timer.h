/*
 * Deadlines that are moved often and rarely met: moving or clearing one is a
 * store.  The loop wakes up at the earliest time that a timer was once set to,
 * and checks its deadline then.
 */
#ifndef NET_TIMER_H
#define NET_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"

/* Its owner embeds it; the members are private to timer.c. */
struct timer {
	struct timers *all;
	void (*fn)(void *owner);
	void *owner;
	int64_t deadline;
	int64_t wakes_at;
	size_t at;
};

/*
 * Initialises a timer, not set.  fn runs once per timer_set() whose time came.
 */
void	timer_init(struct timer *, struct loop *, void (*fn)(void *owner),
	    void *owner);

/*
 * To be called before its memory goes: even a cleared timer may be in the
 * loop's heap.  Allowed within fn, more than once, and for one of zeros.
 */
void	timer_end(struct timer *);

/* Sets it to ms milliseconds from loop_now(), replacing an earlier deadline. */
void	timer_set(struct timer *, int64_t ms);
void	timer_clear(struct timer *);
bool	timer_is_set(const struct timer *);

#endif
