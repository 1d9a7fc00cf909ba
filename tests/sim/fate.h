/*
 * What the fakes of net/ (clock.c, dial.c, link.c, wire.c) do not decide: how
 * long something takes, how bytes are cut, how a dial ends, who sits at the
 * other end; and who is told of what happens.  In simulated worlds chance
 * decides and oracles are told (fate.c), in a test that drives its network by
 * hand the test decides (memory.c).
 */
#ifndef TESTS_SIM_FATE_H
#define TESTS_SIM_FATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "dial.h"
#include "wire.h"

/* ns until the program notices what a peer did. */
int64_t	fate_delay(void);

/* How many of n bytes one read brings; 1 to n. */
size_t	fate_piece(size_t n);

/* A reset that comes takes away what had come before it. */
bool	fate_overtakes(void);

/* How many of n bytes under way arrive before a reset that we send. */
size_t	fate_arrives(size_t n);

/* A dial began: see to dial_end_in(), now or later. */
void	fate_dials(struct dial *);

/* It ended well, with this wire, which has no room nor peer yet. */
void	fate_connects(struct wire *);

/* The program let a client in; a link was made of a wire. */
void	fate_accepts(struct wire *);
void	fate_serves(const struct wire *);

/* The program writes so; news: something came that it has not read. */
void	fate_writes(const struct wire *, bool news, struct text);

/* Nothing happens until then. */
void	fate_passes(int64_t at);

#endif
