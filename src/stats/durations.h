/*
 * The bounds of the histogram of durations.
 */
#ifndef STATS_DURATIONS_H
#define STATS_DURATIONS_H

#include <stdint.h>

#include "base/clock.h"
#include "stats/layout.h"

/* In milliseconds; each bound belongs to what is below it. */
static const int64_t durations_ms[DURATIONS] = {
	5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000,
};

/* The first bound that the duration is not beyond, or DURATIONS. */
static inline unsigned
durations_place(int64_t ns)
{
	unsigned i = 0;

	while (i < DURATIONS && ns > durations_ms[i] * NS_PER_MS)
		i++;
	return i;
}

#endif
