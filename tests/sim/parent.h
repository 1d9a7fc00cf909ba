/*
 * The parent of the simulated world: starts the workers of a configuration,
 * replaces those that die, reloads and stops, at times that chance chooses.
 * What daemon/parent does with processes.
 */
#ifndef TESTS_SIM_PARENT_H
#define TESTS_SIM_PARENT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What will happen in a run; most runs have one worker only, and no reload or
 * death.  Called before anything else is left to chance, of which it takes
 * nothing then.
 */
void	parent_plan(void);

/* How many workers the first configuration asks for. */
unsigned parent_workers(void);

/* Starts the first generation. */
void	parent_begin(void);

/* A worker has ended by itself. */
void	parent_reap(unsigned worker);

/* All workers have been told to stop, and none is left. */
bool	parent_is_over(void);

/* It stops, or a worker died that should have taken clients. */
bool	parent_may_refuse(void);

/* The clients are cut, or the workers stop. */
void	parent_stop(void);
void	parent_cut(void);

/* The parent's process ends, after those of its workers. */
void	parent_end(void);

#endif
