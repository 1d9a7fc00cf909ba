/*
 * Virtual time.  The part of libevent that net/loop and net/timer use, and the
 * clocks, by what is to be done next in the simulated world: time jumps to the
 * next errand or to the event of the timers, and nothing else ever happens.
 * So the loop and the heap of timers are the real ones.
 *
 * An errand is done in a turn of the loop of its own, unless it is an errand
 * of the same owner's; errands of one moment in the order in which they were
 * set.
 */
#ifndef TESTS_SIM_CLOCK_H
#define TESTS_SIM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct errand {
	struct errand *next, **prev;	/* NULL: not set */
	int64_t at;			/* ns */
	void (*fn)(void *owner);
	void *owner;
};

/* The world begins; what is set is forgotten. */
void	clock_begin(void);
void	clock_end(void);

/* ns since a moment before the beginning. */
int64_t	clock_now(void);

void	errand_init(struct errand *, void (*fn)(void *owner), void *owner);

/* In so many ns, at the latest: an earlier time that was set stays. */
void	errand_set(struct errand *, int64_t ns);
void	errand_clear(struct errand *);
bool	errand_is_set(const struct errand *);

/* The machine sleeps for so long: no timer notices, but clock_boot() does. */
void	clock_sleep(int64_t ns);

/* Something came to a descriptor: events of it are looked at. */
void	clock_notice(int fd);

/* Without a loop: errands until none is left. */
void	clock_run_out(void);

/* Time stops there: the loop does what is to be done until then. */
void	clock_stop_at(int64_t at);

/* It has come, and nothing was to be done before. */
void	clock_pass_to(int64_t at);

/* When the earliest event wakes the loop up; INT64_MAX: never. */
int64_t	clock_next_event(void);

/* Steps made since the beginning. */
uint64_t clock_steps(void);

#endif
