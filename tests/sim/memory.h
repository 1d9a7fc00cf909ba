/*
 * A network in memory that a test drives by hand: the fakes of the simulated
 * world, so that sessions and pools run on bytes that the test feeds, with the
 * real loop and timers.  All of a turn happens at once; time stands still but
 * for memory_fire() and memory_pass().  What was sent on a wire stays in its
 * out, for the test to look at.
 *
 * There is one such network at a time, between memory_start() and
 * memory_end().
 */
#ifndef TESTS_SIM_MEMORY_H
#define TESTS_SIM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/dial.h"
#include "net/loop.h"
#include "wire.h"

void		 memory_start(struct loop *);

/* All must be closed. */
void		 memory_end(void);

/* The latest first. */
struct wire	*memory_wires(void);

/* A client's, with the descriptor that stands for it. */
struct wire	*memory_client(int *fd);

/* Each is followed by the end of the turn. */

/* False, and nothing is fed, where no input is wanted. */
bool		 memory_feed(struct wire *, const void *, size_t n);
bool		 memory_eof(struct wire *, bool clean);
void		 memory_fail(struct wire *);

/* The wire takes n bytes more; SIZE_MAX: any number, as at first. */
void		 memory_set_room(struct wire *, size_t n);

/* The oldest dial ends, verified or not.  False where there is none. */
bool		 memory_connect(bool verified);
bool		 memory_dial(enum dial_result);

/* A verified one on which something came with the end of the handshake. */
bool		 memory_connect_with_bytes(void);

/* Time passes until the loop is woken up.  False where it never is. */
bool		 memory_fire(void);

/* So much time passes, and every deadline within it. */
void		 memory_pass(int64_t ms);

/* So much time passes while the machine sleeps: no deadline does. */
void		 memory_sleep(int64_t ms);

/* The end of the turn alone. */
void		 memory_turn(void);

#endif
