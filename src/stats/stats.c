/*
 * A generation's view of the shared memory; see stats.h.
 */
#include "stats/stats.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "stats/layout.h"

struct stats {
	struct stats_memory *memory;
	struct stats_memory *own;	/* to be freed with it, or NULL */
	struct stats_known *known;
	size_t n_workers, n_keys, n_routes;
	size_t *slots;			/* of the workers */
	uint32_t *keys, *routes;	/* their numbers in the memory */
};

/* What an older configuration's route did says little of this one's. */
static void
forget_astray(struct stats *f)
{
	for (size_t i = 0; i < f->n_routes; i++)
		atomic_store(&f->known->astray[f->routes[i]], false);
}

struct stats *
stats_new(struct stats_memory *memory, const struct conf *conf, char *why,
    size_t why_size)
{
	struct stats *f = xcalloc(1, sizeof(*f));

	f->memory = memory;
	f->known = stats_memory_known(memory);
	f->n_keys = conf->n_keys;
	f->n_routes = conf->n_routes;
	f->slots = xcalloc(conf->workers, sizeof(*f->slots));
	f->keys = xcalloc(f->n_keys, sizeof(*f->keys));
	f->routes = xcalloc(f->n_routes, sizeof(*f->routes));
	if (!stats_memory_number(memory, conf, f->keys, f->routes, why,
	    why_size) || !stats_memory_take(memory, conf->workers, f->slots,
	    why, why_size)) {
		stats_free(f);
		return NULL;
	}
	f->n_workers = conf->workers;
	forget_astray(f);
	return f;
}

struct stats *
stats_new_alone(const struct conf *conf)
{
	char why[256];
	struct stats_memory *memory = stats_memory_new(1 + conf->workers, why,
	    sizeof(why));
	struct stats *f = NULL;

	if (memory != NULL)
		f = stats_new(memory, conf, why, sizeof(why));
	if (f == NULL) {
		log_plain("sallyport: %s", why);
		exit(1);
	}
	f->own = memory;
	return f;
}

void
stats_free(struct stats *f)
{
	if (f == NULL)
		return;
	stats_memory_give(f->memory, f->n_workers, f->slots);
	stats_memory_free(f->own);
	free(f->slots);
	free(f->keys);
	free(f->routes);
	free(f);
}

struct stats_worker *
stats_worker(const struct stats *f, size_t worker)
{
	assert(worker < f->n_workers);
	return &stats_memory_slot(f->memory, f->slots[worker])->worker;
}

_Atomic uint64_t *
stats_worker_restarts(struct stats *f)
{
	return &stats_memory_decide(f->memory)->restarts;
}

/* Sums the counter at that offset in each slot. */
static uint64_t
sum(const struct stats *f, size_t offset)
{
	const struct stats_decided *d = stats_memory_decided(f->memory);
	const size_t n = atomic_load(&d->slots);
	uint64_t all = 0;

	for (size_t i = 0; i < n; i++) {
		const void *p = (const char *)
		    &stats_memory_slot(f->memory, i)->worker + offset;

		all += atomic_load_explicit((const _Atomic uint64_t *)p,
		    memory_order_relaxed);
	}
	return all;
}

uint64_t
stats_requests(const struct stats *f)
{
	return sum(f, offsetof(struct stats_worker, requests));
}

uint64_t
stats_log_lost(const struct stats *f)
{
	return sum(f, offsetof(struct stats_worker, log_lost));
}

/* -- keys and routes -- */

static struct known_key *
known_key(const struct stats *f, size_t key)
{
	assert(key < f->n_keys);
	return &f->known->keys[f->keys[key]];
}

bool
stats_note_expiry(struct stats *f, size_t key, int64_t expires)
{
	struct known_key *k = known_key(f, key);

	assert(expires != NO_EXPIRY);
	expires ^= NO_EXPIRY;
	/*
	 * The expiry is nearly always the same: then do not dirty the cache
	 * line.
	 */
	if (atomic_load_explicit(&k->expires, memory_order_relaxed) == expires)
		return false;
	return atomic_exchange(&k->expires, expires) != expires;
}

bool
stats_expiry(const struct stats *f, size_t key, int64_t *expires)
{
	int64_t noted = atomic_load_explicit(&known_key(f, key)->expires,
	    memory_order_relaxed) ^ NO_EXPIRY;

	if (noted == NO_EXPIRY)
		return false;
	*expires = noted;
	return true;
}

void
stats_note_outlived(struct stats *f, size_t key, int64_t expires)
{
	atomic_store_explicit(&known_key(f, key)->outlived,
	    expires ^ NO_EXPIRY, memory_order_relaxed);
}

bool
stats_outlived(const struct stats *f, size_t key, int64_t expires)
{
	return atomic_load_explicit(&known_key(f, key)->outlived,
	    memory_order_relaxed) == (expires ^ NO_EXPIRY);
}

bool
stats_note_astray(struct stats *f, size_t route)
{
	_Atomic bool *astray;

	assert(route < f->n_routes);
	astray = &f->known->astray[f->routes[route]];
	return !atomic_load_explicit(astray, memory_order_relaxed) &&
	    !atomic_exchange(astray, true);
}
