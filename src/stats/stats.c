/*
 * A generation's view of the shared memory; see stats.h.
 */
#include "stats/stats.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "policy/rate.h"
#include "stats/counting.h"
#include "stats/reader.h"
#include "stats/view.h"

/* What an older configuration's route did says little of this one's. */
static void
forget_astray(struct stats *f)
{
	for (size_t i = 0; i < f->numbers.n_routes; i++)
		atomic_store(&f->known->astray[f->numbers.routes[i]], false);
}

struct stats *
stats_new(struct stats_memory *memory, const struct conf *conf, char *why,
    size_t why_size)
{
	struct stats *f = xcalloc(1, sizeof(*f));

	f->memory = memory;
	f->decided = stats_memory_decided(memory);
	f->known = stats_memory_known(memory);
	f->serial = stats_memory_next_view(memory);
	f->slots = xcalloc(conf->workers, sizeof(*f->slots));
	if (!numbering_give(stats_memory_numbering(memory), conf, &f->numbers,
	    why, why_size) || !stats_memory_take(memory, conf->workers,
	    f->slots, why, why_size)) {
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
	stats_begin(f, 0);
	return f;
}

struct stats_memory *
stats_own_memory(struct stats *f)
{
	return f->own;
}

static uint32_t *
copy_numbers(const uint32_t *v, size_t n)
{
	uint32_t *copy = xcalloc(n, sizeof(*copy));

	if (n != 0)
		memcpy(copy, v, n * sizeof(*copy));
	return copy;
}

struct stats *
stats_new_reader(struct stats_memory *memory, const struct stats_numbers *n)
{
	struct stats *f = xcalloc(1, sizeof(*f));

	f->memory = memory;
	f->decided = stats_memory_decided(memory);
	f->known = stats_memory_known(memory);
	f->numbers = *n;
	f->numbers.keys = copy_numbers(n->keys, n->n_keys);
	f->numbers.listeners = copy_numbers(n->listeners, n->n_listeners);
	f->numbers.routes = copy_numbers(n->routes, n->n_routes);
	f->numbers.upstreams = copy_numbers(n->upstreams, n->n_upstreams);
	return f;
}

void
stats_free(struct stats *f)
{
	if (f == NULL)
		return;
	stats_end(f);
	stats_memory_give(f->memory, f->n_workers, f->slots);
	stats_memory_free(f->own);
	stats_numbers_release(&f->numbers);
	free(f->slots);
	free(f);
}

static struct stats_slot *
slot_of(const struct stats *f, size_t worker)
{
	assert(worker < f->n_workers);
	return stats_memory_slot(f->memory, f->slots[worker]);
}

struct stats_worker *
stats_worker(const struct stats *f, size_t worker)
{
	return &slot_of(f, worker)->worker;
}

_Atomic uint64_t *
stats_worker_restarts(struct stats *f)
{
	return &stats_memory_decide(f->memory)->restarts;
}

/* Pages that the worker did not write are not touched. */
static void
forget_held(const struct stats *f, size_t worker)
{
	const struct stats_numbers *n = &f->numbers;
	struct stats_held *held = stats_memory_held(f->memory,
	    f->slots[worker]);

	for (size_t i = 0; i < n->n_routes; i++)
		atomic_store(&held->routes[n->routes[i]], 0);
	for (size_t i = 0; i < n->n_keys; i++)
		atomic_store(&held->waiters[n->keys[i]], 0);
	for (size_t i = 0; i < QUOTA_CLIENTS; i++) {
		if (atomic_load(&held->clients[i]) != 0)
			atomic_store(&held->clients[i], 0);
	}
}

void
stats_worker_ended(struct stats *f, size_t worker)
{
	const struct stats_numbers *n = &f->numbers;
	struct stats_slot *slot = slot_of(f, worker);

	forget_held(f, worker);
	for (size_t i = 0; i < n->n_listeners; i++)
		atomic_store(&slot->clients[n->listeners[i]], 0);
	for (size_t i = 0; i < n->n_upstreams; i++) {
		atomic_store(&slot->upstreams[n->upstreams[i]].idle, 0);
		atomic_store(&slot->upstreams[n->upstreams[i]].busy, 0);
	}
	for (size_t i = 0; i < n->n_keys; i++)
		atomic_store(&slot->keys[n->keys[i]].carried, 0);
	atomic_store(&slot->process.resident, 0);
	atomic_store(&slot->process.descriptors, 0);
	atomic_store(&slot->process.turn_ns, 0);
}

int64_t
stats_worker_turn(const struct stats *f, size_t worker)
{
	return atomic_load(&slot_of(f, worker)->process.turn_ns);
}

uint64_t
stats_worker_clients(const struct stats *f, size_t worker)
{
	const struct stats_numbers *n = &f->numbers;
	uint64_t all = 0;

	for (size_t i = 0; i < n->n_listeners; i++)
		all += atomic_load(&slot_of(f, worker)->clients[
		    n->listeners[i]]);
	return all;
}

uint64_t
stats_requests(const struct stats *f)
{
	return stats_read_requests(f->memory);
}

uint64_t
stats_log_lost(const struct stats *f)
{
	return stats_read_log_lost(f->memory);
}

struct stats_memory *
stats_shared(const struct stats *f)
{
	return f->memory;
}

const struct stats_numbers *
stats_numbers(const struct stats *f)
{
	return &f->numbers;
}

/* -- keys and routes -- */

#define KNOWN(f, key)	(&(f)->known->keys[(f)->numbers.keys[key]])

/* Of an expiry, how often it may change; and how often that is told. */
static const struct rate changes = {
	.token = 10 * 60 * NS_PER_S, .bucket = 4 * 10 * 60 * NS_PER_S };
static const struct rate unsteady = {
	.token = 3600 * NS_PER_S, .bucket = 3600 * NS_PER_S };

enum stats_noted
stats_note_expiry(struct stats *f, size_t key, int64_t expires, bool probe)
{
	int64_t last, wait;
	struct known_key *k;

	assert(key < f->numbers.n_keys && expires != NO_EXPIRY);
	k = KNOWN(f, key);
	expires ^= NO_EXPIRY;
	/*
	 * The expiry is nearly always the same: then do not dirty the cache
	 * line.
	 */
	last = atomic_load_explicit(&k->expires, memory_order_relaxed);
	if (last == expires)
		return STATS_KNOWN;
	if (last != 0 && !probe &&
	    !rate_take(&changes, &k->steady_at, clock_boot(), &wait))
		return STATS_UNSTEADY;
	return atomic_exchange(&k->expires, expires) != expires ? STATS_NEWS :
	    STATS_KNOWN;
}

bool
stats_tell_unsteady(struct stats *f, size_t key)
{
	int64_t wait;

	assert(key < f->numbers.n_keys);
	return rate_take(&unsteady, &KNOWN(f, key)->unsteady_told, clock_boot(),
	    &wait);
}

bool
stats_expiry(const struct stats *f, size_t key, int64_t *expires)
{
	assert(key < f->numbers.n_keys);
	return stats_read_expiry(f->memory, f->numbers.keys[key], expires);
}

/* Most of it stays as it is: then the cache line is not dirtied. */
static void
note(_Atomic uint32_t *at, uint32_t value)
{
	if (atomic_load_explicit(at, memory_order_relaxed) != value)
		atomic_store_explicit(at, value, memory_order_relaxed);
}

void
stats_note_quota(struct stats *f, size_t key, uint32_t remaining,
    uint32_t limit, uint32_t interval_s)
{
	struct known_key *k;

	assert(key < f->numbers.n_keys);
	k = KNOWN(f, key);
	note(&k->remaining, remaining + 1);
	note(&k->limit, limit != 0 ? limit + 1 : 0);
	note(&k->interval_s, interval_s != 0 ? interval_s + 1 : 0);
}

void
stats_note_refusal(struct stats *f, size_t key, unsigned why, int64_t at)
{
	assert(key < f->numbers.n_keys && why < 1 << REFUSAL_BITS && at >= 0);
	atomic_store_explicit(&KNOWN(f, key)->refusal,
	    (uint64_t)at << REFUSAL_BITS | why, memory_order_relaxed);
}

bool
stats_note_astray(struct stats *f, size_t route)
{
	_Atomic bool *astray;

	assert(route < f->numbers.n_routes);
	astray = &f->known->astray[f->numbers.routes[route]];
	return !atomic_load_explicit(astray, memory_order_relaxed) &&
	    !atomic_exchange(astray, true);
}
