/*
 * The pages of stats/memory, which all worlds have one after the other
 * (-Wl,--wrap): to map, to fill and to unmap them costs more than the rest of a
 * small world.
 */
#ifndef TESTS_SIM_STATS_PAGES_H
#define TESTS_SIM_STATS_PAGES_H

#include "stats/memory.h"

/* To be called before the memory is freed. */
void	stats_pages_wipe(struct stats_memory *);

#endif
