/*
 * A worker; see worker.h.
 */
#include "worker_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "client/env.h"
#include "client/forward.h"
#include "client/sessions.h"
#include "client/tls_servers.h"
#include "clock.h"
#include "daemon/listeners.h"
#include "daemon/worker_keys.h"
#include "fate.h"
#include "heap.h"
#include "history.h"
#include "line.h"
#include "link.h"
#include "net/linger.h"
#include "net/timer.h"
#include "oracle.h"
#include "socket.h"
#include "stats/counting.h"
#include "stats/layout.h"
#include "stats/view.h"

/* As in daemon/worker. */
#define GRACE_MS	30000
#define LAST_LINGER_MS	5000

static struct worker workers[CLOCK_BASES];
static unsigned n_workers;
static uint64_t n_unseen;

void
workers_begin(void)
{
	n_workers = 0;
	n_unseen = 0;
}

struct worker *
worker_of(unsigned number)
{
	must(number < n_workers, "no worker %u", number);
	return &workers[number];
}

uint64_t
workers_unseen(void)
{
	return n_unseen;
}

unsigned
workers_started(void)
{
	return n_workers;
}

const struct worker_facts *
worker_facts(unsigned number)
{
	return &worker_of(number)->facts;
}

unsigned
worker_trust(unsigned number, size_t listener)
{
	return worker_of(number)->trust[listener];
}

int64_t
worker_heard(unsigned number, size_t listener)
{
	return worker_of(number)->heard_ns[listener];
}

unsigned
worker_judges_by(unsigned number, size_t listener)
{
	const struct worker *w = worker_of(number);

	return setting_judges_by(w->facts.setting, w->authority[listener]);
}

bool
worker_is_disturbed(unsigned number)
{
	const struct worker_facts *f = worker_facts(number);

	return f->phase == WORKER_STOPS || f->was_cut || f->died;
}

unsigned
worker_heap(unsigned number)
{
	return HEAP_WORLD + 1 + number;
}

/* -- the end of its work, as daemon/worker handles it -- */

static void
on_full(void *owner, size_t listener, bool is_full)
{
	struct worker *w = owner;

	if (w->listeners != NULL)
		listeners_full(w->listeners, listener, is_full);
}

static void
close_listeners(struct worker *w)
{
	for (size_t i = 0; w->holds &&
	    i < w->facts.setting->conf.n_listeners; i++)
		close(w->sockets[i]);
	w->holds = false;
	listeners_free(w->listeners);
	w->listeners = NULL;
}

static void
on_none_lingers(void *owner)
{
	struct worker *w = owner;

	w->ended = true;
	loop_stop(w->loop);
}

static void
on_empty(void *owner)
{
	struct worker *w = owner;

	must(sessions_count(w->sessions) == 0,
	    "worker %u: is said to be empty, and clients are left", w->number);
	w->emptied = true;
	linger_await_none(w->loop, LAST_LINGER_MS, on_none_lingers, w);
}

/* Responses of which some could not leave yet may say anything. */
static void
enter(struct worker *w, enum worker_phase phase)
{
	w->facts.phase = phase;
	w->facts.since = clock_now();
	for (struct wire *o = wires(); o != NULL; o = o->next) {
		if (o->worker == w->number && o->link != NULL)
			o->late = link_is_blocked(o->link);
	}
}

static void	open_listeners(struct worker *);

static void
on_serve(void *owner)
{
	struct worker *w = owner;

	if (w->facts.phase == WORKER_SERVES)
		open_listeners(w);
}

static void
on_retire(void *owner)
{
	struct worker *w = owner;

	if (w->facts.phase != WORKER_SERVES)
		return;
	history("worker %u retires", w->number);
	enter(w, WORKER_RETIRES);
	for (size_t i = 0; i < w->facts.setting->conf.n_listeners; i++) {
		if (w->dropped[i])
			listeners_empty(w->listeners, i);
	}
	close_listeners(w);
	timer_set(&w->grace, GRACE_MS);
	sessions_retire(w->sessions, on_empty, w);
}

