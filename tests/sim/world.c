/*
 * A run from its beginning to its end; see world.h.
 */
#include "world.h"

#include <stdlib.h>

#include "base/clock.h"
#include "client.h"
#include "clock.h"
#include "dial.h"
#include "dice.h"
#include "heap.h"
#include "history.h"
#include "line.h"
#include "oracle.h"
#include "client/env.h"
#include "client/fronts.h"
#include "request.h"
#include "server.h"
#include "setting.h"
#include "wire.h"

struct world {
	struct loop *loop;
	struct figures *figures;
	struct sink *access;
	struct env *env;
	struct fronts *fronts;
	bool disturbed, emptied;
	struct errand drain, cut, sleep, log_fails, log_is_well;
};

static void
full(void *owner, size_t which, bool is_full)
{
	(void)owner;
	(void)which;
	(void)is_full;
}

/* -- what happens to the worker -- */

static void
on_empty(void *owner)
{
	struct world *w = owner;

	must(fronts_count(w->fronts) == 0, "drained, and clients are left");
	w->emptied = true;
}

static void
on_drain(void *owner)
{
	struct world *w = owner;

	history("the worker drains");
	w->disturbed = true;
	w->env->draining = true;
	clients_stop_coming();
	fronts_drain(w->fronts, on_empty, w);
}

static void
on_cut(void *owner)
{
	struct world *w = owner;

	history("the worker cuts its clients");
	w->disturbed = true;
	clients_stop_coming();
	fronts_cut(w->fronts);
}

static void
on_sleep(void *owner)
{
	(void)owner;
	history("the machine sleeps");
	clock_sleep(dice_between(1, 7200) * NS_PER_S);
}

static void
on_log_fails(void *owner)
{
	struct world *w = owner;

	w->disturbed = true;
	lines_fail(true);
	errand_set(&w->log_is_well, dice_between(0, 2 * NS_PER_S));
}

static void
on_log_is_well(void *owner)
{
	(void)owner;
	lines_fail(false);
}

static void
plan(struct world *w)
{
	errand_init(&w->drain, on_drain, w);
	errand_init(&w->cut, on_cut, w);
	errand_init(&w->sleep, on_sleep, w);
	errand_init(&w->log_fails, on_log_fails, w);
	errand_init(&w->log_is_well, on_log_is_well, w);
	if (dice_one_in(10))
		errand_set(&w->drain, dice_between(0, 20 * NS_PER_S));
	if (dice_one_in(10))
		errand_set(&w->cut, dice_between(0, 20 * NS_PER_S));
	if (dice_one_in(10))
		errand_set(&w->sleep, dice_between(0, 20 * NS_PER_S));
	if (setting()->log_may_fail)
		errand_set(&w->log_fails, dice_between(0, 5 * NS_PER_S));
}

/* -- the run -- */

static void
begin(struct world *w)
{
	char why[256];

	clock_begin();
	oracle_time_begin();
	lines_begin();
	wires_begin();
	dials_begin();
	servers_begin();
	requests_begin();
	setting_begin();
	w->loop = loop_new();
	w->figures = figures_new(&(struct figures_sizes){
		.workers = 1, .keys = N_KEYS, .routes = N_ROUTES,
	});
	w->access = sink_new(-1, NULL);
	w->env = env_new(&setting()->conf, w->loop, w->figures, 0, w->access,
	    why, sizeof(why));
	w->fronts = fronts_new(w->env, 100, full, NULL);
	clients_begin(w->fronts, 1 + dice(dice_one_in(4) ? 16 : 6));
	plan(w);
}

/* Whoever is still there waits for nothing that could happen. */
static void
everybody_is_gone(const struct world *w)
{
	must(fronts_count(w->fronts) == 0, "%zu clients wait for ever",
	    fronts_count(w->fronts));
	must(!w->env->draining || w->emptied,
	    "drained, and nobody was told so");
	for (const struct wire *o = wires(); o != NULL; o = o->next)
		must(o->link == NULL, "wire %u is open for ever", o->number);
}

static unsigned long
end(struct world *w)
{
	unsigned long n = lines_written();

	must(w->env->begun == n && figures_requests(w->figures) == n,
	    "%llu exchanges began, %lu lines were written",
	    (unsigned long long)w->env->begun, n);
	fronts_free(w->fronts);
	env_free(w->env);
	loop_free(w->loop);
	sink_free(w->access);
	figures_free(w->figures);
	oracle_at_end(w->disturbed);
	oracle_time_end();
	wires_end();
	servers_end();
	clients_end();
	requests_end();
	clock_end();
	return n;
}

unsigned long
world_run(uint64_t seed, bool told)
{
	size_t before = heap_in_use();
	struct world w = { .disturbed = false };
	unsigned long n;

	history_begin(seed, told);
	dice_start(seed);
	begin(&w);
	loop_run(w.loop);
	everybody_is_gone(&w);
	n = end(&w);
	must(heap_in_use() == before, "%zd pieces of memory are left, the "
	    "oldest of %zu bytes", (ssize_t)(heap_in_use() - before),
	    heap_oldest());
	return n;
}
