/*
 * One run: a world made of a seed, from its first client until nothing is left
 * to happen, with all of the program between listener and TLS.
 */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

/* Returns the number of exchanges.  told: its history is written. */
unsigned long	world_run(uint64_t seed, bool told);

#endif
