/*
 * Whose turn it is; see balance.h.  A place per worker and listener; those of a
 * worker lie together, on cache lines of their own.
 */
#include "daemon/balance.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "base/clock.h"

#define CACHE_LINE	64

struct place {
	/*
	 * The second of the last change, and the number as of then: 32 bits
	 * each.
	 */
	_Atomic uint64_t had;
	_Atomic uint32_t state;		/* enum balance_state */
};

struct balance {
	size_t n_workers, n_listeners;
	size_t stride;			/* places per worker, in memory */
	size_t size;			/* of the mapping */
	struct place *places;
};

struct balance *
balance_new(size_t workers, size_t listeners)
{
	const size_t per_line = CACHE_LINE / sizeof(struct place);
	struct balance *b = xcalloc(1, sizeof(*b));

	b->n_workers = workers;
	b->n_listeners = listeners;
	b->stride = (listeners / per_line + 1) * per_line;
	assert(workers < SIZE_MAX / 4 / sizeof(struct place) / b->stride);
	b->size = workers * b->stride * sizeof(struct place);
	b->places = mmap(NULL, b->size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (b->places == MAP_FAILED)
		alloc_failed();
	return b;
}

void
balance_free(struct balance *b)
{
	if (b == NULL)
		return;
	munmap(b->places, b->size);
	free(b);
}

static struct place *
place_of(const struct balance *b, size_t worker, size_t listener)
{
	assert(worker < b->n_workers && listener < b->n_listeners);
	return &b->places[worker * b->stride + listener];
}

void
balance_reset(struct balance *b, size_t worker)
{
	for (size_t i = 0; i < b->n_listeners; i++) {
		atomic_store(&place_of(b, worker, i)->state, BALANCE_NONE);
		atomic_store(&place_of(b, worker, i)->had, 0);
	}
}

void
balance_set(const struct balance_place *p, enum balance_state state)
{
	atomic_store(&place_of(p->balance, p->worker, p->listener)->state,
	    state);
}

static uint32_t
second_of(int64_t now)
{
	return (uint32_t)(now / NS_PER_S);
}

static uint32_t
lately(const struct place *p, uint32_t second)
{
	uint64_t had = atomic_load(&p->had);
	uint32_t age = second - (uint32_t)(had >> 32);

	/* Another worker's clock may be a moment ahead. */
	if (age > INT32_MAX)
		age = 0;
	return age < 32 ? (uint32_t)had >> age : 0;
}

void
balance_note(const struct balance_place *p, int64_t now)
{
	struct place *place = place_of(p->balance, p->worker, p->listener);
	uint32_t second = second_of(now), n = lately(place, second);

	if (n < UINT32_MAX)
		n++;
	atomic_store(&place->had, (uint64_t)second << 32 | n);
}

static enum balance_state
state_of(const struct place *p)
{
	switch (atomic_load(&p->state)) {
	case BALANCE_FULL:
		return BALANCE_FULL;
	case BALANCE_WAITS:
		return BALANCE_WAITS;
	case BALANCE_AWAY:
		return BALANCE_AWAY;
	default:
		return BALANCE_NONE;
	}
}

static bool
takes_clients(enum balance_state state)
{
	return state == BALANCE_WAITS || state == BALANCE_AWAY;
}

bool
balance_is_ahead(const struct balance_place *p, int64_t now, size_t *other,
    enum balance_state *state)
{
	const struct balance *b = p->balance;
	uint32_t second = second_of(now), least = UINT32_MAX;

	for (size_t i = 0; i < b->n_workers; i++) {
		const struct place *place = place_of(b, i, p->listener);
		enum balance_state its = state_of(place);
		uint32_t n = lately(place, second);

		if (i == p->worker || !takes_clients(its) || n >= least)
			continue;
		least = n;
		*other = i;
		*state = its;
	}
	if (least == UINT32_MAX)
		return false;
	return lately(place_of(b, p->worker, p->listener), second) >=
	    least + BALANCE_LEAD;
}

bool
balance_has_other(const struct balance_place *p, size_t *other,
    enum balance_state *state)
{
	const struct balance *b = p->balance;

	*state = BALANCE_NONE;
	for (size_t i = 0; i < b->n_workers && *state != BALANCE_WAITS; i++) {
		enum balance_state its = state_of(place_of(b, i, p->listener));

		if (i == p->worker || !takes_clients(its))
			continue;
		*other = i;
		*state = its;
	}
	return *state != BALANCE_NONE;
}

bool
balance_has_full(const struct balance_place *p, size_t *other)
{
	const struct balance *b = p->balance;

	for (size_t i = 0; i < b->n_workers; i++) {
		if (i == p->worker ||
		    state_of(place_of(b, i, p->listener)) != BALANCE_FULL)
			continue;
		*other = i;
		return true;
	}
	return false;
}
