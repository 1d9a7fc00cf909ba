/*
 * Sums over all slots; see reader.h.
 */
#include "stats/reader.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "policy/key_expiry.h"
#include "stats/layout.h"

/* Slots that were never taken have nothing, and are not touched. */
static size_t
count_slots(const struct stats_memory *m)
{
	return atomic_load(&stats_memory_decided(m)->slots);
}

static uint64_t
get(const _Atomic uint64_t *number)
{
	return atomic_load_explicit(number, memory_order_relaxed);
}

/* Sums the number at that offset in each slot. */
static uint64_t
sum(const struct stats_memory *m, size_t offset)
{
	const size_t n = count_slots(m);
	uint64_t all = 0;

	for (size_t i = 0; i < n; i++)
		all += get((const _Atomic uint64_t *)(const void *)
		    ((const char *)stats_memory_slot(m, i) + offset));
	return all;
}

#define OFFSET(member)	offsetof(struct stats_slot, member)

uint64_t
stats_read_fault(const struct stats_memory *m, enum fault fault)
{
	return sum(m, OFFSET(worker.faults) + fault * sizeof(uint64_t));
}

uint64_t
stats_read_log_lost(const struct stats_memory *m)
{
	return sum(m, OFFSET(worker.log_lost));
}

uint64_t
stats_read_restarts(const struct stats_memory *m)
{
	return get(&stats_memory_decided(m)->restarts);
}

uint64_t
stats_read_clients(const struct stats_memory *m, uint32_t listener)
{
	assert(listener < STATS_LISTENERS);
	return sum(m, OFFSET(clients) + listener * sizeof(uint64_t));
}

struct stats_connected
stats_read_connections(const struct stats_memory *m, uint32_t upstream)
{
	const size_t at = OFFSET(upstreams) +
	    upstream * sizeof(struct stats_connections);

	assert(upstream < STATS_UPSTREAMS);
	return (struct stats_connected){
		.idle = sum(m, at + offsetof(struct stats_connections, idle)),
		.busy = sum(m, at + offsetof(struct stats_connections, busy)),
	};
}

/* -- keys -- */

/* What state_dir may keep; else a start would take the file for damaged. */
static bool
is_time(int64_t seconds)
{
	return seconds > 0 && seconds <= TIME_MOST;
}

/* NO_EXPIRY: none was noted. */
static int64_t
noted(const _Atomic int64_t *at)
{
	int64_t seconds = atomic_load(at) ^ NO_EXPIRY;

	return is_time(seconds) ? seconds : NO_EXPIRY;
}

bool
stats_read_expiry(const struct stats_memory *m, uint32_t key, int64_t *expires)
{
	int64_t told = noted(&stats_memory_known(m)->keys[key].expires);

	assert(key < STATS_KEYS);
	if (told != NO_EXPIRY)
		*expires = told;
	return told != NO_EXPIRY;
}

struct stats_key_facts
stats_read_key(const struct stats_memory *m, uint32_t key)
{
	const size_t n = count_slots(m);
	const struct use_before *before =
	    &stats_memory_decided(m)->before[key];
	struct stats_key_facts f = { .expires = NO_EXPIRY };
	uint64_t refusal;

	f.told = stats_read_expiry(m, key, &f.expires);
	f.requests = get(&before->requests);
	f.last_used = atomic_load(&before->last);
	refusal = get(&stats_memory_known(m)->keys[key].refusal);
	f.refusal = refusal & ((1 << REFUSAL_BITS) - 1);
	f.refused = (int64_t)(refusal >> REFUSAL_BITS);
	for (size_t i = 0; i < n; i++) {
		const struct key_use *use = &stats_memory_slot(m, i)->keys[key];
		int64_t last = atomic_load(&use->last);

		f.requests += get(&use->requests);
		f.rejected += get(&use->rejected);
		for (unsigned a = 0; a < KEY_ANSWERS; a++)
			f.probes[a] += get(&use->probes[a]);
		f.carried += get(&use->carried);
		if (is_time(last) && last > f.last_used)
			f.last_used = last;
	}
	return f;
}

bool
stats_read_quota(const struct stats_memory *m, uint32_t key,
    struct stats_quota *q)
{
	const struct known_key *k = &stats_memory_known(m)->keys[key];
	const uint32_t remaining = atomic_load(&k->remaining);
	const uint32_t limit = atomic_load(&k->limit);
	const uint32_t interval_s = atomic_load(&k->interval_s);

	assert(key < STATS_KEYS);
	*q = (struct stats_quota){
		.remaining = remaining - 1,
		.limit = limit != 0 ? limit - 1 : 0,
		.interval_s = interval_s != 0 ? interval_s - 1 : 0,
	};
	return remaining != 0;
}

