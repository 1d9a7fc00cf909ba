/*
 * The shared stats; see stats.h.  One mapping: single values, one slot per
 * worker, one slot per key, each on cache lines of its own, and values that are
 * hardly ever written.  The layout is not in the shared memory: a worker that
 * was taken over must not control where the parent writes.
 */
#include "stats/stats.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/alloc.h"

#define CACHE_LINE	64

/* No expiry has been seen yet. */
#define UNKNOWN		INT64_MIN

struct worker_slot {
	alignas(CACHE_LINE) struct stats_worker worker;
};

struct key_slot {
	alignas(CACHE_LINE) _Atomic int64_t expires;
	_Atomic int64_t outlived;
};

struct common_slot {
	alignas(CACHE_LINE) _Atomic uint64_t restarts;	/* the parent's */
	_Atomic bool log_torn;
};

struct route_slot {
	_Atomic bool astray;
};

struct stats {
	struct stats_sizes n;
	size_t size;			/* of the mapping, which begins here: */
	struct common_slot *common;
	struct worker_slot *workers;
	struct key_slot *keys;
	struct route_slot *routes;
};

struct stats *
stats_new(const struct stats_sizes *n)
{
	struct stats *f = xcalloc(1, sizeof(*f));

	assert(n->workers < SIZE_MAX / 4 / sizeof(struct worker_slot));
	assert(n->keys < SIZE_MAX / 4 / sizeof(struct key_slot));
	assert(n->routes < SIZE_MAX / 4 / sizeof(struct route_slot));
	f->n = *n;
	f->size = sizeof(*f->common) + n->workers * sizeof(*f->workers) +
	    n->keys * sizeof(*f->keys) + n->routes * sizeof(*f->routes);
	f->common = mmap(NULL, f->size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (f->common == MAP_FAILED)
		alloc_failed();
	f->workers = (struct worker_slot *)(f->common + 1);
	f->keys = (struct key_slot *)(f->workers + n->workers);
	f->routes = (struct route_slot *)(f->keys + n->keys);
	for (size_t i = 0; i < n->keys; i++) {
		atomic_init(&f->keys[i].expires, UNKNOWN);
		atomic_init(&f->keys[i].outlived, UNKNOWN);
	}
	return f;
}

void
stats_free(struct stats *f)
{
	if (f == NULL)
		return;
	munmap(f->common, f->size);
	free(f);
}

struct stats_worker *
stats_worker(struct stats *f, size_t worker)
{
	assert(worker < f->n.workers);
	return &f->workers[worker].worker;
}

_Atomic uint64_t *
stats_worker_restarts(struct stats *f)
{
	return &f->common->restarts;
}

_Atomic bool *
stats_log_torn(struct stats *f)
{
	return &f->common->log_torn;
}

/* Sums the counter at that offset in each worker's slot. */
static uint64_t
sum(const struct stats *f, size_t offset)
{
	uint64_t n = 0;

	for (size_t i = 0; i < f->n.workers; i++) {
		const void *p = (const char *)&f->workers[i].worker + offset;

		n += atomic_load_explicit((const _Atomic uint64_t *)p,
		    memory_order_relaxed);
	}
	return n;
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

bool
stats_note_expiry(struct stats *f, size_t key, int64_t expires)
{
	assert(key < f->n.keys && expires != UNKNOWN);
	/*
	 * The expiry is nearly always the same: then do not dirty the cache
	 * line.
	 */
	if (atomic_load_explicit(&f->keys[key].expires,
	    memory_order_relaxed) == expires)
		return false;
	return atomic_exchange(&f->keys[key].expires, expires) != expires;
}

bool
stats_expiry(const struct stats *f, size_t key, int64_t *expires)
{
	int64_t noted;

	assert(key < f->n.keys);
	noted = atomic_load_explicit(&f->keys[key].expires,
	    memory_order_relaxed);
	if (noted == UNKNOWN)
		return false;
	*expires = noted;
	return true;
}

void
stats_note_outlived(struct stats *f, size_t key, int64_t expires)
{
	assert(key < f->n.keys);
	atomic_store_explicit(&f->keys[key].outlived, expires,
	    memory_order_relaxed);
}

bool
stats_outlived(const struct stats *f, size_t key, int64_t expires)
{
	assert(key < f->n.keys);
	return atomic_load_explicit(&f->keys[key].outlived,
	    memory_order_relaxed) == expires;
}

bool
stats_note_astray(struct stats *f, size_t route)
{
	assert(route < f->n.routes);
	return !atomic_load_explicit(&f->routes[route].astray,
	    memory_order_relaxed) &&
	    !atomic_exchange(&f->routes[route].astray, true);
}
