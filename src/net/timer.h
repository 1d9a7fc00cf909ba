/*
 * Deadlines that are moved often and rarely met: moving or clearing one is a
 * store.  The loop wakes up at the earliest time it was once set to and finds
 * out then.
 */
#ifndef NET_TIMER_H
#define NET_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"

struct timer;

/* fn runs once per timer_set() whose time came. */
struct timer	*timer_new(struct loop *, void (*fn)(void *owner),
		    void *owner);

/* Allowed within fn; NULL is fine. */
void		 timer_free(struct timer *);

/* In ms milliseconds from loop_now(); replaces the earlier deadline. */
void		 timer_set(struct timer *, int64_t ms);
void		 timer_clear(struct timer *);
bool		 timer_is_set(const struct timer *);

#endif
