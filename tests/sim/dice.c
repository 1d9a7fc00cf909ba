/*
 * Numbers that follow from a seed; see dice.h.  The generator is xorshift64*,
 * which is good enough for tests and the same on all machines.
 */
#include "dice.h"

#include <sys/random.h>
#include <unistd.h>

static uint64_t state;

static uint64_t
next(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * UINT64_C(2685821657736338717);
}

void
dice_start(uint64_t seed)
{
	/*
	 * Seeds that differ by one must have nothing in common, and not become
	 * 0.
	 */
	state = (seed + 1) * UINT64_C(0x9E3779B97F4A7C15);
	for (unsigned i = 0; i < 8; i++)
		(void)next();
}

size_t
dice(size_t n)
{
	return (size_t)((next() >> 32) * n >> 32);
}

int64_t
dice_between(int64_t least, int64_t most)
{
	return least + (int64_t)(next() >> 1) % (most - least + 1);
}

bool
dice_one_in(size_t n)
{
	return dice(n) == 0;
}

size_t
dice_weighed(const unsigned *weights, size_t n)
{
	size_t sum = 0, at, i = 0;

	for (size_t j = 0; j < n; j++)
		sum += weights[j];
	for (at = dice(sum); at >= weights[i]; i++)
		at -= weights[i];
	return i;
}

/* Random bytes that identify a process are the same in each run. */
ssize_t
getrandom(void *p, size_t n, unsigned flags)
{
	uint8_t *bytes = p;

	(void)flags;
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(i * 17 + 1);
	return (ssize_t)n;
}

pid_t
getpid(void)
{
	return 1;
}
