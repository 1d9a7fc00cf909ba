/*
 * A run from its beginning to its end; see world.h.
 */
#include "world.h"

#include <sys/types.h>

#include "base/clock.h"
#include "client.h"
#include "clock.h"
#include "dice.h"
#include "heap.h"
#include "history.h"
#include "keys.h"
#include "line.h"
#include "oracle.h"
#include "pages.h"
#include "parent.h"
#include "proxy.h"
#include "request.h"
#include "road.h"
#include "server.h"
#include "setting.h"
#include "socket.h"
#include "wire.h"
#include "worker.h"

struct world {
	bool log_failed;
	struct errand drain, cut, sleep, log_fails, log_is_well;
};

static void
on_drain(void *owner)
{
	(void)owner;
	history("the workers are told to stop");
	parent_stop();
}

static void
on_cut(void *owner)
{
	(void)owner;
	history("the workers are told to cut their clients");
	parent_cut();
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

	w->log_failed = true;
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
	if (mood()->log_may_fail)
		errand_set(&w->log_fails, dice_between(0, 5 * NS_PER_S));
}

/* -- the run -- */

static void
begin(struct world *w)
{
	clock_begin();
	oracle_time_begin();
	oracle_known_begin();
	lines_begin();
	wires_begin();
	roads_begin();
	proxies_begin();
	sockets_begin();
	servers_begin();
	requests_begin();
	workers_begin();
	setting_begin(parent_workers());
	parent_begin();
	clients_begin(1 + dice(dice_one_in(4) ? 16 : 6));
	keys_plan();
	plan(w);
}

/* Until nothing is left to happen, or no worker. */
static void
go_on(void)
{
	struct event_base *base;
	unsigned n;

	while (!parent_is_over() && clock_next(&base)) {
		if (base == NULL) {
			clock_run_one();
			continue;
		}
		n = clock_number(base);
		if (!worker_turn(worker_of(n)))
			continue;
		worker_end(worker_of(n));
		parent_reap(n);
	}
	if (!parent_is_over())
		sockets_end();
}

static void
end(struct world *w)
{
	errand_clear(&w->drain);
	errand_clear(&w->cut);
	errand_clear(&w->sleep);
	errand_clear(&w->log_fails);
	errand_clear(&w->log_is_well);
	parent_end();
	clock_run_out();
	oracle_at_end(w->log_failed);
	oracle_time_end();
	wires_end();
	servers_end();
	proxies_end();
	clients_end();
	requests_end();
	clock_end();
}

/* The plan of the parent is left to chance of its own. */
unsigned long
world_run(uint64_t seed, bool told)
{
	size_t before = heap_in_use(), pages = pages_given();
	struct world w = { .log_failed = false };

	history_begin(seed, told);
	dice_start(seed << 32 | seed >> 32);
	parent_plan();
	dice_start(seed);
	begin(&w);
	go_on();
	end(&w);
	must(heap_in_use() == before, "%zd pieces of memory are left, the "
	    "oldest of %zu bytes", (ssize_t)(heap_in_use() - before),
	    heap_oldest());
	must(pages_given() == pages, "%zd mappings are left",
	    (ssize_t)(pages_given() - pages));
	return lines_written();
}
