/*
 * Whose turn it is; see share.h.  A place per worker and listener; those of a
 * worker lie together, on cache lines of their own.
 */
#include "daemon/share.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "base/clock.h"

#define CACHE_LINE	64

struct place {
	/* When, in seconds, and how many there were: 32 bits each. */
	_Atomic uint64_t had;
	_Atomic uint32_t state;		/* enum share_state */
};

struct share {
	size_t n_workers, n_listeners;
	size_t stride;			/* places per worker, in memory */
	size_t size;			/* of the mapping: */
	struct place *places;
};

struct share *
share_new(size_t workers, size_t listeners)
{
	const size_t per_line = CACHE_LINE / sizeof(struct place);
	struct share *s = xcalloc(1, sizeof(*s));

	s->n_workers = workers;
	s->n_listeners = listeners;
	s->stride = (listeners / per_line + 1) * per_line;
	assert(workers < SIZE_MAX / 4 / sizeof(struct place) / s->stride);
	s->size = workers * s->stride * sizeof(struct place);
	s->places = mmap(NULL, s->size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->places == MAP_FAILED)
		alloc_failed();
	return s;
}

void
share_free(struct share *s)
{
	if (s == NULL)
		return;
	munmap(s->places, s->size);
	free(s);
}

static struct place *
place_of(const struct share *s, size_t worker, size_t listener)
{
	assert(worker < s->n_workers && listener < s->n_listeners);
	return &s->places[worker * s->stride + listener];
}

void
share_reset(struct share *s, size_t worker)
{
	for (size_t i = 0; i < s->n_listeners; i++) {
		atomic_store(&place_of(s, worker, i)->state, SHARE_NONE);
		atomic_store(&place_of(s, worker, i)->had, 0);
	}
}

void
share_set(const struct share_place *p, enum share_state state)
{
	atomic_store(&place_of(p->share, p->worker, p->listener)->state,
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

	/* The other's clock may be a moment ahead. */
	if (age > INT32_MAX)
		age = 0;
	return age < 32 ? (uint32_t)had >> age : 0;
}

void
share_note(const struct share_place *p, int64_t now)
{
	struct place *place = place_of(p->share, p->worker, p->listener);
	uint32_t second = second_of(now), n = lately(place, second);

	if (n < UINT32_MAX)
		n++;
	atomic_store(&place->had, (uint64_t)second << 32 | n);
}

static enum share_state
state_of(const struct place *p)
{
	switch (atomic_load(&p->state)) {
	case SHARE_WAITS:
		return SHARE_WAITS;
	case SHARE_AWAY:
		return SHARE_AWAY;
	default:
		return SHARE_NONE;
	}
}

bool
share_is_ahead(const struct share_place *p, int64_t now, size_t *other,
    enum share_state *state)
{
	const struct share *s = p->share;
	uint32_t second = second_of(now), least = UINT32_MAX;

	for (size_t i = 0; i < s->n_workers; i++) {
		const struct place *place = place_of(s, i, p->listener);
		enum share_state its = state_of(place);
		uint32_t n = lately(place, second);

		if (i == p->worker || its == SHARE_NONE || n >= least)
			continue;
		least = n;
		*other = i;
		*state = its;
	}
	if (least == UINT32_MAX)
		return false;
	return lately(place_of(s, p->worker, p->listener), second) >=
	    least + SHARE_LEAD;
}

bool
share_has_other(const struct share_place *p, size_t *other,
    enum share_state *state)
{
	const struct share *s = p->share;

	*state = SHARE_NONE;
	for (size_t i = 0; i < s->n_workers && *state != SHARE_WAITS; i++) {
		enum share_state its = state_of(place_of(s, i, p->listener));

		if (i == p->worker || its == SHARE_NONE)
			continue;
		*other = i;
		*state = its;
	}
	return *state != SHARE_NONE;
}
