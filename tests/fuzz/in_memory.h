/*
 * A network in memory: link-time substitutes for net/link, dial, tls,
 * resolve, timer and orphan, so that fronts and pools run on fed bytes, in
 * fuzzers and in unit tests.  Time stands still but for memory_fire() and
 * memory_pass().
 *
 * There is one such network at a time, between memory_start() and
 * memory_end().
 */
#ifndef TESTS_FUZZ_IN_MEMORY_H
#define TESTS_FUZZ_IN_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/dial.h"
#include "net/link.h"
#include "net/loop.h"

/* A connection, kept when it is closed. */
struct wire {
	struct wire *next;
	bool upstream;
	struct link *link;		/* NULL: we closed it */
	enum link_end end;		/* how */
	struct buf in, out;		/* all that was fed; all that was sent */
	size_t room;			/* what it still takes */
	size_t waiting;			/* at most so much of out is unread */
	size_t under_way;		/* the same: has not arrived */
	bool unnoticed;			/* its end came: link_is_quiet() */
};

void		 memory_start(struct loop *);

/* All is freed, and nothing but wires may be left. */
void		 memory_end(void);

/* The latest first. */
struct wire	*memory_wires(void);

/* Each is followed by the end of the turn. */

/* False, and nothing is fed, where no input is wanted. */
bool		 memory_feed(struct wire *, const void *, size_t n);
bool		 memory_eof(struct wire *, bool clean);
void		 memory_fail(struct wire *);
void		 memory_set_room(struct wire *, size_t);

/* The oldest dial ends, verified or not.  False where there is none. */
bool		 memory_connect(bool verified);
bool		 memory_dial(enum dial_result);

/* A verified one on which something came with the end of the handshake. */
bool		 memory_connect_with_bytes(void);

/* The earliest deadline passes.  False where there is none. */
bool		 memory_fire(void);

/* So much time passes, and every deadline within it. */
void		 memory_pass(int64_t ms);

/* So much time passes while the machine sleeps: no deadline does. */
void		 memory_sleep(int64_t ms);

/* The end of the turn alone. */
void		 memory_turn(void);

#endif