/* None is NO_EXPIRY, which is CONF_NO_TIME. */
int64_t
stats_read_end(const struct stats_memory *m, uint32_t key)
{
	assert(key < STATS_KEYS);
	return noted(&stats_memory_known(m)->keys[key].expires);
}

int64_t
stats_read_counting_end(const struct stats_memory *m, uint32_t key,
    int64_t filed)
{
	return key_end_counts(filed, stats_read_end(m, key));
}

/* -- the parent's -- */

struct stats_loads
stats_read_loads(const struct stats_memory *m)
{
	const struct stats_decided *d = stats_memory_decided(m);

	return (struct stats_loads){
		.done = get(&d->reloads_done),
		.refused = get(&d->reloads_refused),
		.good = atomic_load(&d->last_load_good),
		.loaded = atomic_load(&d->loaded),
	};
}

struct stats_usage
stats_read_usage(const struct stats_memory *m)
{
	return (struct stats_usage){
		.cpu_ns = atomic_load(&stats_memory_decided(m)->cpu_ns),
		.resident = sum(m, OFFSET(process.resident)),
		.descriptors = sum(m, OFFSET(process.descriptors)),
		.started_ns = atomic_load(&stats_memory_decided(m)->started_ns),
	};
}

/* -- exchanges -- */

static bool
add_durations(const struct stats_slot *slot, uint32_t route,
    struct stats_durations *all)
{
	uint32_t at = atomic_load(&slot->route_counts[route]);
	const struct route_count *c;

	if (at == 0 || at > STATS_ROUTES + 1)
		return false;
	c = &slot->counts[at - 1];
	for (unsigned i = 0; i <= DURATIONS; i++)
		all->each[i] += get(&c->durations[i]);
	all->sum_ns += get(&c->sum_ns);
	all->others += get(&c->others);
	return true;
}

bool
stats_read_durations(const struct stats_memory *m, uint32_t route,
    struct stats_durations *all)
{
	const size_t n = count_slots(m);
	bool found = false;

	assert(route <= NO_ROUTE);
	*all = (struct stats_durations){ .sum_ns = 0 };
	for (size_t i = 0; i < n; i++)
		found |= add_durations(stats_memory_slot(m, i), route, all);
	return found;
}

uint64_t
stats_read_route_requests(const struct stats_memory *m, uint32_t route)
{
	struct stats_durations d;
	uint64_t all = 0;

	if (!stats_read_durations(m, route, &d))
		return 0;
	for (unsigned i = 0; i <= DURATIONS; i++)
		all += d.each[i];
	return all;
}

uint64_t
stats_read_requests(const struct stats_memory *m)
{
	const size_t n = count_slots(m);
	uint64_t all = 0;

	for (size_t i = 0; i < n; i++) {
		const struct stats_slot *slot = stats_memory_slot(m, i);
		uint32_t counts = atomic_load(&slot->n_counts);

		for (uint32_t c = 0; c < counts && c <= STATS_ROUTES; c++) {
			for (unsigned d = 0; d <= DURATIONS; d++)
				all += get(&slot->counts[c].durations[d]);
		}
	}
	return all;
}

static int
by_label(const void *p, const void *q)
{
	const struct stats_series *a = p, *b = q;

	return (a->label > b->label) - (a->label < b->label);
}

/* Makes one of those with the same label, which stand together. */
static size_t
merge(struct stats_series *v, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (kept > 0 && v[kept - 1].label == v[i].label)
			v[kept - 1].count += v[i].count;
		else
			v[kept++] = v[i];
	}
	return kept;
}

static size_t
series_in(const struct stats_slot *slot)
{
	uint32_t n = atomic_load(&slot->n_series);

	return n < STATS_SERIES ? n : STATS_SERIES;
}

struct stats_series *
stats_read_series(const struct stats_memory *m, size_t *n)
{
	const size_t slots = count_slots(m);
	struct stats_series *v = NULL;
	size_t all = 0;

	for (size_t i = 0; i < slots; i++) {
		const struct stats_slot *slot = stats_memory_slot(m, i);
		size_t here = series_in(slot);

		v = xreallocarray(v, all + here, sizeof(*v));
		for (size_t k = 0; k < here; k++)
			v[all++] = (struct stats_series){
				.label = atomic_load(&slot->series[k].label),
				.count = get(&slot->series[k].count),
			};
	}
	if (all != 0)
		qsort(v, all, sizeof(*v), by_label);
	*n = merge(v, all);
	return v;
}
