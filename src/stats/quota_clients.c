/*
 * The table of clients; see quota_clients.h.
 *
 * Without a lock: a place belongs to the client whose tag stands there, and is
 * taken by putting another tag into the place of the one that was seen.
 *
 * Where several workers put the same client into several places at a time, the
 * first of these places is the client's.  A worker that put it into one looks
 * whether it is in another, too, and takes it out again; and one that holds a
 * place asks afterwards whether that is the first.  So at least one of two
 * workers sees the other.  For a moment a client may share a place with the one
 * that is replaced; each worker gives back what it took in any case.
 */
#include "stats/quota_clients.h"

#include "stats/layout.h"
#include "stats/places.h"

/* In how many places a client may be. */
#define WINDOW	32

/* The finalizer of splitmix64: every bit of the result depends on all. */
static uint64_t
mix(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/*
 * Which clients meet in the table must not be for them to choose, therefore the
 * seed.
 */
uint64_t
quota_clients_tag(const struct stats *f, uint32_t route,
    const struct client_id *c)
{
	const struct stats_decided *d = stats_memory_decided(f->memory);
	uint64_t x = mix(atomic_load(&d->seed[0]) ^ c->id);

	x = mix(x ^ atomic_load(&d->seed[1]) ^
	    ((uint64_t)route << 8 | c->kind));
	return x != 0 ? x : 1;
}

static struct known_client *
client_at(const struct stats *f, size_t i)
{
	return &f->known->clients[i];
}

static size_t
place_of(uint64_t tag, size_t i)
{
	return (tag + i) % QUOTA_CLIENTS;
}

static bool
stands_at(const struct stats *f, size_t at, uint64_t tag)
{
	return atomic_load(&client_at(f, at)->tag) == tag;
}

static bool
look(const struct stats *f, uint64_t tag, size_t *at)
{
	for (size_t i = 0; i < WINDOW; i++) {
		*at = place_of(tag, i);
		if (stands_at(f, *at, tag))
			return true;
	}
	return false;
}

static bool
is_elsewhere(const struct stats *f, uint64_t tag, size_t at)
{
	for (size_t i = 0; i < WINDOW; i++) {
		if (place_of(tag, i) != at && stands_at(f, place_of(tag, i),
		    tag))
			return true;
	}
	return false;
}

/* A free place is the one that was unused for longest. */
static bool
find_idle(const struct stats *f, uint64_t tag, size_t *at)
{
	int64_t oldest = INT64_MAX;

	for (size_t i = 0; i < WINDOW; i++) {
		size_t p = place_of(tag, i);
		const struct known_client *c = client_at(f, p);
		int64_t used = atomic_load(&c->tag) != 0 ?
		    atomic_load(&c->full_at) : INT64_MIN;

		if (used >= oldest ||
		    places_held(f, PLACES_OF(clients, p)) != 0)
			continue;
		oldest = used;
		*at = p;
	}
	return oldest != INT64_MAX;
}

static bool
replace_tag(struct known_client *c, uint64_t seen, uint64_t tag)
{
	return atomic_compare_exchange_strong(&c->tag, &seen, tag);
}

/* Nothing is known of a client that comes anew. */
static bool
replace(struct known_client *c, uint64_t tag)
{
	int64_t full_at = atomic_load(&c->full_at);

	if (!replace_tag(c, atomic_load(&c->tag), tag))
		return false;
	(void)atomic_compare_exchange_strong(&c->full_at, &full_at, 0);
	return true;
}

bool
quota_clients_find(struct stats *f, uint64_t tag, size_t *at)
{
	for (unsigned tries = 0; tries < WINDOW; tries++) {
		if (look(f, tag, at))
			return true;
		if (!find_idle(f, tag, at))
			return false;
		if (!replace(client_at(f, *at), tag))
			continue;
		if (!is_elsewhere(f, tag, *at))
			return true;
		(void)replace_tag(client_at(f, *at), tag, 0);
	}
	return false;
}

bool
quota_clients_have(const struct stats *f, size_t i, uint64_t tag)
{
	size_t first;

	return look(f, tag, &first) && first == i;
}
