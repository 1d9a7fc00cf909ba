/*
 * Virtual time: the part of libevent that net/loop and net/timer use, and the
 * clocks.  Time jumps to the next errand of the simulated world, or to the
 * event of the timers, and nothing else ever happens.  So the loop and the heap
 * of timers are the real ones.
 *
 * An errand runs in a turn of the loop of its own; errands of the same time run
 * in the order in which they were set.
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

/* The world begins; everything that was set is forgotten. */
void	clock_begin(void);
void	clock_end(void);

/* ns since a moment before the beginning. */
int64_t	clock_now(void);

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

/* Without a loop: runs errands until none is left. */
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
