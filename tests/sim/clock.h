/*
 * Virtual time: the part of libevent that net/loop and net/timer use, and the
 * clocks.  Time jumps to the next errand of the simulated world, or to the
 * event of the timers, and nothing else ever happens.  So the loops and the
 * heaps of timers are the real ones.
 *
 * Events and the errands that belong to a loop run in a turn of it, each in its
 * own; the other errands run between the turns of loops.  Errands of the same
 * time run in the order in which they were set.
 */
#ifndef TESTS_SIM_CLOCK_H
#define TESTS_SIM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;

/* Loops that are made after clock_begin(), one after the other. */
#define CLOCK_BASES	64

struct errand {
	struct errand *next, **prev;	/* NULL: not set */
	int64_t at;			/* ns */
	void (*fn)(void *owner);
	void *owner;
	struct event_base *base;	/* of its loop; NULL: of none */
};

/* The world begins; everything that was set is forgotten. */
void	clock_begin(void);
void	clock_end(void);

/* ns since a moment before the beginning. */
int64_t	clock_now(void);

/* It belongs to no loop until its base is set. */
void	errand_init(struct errand *, void (*fn)(void *owner), void *owner);

/*
 * Runs it in ns nanoseconds at the latest: an earlier time that was set stays.
 */
void	errand_set(struct errand *, int64_t ns);
void	errand_clear(struct errand *);
bool	errand_is_set(const struct errand *);

/* The machine sleeps for ns: no timer notices, but clock_boot() does. */
void	clock_sleep(int64_t ns);

/* Something came to a descriptor: its events are checked. */
void	clock_notice(int fd);

/* The base's number, from 0 on in the order in which they were made. */
unsigned clock_number(const struct event_base *);

/*
 * Whether anything is left to happen, and in which loop it happens next; NULL:
 * in none.
 */
bool	clock_next(struct event_base **);

/* Runs one errand that belongs to no loop, or all that are left. */
void	clock_run_one(void);
void	clock_run_out(void);

/* Time stops there: the loop runs only what is due until then. */
void	clock_stop_at(int64_t at);

/* Time moves on to this, with nothing due before. */
void	clock_pass_to(int64_t at);

/* The time at which the earliest event wakes the loop; INT64_MAX: never. */
int64_t	clock_next_event(void);

/* Steps made since the beginning. */
uint64_t clock_steps(void);

#endif
