/*
 * Places of all workers; see places.h.
 *
 * A worker says that it holds one more, and only then adds the numbers of all:
 * so whoever comes later sees it.
 */
#include "stats/places.h"

/*
 * Two workers that see each other while both want the last place both step
 * back, and try again; but not for ever.
 */
#define TRIES	16

static _Atomic uint32_t *
number_of(struct stats_held *held, size_t what)
{
	return (_Atomic uint32_t *)(void *)((char *)held + what);
}

uint64_t
places_held(const struct stats *f, size_t what)
{
	const size_t slots = atomic_load(
	    &stats_memory_decided(f->memory)->slots);
	uint64_t all = 0;

	for (size_t i = 0; i < slots; i++)
		all += atomic_load(number_of(stats_memory_held(f->memory, i),
		    what));
	return all;
}

bool
places_take(struct stats *f, size_t what, uint32_t most)
{
	_Atomic uint32_t *mine = number_of(f->held, what);

	for (unsigned i = 0; i < TRIES; i++) {
		atomic_store(mine, atomic_load(mine) + 1);
		if (places_held(f, what) <= most)
			return true;
		places_give(f, what);
		if (places_held(f, what) >= most)
			return false;
	}
	return false;
}

/* A worker that was taken over may have cleared the numbers of others. */
void
places_give(struct stats *f, size_t what)
{
	_Atomic uint32_t *mine = number_of(f->held, what);
	uint32_t n = atomic_load(mine);

	if (n != 0)
		atomic_store(mine, n - 1);
}

uint32_t
places_own(const struct stats *f, size_t what)
{
	return atomic_load(number_of(f->held, what));
}

uint32_t
places_share(const struct stats *f, size_t what, uint32_t most)
{
	const size_t slots = atomic_load(
	    &stats_memory_decided(f->memory)->slots);
	uint32_t n = 0;

	for (size_t i = 0; i < slots; i++) {
		struct stats_held *held = stats_memory_held(f->memory, i);

		if (held == f->held || atomic_load(number_of(held, what)) != 0)
			n++;
	}
	return n != 0 ? most / n : most;
}
