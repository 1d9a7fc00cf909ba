/*
 * The parent of the simulated world: starts the workers of a configuration,
 * replaces those that die, reloads and stops, at times that chance chooses.
 * What daemon/parent does with processes.
 */
#ifndef TESTS_SIM_PARENT_H
#define TESTS_SIM_PARENT_H

#include <limits.h>
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

/*
 * By what clients of a listener are judged that are let in, as
 * setting_judges_by() tells it, whatever the workers have heard;
 * PARENT_TRUSTS_NOBODY: it is there no more, so none is.  And how often that
 * changed.
 */
#define PARENT_TRUSTS_NOBODY	UINT_MAX
unsigned parent_judges_by(size_t listener);
unsigned parent_turns(size_t listener);

/*
 * Whether workers of that generation may accept clients of that listener: a
 * later one does, or there is none that has it.
 */
bool	parent_lets_in(unsigned generation, size_t listener);

/* It stops, or a worker died that should have taken clients. */
bool	parent_may_refuse(void);

/* The clients are cut, or the workers stop. */
void	parent_stop(void);
void	parent_cut(void);

/* The parent's process ends, after those of its workers. */
void	parent_end(void);

#endif
