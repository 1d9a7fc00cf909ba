/*
 * What to type after a first set-up: what was made, how to start it, and what
 * a client says to it.  Every line can be pasted into a shell.
 */
#ifndef CLI_NEXT_STEPS_H
#define CLI_NEXT_STEPS_H

#include <stdio.h>

#include "cli/setup.h"

void	next_steps_print(const struct setup *, FILE *);

#endif
