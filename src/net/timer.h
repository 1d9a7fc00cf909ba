/*
 * Deadlines that are moved often and rarely met: moving or clearing one is a
 * store.  The loop wakes up at the earliest time it was once set to and finds
 * out then.
 */
#ifndef NET_TIMER_H
#define NET_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"

/* Its owner embeds it; what is in it is the timer's. */
struct timer {
	struct timers *all;
	void (*fn)(void *owner);
	void *owner;
	int64_t deadline;
	int64_t wakes_at;
	size_t at;
};

/* Not set yet.  fn runs once per timer_set() whose time came. */
void	timer_init(struct timer *, struct loop *, void (*fn)(void *owner),
	    void *owner);

/*
 * Before its memory goes, for even one that was cleared may be in the loop's
 * list.  Allowed within fn, again, and for one of zeros.
 */
void	timer_end(struct timer *);

/* In ms milliseconds from loop_now(); replaces the earlier deadline. */
void	timer_set(struct timer *, int64_t ms);
void	timer_clear(struct timer *);
bool	timer_is_set(const struct timer *);

#endif
