/*
 * A network in memory that a test drives by hand: the fakes of the simulated
 * world, so that sessions and pools run on bytes that the test feeds, with the
 * real loop and timers.  All of a turn happens at once; time passes only in
 * memory_fire() and memory_pass().  Bytes sent on a wire stay in its out, for
 * the test to look at.
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

/* All links must be closed. */
void		 memory_end(void);

/* The latest first. */
struct wire	*memory_wires(void);

/* A client's wire, with the descriptor that stands for it. */
struct wire	*memory_client(int *fd);

/* Each of these ends with the end of the turn. */

/* False, and nothing is fed, if no input is wanted. */
bool		 memory_feed(struct wire *, const void *, size_t n);
bool		 memory_eof(struct wire *, bool clean);
void		 memory_fail(struct wire *);

/* The wire takes n more bytes; SIZE_MAX: any number, as at first. */
void		 memory_set_room(struct wire *, size_t n);

/* The oldest dial ends, verified or not.  False if there is none. */
bool		 memory_connect(bool verified);
bool		 memory_dial(enum dial_result);

/* A verified one on which bytes came with the end of the handshake. */
bool		 memory_connect_with_bytes(void);

/* Time passes until the loop is woken.  False if it never is. */
bool		 memory_fire(void);

/* ms pass, with every deadline within them. */
void		 memory_pass(int64_t ms);

/* ms pass while the machine sleeps: no deadline passes. */
void		 memory_sleep(int64_t ms);

/* Only the end of the turn. */
void		 memory_turn(void);

#endif
