/*
 * Commands to type after a first set-up: which files were made, how to start
 * the daemon, and how a client uses it.  Every line can be pasted into a shell.
 */
#ifndef CLI_NEXT_STEPS_H
#define CLI_NEXT_STEPS_H

#include <stdio.h>

#include "cli/setup.h"

void	next_steps_print(const struct setup *, FILE *);

#endif
