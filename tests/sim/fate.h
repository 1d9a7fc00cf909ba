/*
 * Decisions that the fakes of net/ (clock.c, dial.c, link.c, wire.c) leave
 * open: how long something takes, how bytes are cut, which peer is at the other
 * end; and reports of what happens.  In simulated worlds
 * chance decides and oracles get the reports (fate.c); in a test that drives
 * its network by hand the test decides (memory.c).
 */
#ifndef TESTS_SIM_FATE_H
#define TESTS_SIM_FATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "wire.h"

struct event_base;

/* ns until the program notices what a peer did. */
int64_t	fate_delay(void);

/* How many of n bytes one read brings; 1 to n. */
size_t	fate_piece(size_t n);

/* Whether a reset takes away bytes that came before it. */
bool	fate_overtakes(void);

/* How many of n bytes under way arrive before our reset. */
size_t	fate_arrives(size_t n);

/*
 * Whether the last segment of a client's handshake of TCP is under way when it
 * believes to be connected.
 */
bool	fate_is_under_way(void);

/* A dial succeeded, with this wire, which has no room and no peer yet. */
void	fate_connects(struct wire *);

/*
 * Memory that is allocated from now on belongs to the worker of that loop, or
 * to the world (NULL).  Returns the owner before.
 */
struct event_base *fate_owns(struct event_base *);

/* The program let a client in; a link was made for a wire. */
void	fate_accepts(struct wire *);
void	fate_serves(const struct wire *);

/* A client that was let in loses its connection before it gets a link. */
void	fate_shuts_out(const struct wire *);

/* The program writes t; news: something came that it has not read. */
void	fate_writes(const struct wire *, bool news, struct text);

/* The program closes the link of a wire. */
void	fate_closes(const struct wire *, enum link_end);

/* A listening socket is closed at which n clients wait. */
void	fate_refuses(size_t n);

/* Nothing happens until this time. */
void	fate_passes(int64_t at);

#endif