static void
on_stop(void *owner)
{
	struct worker *w = owner;

	history("worker %u stops", w->number);
	enter(w, WORKER_STOPS);
	close_listeners(w);
	timer_set(&w->grace, GRACE_MS);
	sessions_stop(w->sessions, on_empty, w);
}

static void
on_cut(void *owner)
{
	struct worker *w = owner;

	history("worker %u cuts its clients", w->number);
	w->facts.was_cut = w->ended = true;
	sessions_cut(w->sessions);
	loop_stop(w->loop);
}

static void
on_look(void *owner)
{
	struct worker *w = owner;

	if (w->listeners != NULL)
		listeners_look(w->listeners);
}

/* Also once a second, in case a message was lost; see daemon/worker.c. */
static void
on_obey(void *owner)
{
	struct worker *w = owner;

	worker_keys_obey(w->keys);
	oracle_on_obeyed(w->number);
}

void
worker_obey(struct worker *w, int64_t ns)
{
	errand_set(&w->obey, ns);
}

void
worker_serve(struct worker *w, int64_t ns)
{
	errand_set(&w->serve, worker_in_order(w, ns));
}

void
worker_retire(struct worker *w, const bool *dropped, int64_t ns)
{
	memcpy(w->dropped, dropped, sizeof(w->dropped));
	errand_set(&w->retire, worker_in_order(w, ns));
}

void
worker_stop(struct worker *w, int64_t ns)
{
	errand_set(&w->stop, ns);
}

void
worker_cut(struct worker *w, int64_t ns)
{
	errand_set(&w->cut, ns);
}

void
worker_look(struct worker *w, int64_t ns)
{
	errand_set(&w->look, ns);
}

/* -- its life -- */

static void
open_listeners(struct worker *w)
{
	w->facts.accepts = true;
	w->holds = false;
	w->listeners = listeners_new(&(struct listeners_conf){
		.env = w->env,
		.sessions = w->sessions,
		.fds = w->sockets,
		.balance = w->of.balance,
		.wakeups = w->of.wakeups,
		.worker = w->of.slot,
		.turned_away = w->facts.setting->turned_away,
		.make_room = sessions_end_arrival,
	});
}

static void
set_up(struct worker *w)
{
	const struct conf *conf = &w->facts.setting->conf;
	char why[256];

	w->access = sink_new((int)w->number, NULL, NULL);
	w->stats = stats_of_worker(w->of.stats, w->of.slot);
	w->env = env_new(conf, w->loop, w->stats, w->access);
	w->tls = w->env->tls = tls_servers_new(conf, why, sizeof(why));
	w->forward = forward_new(w->env, w->stats, why, sizeof(why));
	w->keys = worker_keys_new(conf, w->stats, w->loop,
	    forward_caller(w->forward), (int)w->number);
	w->sessions = sessions_new(w->env, forward_handler(w->forward),
	    w->facts.setting->clients, on_full, w);
	worker_use_what_was_renewed(w);
	for (size_t i = 0; i < conf->n_listeners; i++)
		w->sockets[i] = socket_listen(i, w->number + 1);
	w->holds = true;
	if (w->of.serves)
		open_listeners(w);
	timer_init(&w->grace, w->loop, on_cut, w);
}

static void
init_errand(struct worker *w, struct errand *e, void (*fn)(void *owner))
{
	errand_init(e, fn, w);
	e->base = loop_base(w->loop);
}

struct worker *
worker_start(const struct worker_of_world *of)
{
	unsigned number = n_workers++;
	struct worker *w = &workers[number];

	must(number < CLOCK_BASES, "too many workers");
	*w = (struct worker){
		.facts = {
			.generation = of->generation,
			.setting = setting_of(of->generation),
			.since = clock_now(),
			.stats = of->stats,
		},
		.of = *of,
		.number = number,
	};
	heap_own(worker_heap(number));
	w->loop = loop_new();
	must(clock_number(loop_base(w->loop)) == number, "another's loop");
	init_errand(w, &w->serve, on_serve);
	init_errand(w, &w->retire, on_retire);
	init_errand(w, &w->stop, on_stop);
	init_errand(w, &w->cut, on_cut);
	init_errand(w, &w->look, on_look);
	init_errand(w, &w->obey, on_obey);
	set_up(w);
	heap_own(HEAP_WORLD);
	return w;
}

