/*
 * One event loop, one thread.  Wraps libevent's and adds what a turn needs:
 * work put off to the end of the turn, when all descriptors of the turn have
 * been served, so that output leaves in one write and nothing is freed under
 * the callback that called it.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blocks.h"

struct event_base;
struct loop;

/* Bytes that one read of any link may bring. */
#define LOOP_SCRATCH	65536

/* Bytes of the blocks that buffers are made of. */
#define LOOP_BLOCK	16384

/* The version of libevent. */
const char		*loop_library(void);

struct loop		*loop_new(void);

/* Runs the work that was put off, LOOP_END too, then frees.  NULL is fine. */
void			 loop_free(struct loop *);

struct event_base	*loop_base(struct loop *);

/* Recycled blocks for buffers of this loop's connections. */
struct blocks		*loop_blocks(struct loop *);

/* LOOP_SCRATCH bytes into which links read; valid during one callback. */
uint8_t			*loop_scratch(struct loop *);

/* clock_monotonic() and clock_boot() as of this turn, nanoseconds. */
int64_t			 loop_now(struct loop *);
int64_t			 loop_boot(struct loop *);

/* Where timer.c keeps the timers of this loop; NULL at first. */
struct timers;
struct timers		**loop_timers(struct loop *);

/* Where linger.c keeps the connections that linger; NULL at first. */
struct lingers;
struct lingers		**loop_lingers(struct loop *);

/*
 * Turns until loop_stop(), or until there is no event to wait for; returns
 * after the turn that called it.
 */
void			 loop_run(struct loop *);
void			 loop_stop(struct loop *);

/*
 * True for the first LOOP_HEAVY calls of a turn: for work that takes about a
 * millisecond, such as a signature, and can wait until the next turn.  So
 * those who are served already never wait for much of it.
 */
#define LOOP_HEAVY	8
bool			 loop_allows_heavy(struct loop *);

/*
 * Work for the end of this turn.  The owner embeds it; queueing it twice is as
 * once.  fn may queue anything again, itself too: the turn ends when nothing is
 * queued.  Work of LATE runs when no other is left: flushing logs and freeing
 * dead objects.  Work of END waits for loop_free(): giving back objects that
 * only the loop still knows.  LAST runs after it, for what END still needs.
 */
enum loop_phase { LOOP_SOON, LOOP_LATE, LOOP_END, LOOP_LAST };

struct deferred {
	void (*fn)(void *owner);
	void *owner;
	struct deferred *next, *prev;	/* NULL: not queued */
	enum loop_phase phase;
};

void	 deferred_init(struct deferred *, enum loop_phase,
	    void (*fn)(void *owner), void *owner);
void	 deferred_queue(struct loop *, struct deferred *);
void	 deferred_cancel(struct deferred *);

#endif
