/*
 * One run: a world made of a seed, from its first client until nothing is
 * left to happen, and all of the program that serves it between listener and
 * TLS.
 */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

/* How many exchanges there were.  told: its history is written. */
unsigned long	world_run(uint64_t seed, bool told);

#endif
