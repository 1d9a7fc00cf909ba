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
#include "client/forward.h"
#include "client/sessions.h"
#include "daemon/listeners.h"
#include "net/linger.h"
#include "net/timer.h"
#include "request.h"
#include "server.h"
#include "setting.h"
#include "socket.h"
#include "wire.h"

struct world {
	struct loop *loop;
	struct stats *stats;
	struct sink *access;
	struct env *env;
	struct forward *forward;
	struct sessions *sessions;
	struct listeners *listeners;
	struct balance *balance;
	struct wakeups wakeups;
	int sockets[N_LISTENERS];
	struct timer grace;
	bool disturbed, emptied, was_cut;
	struct errand drain, cut, sleep, log_fails, log_is_well;
};

static void
full(void *owner, size_t which, bool is_full)
{
	struct world *w = owner;

	if (w->listeners != NULL)
		listeners_full(w->listeners, which, is_full);
}

/* -- events of the worker, as daemon/worker handles them -- */

#define GRACE_MS	30000
#define LAST_LINGER_MS	5000

static void
on_none_lingers(void *owner)
{
	struct world *w = owner;

	loop_stop(w->loop);
}

static void
on_empty(void *owner)
{
	struct world *w = owner;

	must(sessions_count(w->sessions) == 0, "drained, and clients are left");
	w->emptied = true;
	linger_await_none(w->loop, LAST_LINGER_MS, on_none_lingers, w);
}

static void
close_listeners(struct world *w)
{
	listeners_free(w->listeners);
	w->listeners = NULL;
}

static void
on_drain(void *owner)
{
	struct world *w = owner;

	history("the worker drains");
	w->disturbed = true;
	close_listeners(w);
	timer_set(&w->grace, GRACE_MS);
	sessions_stop(w->sessions, on_empty, w);
}

static void
on_cut(void *owner)
{
	struct world *w = owner;

	history("the worker cuts its clients");
	w->disturbed = w->was_cut = true;
	sessions_cut(w->sessions);
	loop_stop(w->loop);
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

/* With a single worker, which nobody wakes. */
static void
open_listeners(struct world *w)
{
	static int none = -2;

	for (size_t i = 0; i < N_LISTENERS; i++)
		w->sockets[i] = socket_listen(i);
	w->balance = balance_new(1, N_LISTENERS);
	w->wakeups = (struct wakeups){ .fds = &none, .n = 1 };
	w->listeners = listeners_new(&(struct listeners_conf){
		.env = w->env,
		.sessions = w->sessions,
		.fds = w->sockets,
		.balance = w->balance,
		.wakeups = &w->wakeups,
		.turned_away = setting()->turned_away,
	});
}

static void
begin(struct world *w)
{
	char why[256];

	clock_begin();
	oracle_time_begin();
	lines_begin();
	wires_begin();
	dials_begin();
	sockets_begin();
	servers_begin();
	requests_begin();
	setting_begin();
	w->loop = loop_new();
	w->stats = stats_new_alone(&setting()->conf);
	w->access = sink_new(-1, NULL, NULL);
	w->env = env_new(&setting()->conf, w->loop,
	    stats_worker(w->stats, 0), w->access);
	w->forward = forward_new(w->env, w->stats, why, sizeof(why));
	w->sessions = sessions_new(w->env, forward_handler(w->forward),
	    setting()->clients, full, w);
	open_listeners(w);
	timer_init(&w->grace, w->loop, on_cut, w);
	clients_begin(1 + dice(dice_one_in(4) ? 16 : 6));
	plan(w);
}

/* A client that is still there would wait for ever. */
static void
everybody_is_gone(const struct world *w)
{
	must(sessions_count(w->sessions) == 0, "%zu clients wait for ever",
	    sessions_count(w->sessions));
	must(w->env->phase == ENV_SERVING || w->emptied,
	    "drained, and nobody was told so");
	for (const struct wire *o = wires(); o != NULL; o = o->next)
		must(!o->open || (o->upstream && w->emptied),
		    "wire %u is open for ever", o->number);
	sockets_end();
}

/* The process ends; its last lines are still read. */
static unsigned long
stop(struct world *w)
{
	unsigned long n = lines_written();

	must(w->env->begun == n && stats_requests(w->stats) == n,
	    "%llu exchanges began, %lu lines were written",
	    (unsigned long long)w->env->begun, n);
	errand_clear(&w->drain);
	errand_clear(&w->cut);
	errand_clear(&w->sleep);
	errand_clear(&w->log_fails);
	errand_clear(&w->log_is_well);
	close_listeners(w);
	sessions_free(w->sessions);
	forward_free(w->forward);
	env_free(w->env);
	timer_end(&w->grace);
	loop_free(w->loop);
	sink_free(w->access);
	must(stats_worker(w->stats, 0)->clients == 0,
	    "clients are counted that are gone");
	clock_run_out();
	return n;
}

static unsigned long
end(struct world *w)
{
	unsigned long n = stop(w);

	stats_free(w->stats);
	balance_free(w->balance);
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
	if (!w.was_cut)
		everybody_is_gone(&w);
	n = end(&w);
	must(heap_in_use() == before, "%zd pieces of memory are left, the "
	    "oldest of %zu bytes", (ssize_t)(heap_in_use() - before),
	    heap_oldest());
	return n;
}
