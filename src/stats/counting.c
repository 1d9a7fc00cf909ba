/*
 * What a worker counts; see counting.h.
 */
#include "stats/counting.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "conf/conf.h"
#include "stats/durations.h"
#include "stats/view.h"

void
stats_begin(struct stats *f, size_t worker)
{
	assert(worker < f->n_workers);
	f->self = stats_memory_slot(f->memory, f->slots[worker]);
	f->held = stats_memory_held(f->memory, f->slots[worker]);
	f->series = series_index_new(f->self);
	f->routes = xcalloc(f->numbers.n_routes + 1, sizeof(*f->routes));
	f->process = (struct process_probe){ .statm = -1 };
}

void
stats_end(struct stats *f)
{
	if (f->self == NULL)
		return;
	process_probe_close(&f->process);
	series_index_free(f->series);
	free(f->routes);
	f->self = NULL;
}

void
stats_enter(struct stats *f, size_t worker)
{
	stats_end(f);
	stats_begin(f, worker);
	process_probe_open(&f->process);
}

struct stats *
stats_of_worker(const struct stats *all, size_t worker)
{
	struct stats *f = xmalloc(sizeof(*f));

	*f = *all;
	stats_begin(f, worker);
	return f;
}

void
stats_leave(struct stats *f)
{
	if (f == NULL)
		return;
	stats_end(f);
	free(f);
}

void
stats_isolate(struct stats *f)
{
	stats_memory_keep_only(f->memory, f->self);
}

/* -- exchanges -- */

/* The next free one, for a route that was not seen in this slot yet. */
static uint32_t
append_count(struct stats_slot *slot, uint32_t number)
{
	uint32_t n = atomic_load(&slot->n_counts);

	if (n > STATS_ROUTES)
		n = STATS_ROUTES;
	atomic_store(&slot->n_counts, n + 1);
	atomic_store(&slot->route_counts[number], n + 1);
	return n;
}

static struct route_count *
count_of(struct stats *f, size_t route)
{
	struct stats_slot *slot = f->self;
	uint32_t number, at;

	number = route < f->numbers.n_routes ? f->numbers.routes[route] :
	    NO_ROUTE;
	at = atomic_load(&slot->route_counts[number]);
	/* An earlier worker may have been taken over. */
	at = at == 0 || at > STATS_ROUTES + 1 ? append_count(slot, number) :
	    at - 1;
	f->routes[route] = &slot->counts[at];
	return &slot->counts[at];
}

void
stats_count_exchange(struct stats *f, size_t route, const struct record *r)
{
	const int64_t ns = r->ended_ns > r->began_ns ?
	    r->ended_ns - r->began_ns : 0;
	struct route_count *c;
	uint32_t number = NO_ROUTE;

	if (route == CONF_NONE)
		route = f->numbers.n_routes;
	else
		number = f->numbers.routes[route];
	c = f->routes[route] != NULL ? f->routes[route] : count_of(f, route);
	STATS_ADD(&c->durations[durations_place(ns)], 1);
	STATS_ADD(&c->sum_ns, (uint64_t)ns);
	if (!series_count(f->series, SERIES_LABEL(number,
	    series_method_of(r->method), r->status < 1000 ? r->status : 999)))
		STATS_ADD(&c->others, 1);
	if (r->fault != FAULT_NONE)
		STATS_ADD(&f->self->worker.faults[r->fault], 1);
}

void
stats_count_fault(struct stats *f, enum fault fault)
{
	STATS_ADD(&f->self->worker.faults[fault], 1);
}

/* -- others -- */

void
stats_count_client(struct stats *f, size_t listener, bool came)
{
	assert(listener < f->numbers.n_listeners);
	STATS_ADD(&f->self->clients[f->numbers.listeners[listener]],
	    came ? 1 : -1);
}

struct stats_connections *
stats_connections(struct stats *f, size_t upstream)
{
	assert(upstream < f->numbers.n_upstreams);
	return &f->self->upstreams[f->numbers.upstreams[upstream]];
}

void
stats_count_use(struct stats *f, size_t key, int64_t at)
{
	struct key_use *use;

	assert(key < f->numbers.n_keys);
	use = &f->self->keys[f->numbers.keys[key]];
	STATS_ADD(&use->requests, 1);
	atomic_store_explicit(&use->last, at, memory_order_relaxed);
}

void
stats_count_carried(struct stats *f, size_t key, bool begins)
{
	assert(key < f->numbers.n_keys);
	STATS_ADD(&f->self->keys[f->numbers.keys[key]].carried,
	    begins ? 1 : -1);
}

void
stats_count_rejected(struct stats *f, size_t key)
{
	assert(key < f->numbers.n_keys);
	STATS_ADD(&f->self->keys[f->numbers.keys[key]].rejected, 1);
}

void
stats_count_probe(struct stats *f, size_t key, enum key_answer answer)
{
	assert(key < f->numbers.n_keys);
	STATS_ADD(&f->self->keys[f->numbers.keys[key]].probes[answer], 1);
}

void
stats_beat(struct stats *f, int64_t now)
{
	process_probe_note(&f->process, &f->self->process, now);
}
