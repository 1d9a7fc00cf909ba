/*
 * What the parent of the simulated world does about keys: the real key keeper,
 * what workers tell it, probes that it has them make, and orders of people, at
 * times that chance chooses.  What daemon/parent and daemon/generation_keys do
 * with processes and sockets.
 */
#ifndef TESTS_SIM_KEYS_H
#define TESTS_SIM_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "setting.h"
#include "stats/memory.h"
#include "stats/stats.h"

/* The parent begins, and ends when no worker is left. */
void	keys_begin(struct stats_memory *);
void	keys_end(void);

/* People give some orders, if the world is one where keys change. */
void	keys_plan(void);

/* As in keys/key_keeper.h; the generation is that of a setting. */
void	keys_meet(unsigned generation, struct stats *);
void	keys_serve(unsigned generation, struct stats *);
void	keys_forget(unsigned generation);

/*
 * The parent still takes steps: there are clients, and it is not too long ago
 * that the world began.
 */
bool	keys_are_watched(void);

/* A worker has ended, and the parent knows. */
void	keys_lost(unsigned worker);

#endif