bool
worker_turn(struct worker *w)
{
	fate_owns(loop_base(w->loop));
	loop_run(w->loop);
	fate_owns(NULL);
	return w->ended;
}

static void
tear_down(struct worker *w)
{
	errand_clear(&w->serve);
	errand_clear(&w->retire);
	errand_clear(&w->stop);
	errand_clear(&w->cut);
	errand_clear(&w->look);
	errand_clear(&w->obey);
	worker_forget_orders(w);
	close_listeners(w);
	sessions_free(w->sessions);
	worker_keys_free(w->keys);
	forward_free(w->forward);
	tls_servers_free(w->tls);
	env_free(w->env);
	timer_end(&w->grace);
	loop_free(w->loop);
	sink_free(w->access);
	stats_leave(w->stats);
	w->facts.over = true;
	w->facts.stats = NULL;
}

static void
nothing_is_left(const struct worker *w)
{
	must(heap_owned(worker_heap(w->number)) == 0,
	    "worker %u: leaves %zu pieces of memory", w->number,
	    heap_owned(worker_heap(w->number)));
	must(oracle_timers_of(w->number) == 0, "worker %u: leaves %zu timers",
	    w->number, oracle_timers_of(w->number));
	for (const struct wire *o = wires(); o != NULL; o = o->next)
		must(o->worker != w->number || !o->open,
		    "worker %u: wire %u is still open", w->number, o->number);
}

/* Whoever is still there would wait for ever. */
static void
everybody_is_gone(const struct worker *w)
{
	must(sessions_count(w->sessions) == 0,
	    "worker %u: %zu clients wait for ever", w->number,
	    sessions_count(w->sessions));
	must(w->facts.phase == WORKER_SERVES || w->emptied,
	    "worker %u: was to end, and was not told that it is empty",
	    w->number);
	for (const struct wire *o = wires(); o != NULL; o = o->next)
		must(o->worker != w->number || !o->open ||
		    (o->upstream && w->emptied),
		    "wire %u is open for ever", o->number);
}

/* Places of routes and clients are given back with the exchanges. */
static void
no_place_is_held(const struct worker *w)
{
	const struct stats *f = w->of.stats;
	const struct stats_held *held = stats_memory_held(f->memory,
	    f->slots[w->of.slot]);

	for (size_t i = 0; i < f->numbers.n_routes; i++)
		must(held->routes[f->numbers.routes[i]] == 0, "worker %u: "
		    "places of route %zu are held by nobody", w->number, i);
	for (size_t i = 0; i < f->numbers.n_keys; i++)
		must(held->waiters[f->numbers.keys[i]] == 0, "worker %u: a "
		    "place in the line for a quota is held by nobody",
		    w->number);
	for (size_t i = 0; i < QUOTA_CLIENTS; i++)
		must(held->clients[i] == 0, "worker %u: places of a client "
		    "are held by nobody", w->number);
}

void
worker_end(struct worker *w)
{
	uint64_t begun = w->env->begun;

	history("worker %u ends", w->number);
	if (!w->facts.was_cut)
		everybody_is_gone(w);
	must(begun == lines_of(w->number), "worker %u: %llu exchanges began, "
	    "%lu lines were written", w->number, (unsigned long long)begun,
	    lines_of(w->number));
	tear_down(w);
	must(stats_worker_clients(w->of.stats, w->of.slot) == 0,
	    "worker %u: clients are counted that are gone", w->number);
	no_place_is_held(w);
	nothing_is_left(w);
}

/* Nothing of what it does then is seen, but that its exchanges are counted. */
void
worker_die(struct worker *w)
{
	uint64_t before = stats_requests(w->of.stats);

	history("worker %u dies", w->number);
	w->facts.died = true;
	lines_die(w->number);
	for (struct wire *o = wires(); o != NULL; o = o->next) {
		if (o->worker == w->number && o->open)
			socket_died(o);
	}
	tear_down(w);
	n_unseen += stats_requests(w->of.stats) - before;
	stats_worker_ended(w->of.stats, w->of.slot);
	nothing_is_left(w);
}
