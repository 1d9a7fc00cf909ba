/*
 * The only source of chance in a run: numbers that follow from its seed alone.
 * There is one sequence at a time.
 */
#ifndef TESTS_SIM_DICE_H
#define TESTS_SIM_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void		 dice_start(uint64_t seed);

/* 0 to n - 1; n is not 0. */
size_t		 dice(size_t n);

/* Both included. */
int64_t		 dice_between(int64_t least, int64_t most);

bool		 dice_one_in(size_t n);

/* The index of one of n weights, chosen in proportion to them. */
size_t		 dice_weighed(const unsigned *weights, size_t n);

#endif
