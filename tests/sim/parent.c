/*
 * Generations of workers; see parent.h.
 */
#include "parent_own.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "clock.h"
#include "dice.h"
#include "history.h"
#include "keys.h"
#include "line.h"
#include "oracle.h"
#include "socket.h"
#include "stats/memory.h"
#include "stats_pages.h"

/* At most so many generations retire at a time; others wait. */
#define MOST_RETIRING	2

/* The parent's descriptors. */
#define PARENT		0

/* Of this run. */
static const struct plan *plan;

static struct {
	struct stats_memory *memory;
	struct generation generations[MOST_SETTINGS];
	unsigned n;
	int sockets[N_LISTENERS];	/* -1: closed */
	bool stops;
	unsigned n_died;
	struct errand reloads[MOST_RELOADS], deaths[MOST_DEATHS], take_over;
	struct errand renewals[MOST_RENEWALS];
} parent;

/* -- generations -- */

static void	on_start(void *owner);
static void	on_reap(void *owner);

static void
open_sockets(const struct setting *s)
{
	for (size_t i = 0; i < s->conf.n_listeners; i++)
		parent.sockets[i] = socket_listen(i, PARENT);
}

static void
close_sockets(size_t from)
{
	for (size_t i = from; i < N_LISTENERS; i++) {
		if (parent.sockets[i] != -1)
			close(parent.sockets[i]);
		parent.sockets[i] = -1;
	}
}

static struct generation *
generation_new(void)
{
	struct generation *g = &parent.generations[parent.n];
	const struct setting *s = setting();
	char why[256];

	*g = (struct generation){
		.number = parent.n++,
		.n = s->conf.workers,
		.stats = stats_new(parent.memory, &s->conf, why, sizeof(why)),
		.balance = balance_new(s->conf.workers, s->conf.n_listeners),
	};
	must(g->stats != NULL, "no statistics: %s", why);
	memcpy(g->authority, s->authority, sizeof(g->authority));
	keys_meet(g->number, g->stats);
	(void)wakeups_open(&g->wakeups, g->n);
	for (size_t i = 0; i < g->n; i++) {
		g->slots[i].generation = g;
		errand_init(&g->slots[i].start, on_start, &g->slots[i]);
		errand_init(&g->slots[i].reap, on_reap, &g->slots[i]);
	}
	open_sockets(s);
	return g;
}

static void
serve(struct generation *g, const struct generation *before)
{
	g->state = SERVING;
	keys_serve(g->number, g->stats);
	generation_lets_in(g, before);
}

static size_t
slot_index(const struct slot *s)
{
	return (size_t)(s - s->generation->slots);
}

static void
start_worker(struct slot *s)
{
	struct generation *g = s->generation;

	s->number = workers_started();
	s->worker = worker_start(&(struct worker_of_world){
		.generation = g->number,
		.authority = g->authority,
		.slot = slot_index(s),
		.serves = g->state == SERVING,
		.stats = g->stats,
		.balance = g->balance,
		.wakeups = &g->wakeups,
	});
	history("worker %u starts, of generation %u", s->number, g->number);
}

static size_t
alive(const struct generation *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++)
		n += g->slots[i].worker != NULL;
	return n;
}

static size_t
count(enum state state)
{
	size_t n = 0;

	for (unsigned i = 0; i < parent.n; i++)
		n += parent.generations[i].state == state;
	return n;
}

static struct generation *
generation_that(enum state state)
{
	unsigned i = 0;

	while (i < parent.n && parent.generations[i].state != state)
		i++;
	must(i < parent.n, "no generation is in that state");
	return &parent.generations[i];
}

static void
generation_free(struct generation *g)
{
	history("generation %u is over", g->number);
	oracle_on_known(g->stats, setting_of(g->number));
	for (size_t i = 0; i < g->n; i++) {
		errand_clear(&g->slots[i].start);
		errand_clear(&g->slots[i].reap);
	}
	g->state = OVER;
	keys_forget(g->number);
	stats_free(g->stats);
	balance_free(g->balance);
	wakeups_close(&g->wakeups);
}

static void
free_if_over(struct generation *g)
{
	if (g->state == RETIRING && alive(g) == 0)
		generation_free(g);
}

/* -- reload -- */

/* Those that retire have heard so, and have closed their listening sockets. */
static bool
have_left(void)
{
	for (unsigned i = 0; i < parent.n; i++) {
		const struct generation *g = &parent.generations[i];

		for (size_t j = 0; g->state == RETIRING && j < g->n; j++) {
			if (g->slots[j].worker != NULL && worker_facts(
			    g->slots[j].number)->phase == WORKER_SERVES)
				return false;
		}
	}
	return true;
}

/* The first turn of each of its workers may come at any time. */
static void
on_reload(void *owner)
{
	struct errand *again = owner;
	struct generation *g;

	if (count(STARTING) != 0 || count(RETIRING) == MOST_RETIRING ||
	    !have_left()) {
		errand_set(again, NS_PER_S);
		return;
	}
	history("a reload begins");
	setting_next(plan->workers[parent.n]);
	g = generation_new();
	for (size_t i = 0; i < g->n; i++)
		errand_set(&g->slots[i].start, dice_between(0,
		    100 * NS_PER_MS));
}

/* What a reload reads while it goes on is what it finds. */
static void
on_renewal(void *owner)
{
	struct generation *g;
	size_t i = dice_one_in(3) ? BY_BALANCER : BY_TLS;

	(void)owner;
	if (count(STARTING) != 0 || !setting_speaks_tls(i) ||
	    i >= setting()->conf.n_listeners)
		return;
	g = generation_that(SERVING);
	if (!dice_one_in(3))
		g->authority[i] = setting_renew_authority(i);
	generation_renew(g, i);
	for (unsigned j = 0; j < parent.n; j++) {
		if (parent.generations[j].state == RETIRING)
			generation_distrust(&parent.generations[j]);
	}
}

/* They are told in the order of daemon/generation. */
static void
retire(struct generation *g, const bool *dropped)
{
	g->state = RETIRING;
	generation_distrust(g);
	for (size_t i = 0; i < g->n; i++) {
		errand_clear(&g->slots[i].start);
		if (g->slots[i].worker != NULL)
			worker_retire(g->slots[i].worker, dropped,
			    parent_told_ns());
	}
}

/*
 * The sockets that go are closed here first, so that the last worker that
 * empties them is the last that has them.
 */
static void
on_take_over(void *owner)
{
	struct generation *old = generation_that(SERVING);
	struct generation *g = generation_that(STARTING);
	bool dropped[N_LISTENERS] = { false };

	(void)owner;
	history("generation %u takes over", g->number);
	for (size_t i = setting()->conf.n_listeners; i < N_LISTENERS; i++)
		dropped[i] = parent.sockets[i] != -1;
	close_sockets(setting()->conf.n_listeners);
	serve(g, old);
	for (size_t i = 0; i < g->n; i++)
		worker_serve(g->slots[i].worker, parent_told_ns());
	oracle_on_known(g->stats, setting());
	retire(old, dropped);
	free_if_over(old);
}

static void
on_start(void *owner)
{
	struct slot *s = owner;
	struct generation *g = s->generation;

	start_worker(s);
	if (g->state == STARTING && alive(g) == g->n)
		errand_set(&parent.take_over, dice_between(0, 5 * NS_PER_MS));
}

/* -- death -- */

static struct slot *
some_worker(void)
{
	struct slot *some[MOST_SETTINGS * MOST_WORKERS];
	size_t n = 0;

	for (unsigned i = 0; i < parent.n; i++) {
		struct generation *g = &parent.generations[i];

		for (size_t j = 0; g->state != STARTING && j < g->n; j++) {
			if (g->slots[j].worker != NULL)
				some[n++] = &g->slots[j];
		}
	}
	return n != 0 ? some[dice(n)] : NULL;
}

/* What it said of itself to the others stands until the parent knows. */
static void
on_death(void *owner)
{
	struct slot *s = some_worker();
	struct balance_place place;

	(void)owner;
	if (s == NULL)
		return;
	place = (struct balance_place){ .balance = s->generation->balance,
	    .worker = slot_index(s) };
	parent.n_died++;
	worker_die(s->worker);
	s->worker = NULL;
	for (; place.listener < setting_of(s->generation->number)->conf
	    .n_listeners; place.listener++)
		balance_set(&place, BALANCE_WAITS);
	errand_set(&s->reap, dice_between(0, 5 * NS_PER_MS));
}

static void
on_reap(void *owner)
{
	struct slot *s = owner;
	struct generation *g = s->generation;

	balance_reset(g->balance, slot_index(s));
	keys_lost(s->number);
	for (size_t i = 0; i < g->n; i++) {
		if (g->slots[i].worker != NULL)
			worker_look(g->slots[i].worker, dice_between(0,
			    NS_PER_MS));
	}
	if (g->state == SERVING && !parent.stops)
		errand_set(&s->start, dice_one_in(2) ? 0 : 100 * NS_PER_MS);
	free_if_over(g);
}

/* -- the end -- */

static void
call_off(void)
{
	parent.stops = true;
	for (size_t i = 0; i < MOST_RELOADS; i++)
		errand_clear(&parent.reloads[i]);
	for (size_t i = 0; i < MOST_DEATHS; i++)
		errand_clear(&parent.deaths[i]);
	for (size_t i = 0; i < MOST_RENEWALS; i++)
		errand_clear(&parent.renewals[i]);
	errand_clear(&parent.take_over);
	for (unsigned i = 0; i < parent.n; i++) {
		for (size_t j = 0; j < parent.generations[i].n; j++)
			errand_clear(&parent.generations[i].slots[j].start);
	}
	close_sockets(0);
}

/* Tells all, one at once and the others after it. */
static void
tell(void (*what)(struct worker *, int64_t ns))
{
	int64_t ns = 0;
	size_t n = 0;

	for (unsigned i = 0; i < parent.n; i++) {
		struct generation *g = &parent.generations[i];

		for (size_t j = 0; j < g->n; j++) {
			if (g->slots[j].worker == NULL)
				continue;
			if (n++ != 0)
				ns += dice_between(0, 5 * NS_PER_MS);
			what(g->slots[j].worker, ns);
		}
	}
}

void
parent_stop(void)
{
	call_off();
	tell(worker_stop);
}

void
parent_cut(void)
{
	call_off();
	tell(worker_cut);
}

void
parent_reap(unsigned number)
{
	for (unsigned i = 0; i < parent.n; i++) {
		struct generation *g = &parent.generations[i];

		for (size_t j = 0; j < g->n; j++) {
			if (g->slots[j].worker != worker_of(number))
				continue;
			g->slots[j].worker = NULL;
			free_if_over(g);
			return;
		}
	}
}

bool
parent_may_refuse(void)
{
	return parent.stops || parent.n_died != 0;
}

bool
parent_is_over(void)
{
	for (unsigned i = 0; i < parent.n; i++) {
		if (alive(&parent.generations[i]) != 0)
			return false;
	}
	return parent.stops;
}

void
parent_end(void)
{
	call_off();
	for (unsigned i = 0; i < parent.n; i++) {
		struct generation *g = &parent.generations[i];

		must(g->state != RETIRING || alive(g) == 0,
		    "generation %u: retires for ever", g->number);
		for (size_t j = 0; j < g->n; j++) {
			if (g->slots[j].worker != NULL)
				worker_end(g->slots[j].worker);
			g->slots[j].worker = NULL;
		}
		must(g->state == OVER || stats_requests(g->stats) ==
		    lines_written() + workers_unseen(),
		    "%llu exchanges were counted, %lu lines written",
		    (unsigned long long)stats_requests(g->stats),
		    lines_written());
		if (g->state != OVER)
			generation_free(g);
	}
	oracle_keys_end();
	keys_end();
	stats_pages_wipe(parent.memory);
	stats_memory_free(parent.memory);
}

void
parent_begin(void)
{
	struct generation *g;
	char why[256];

	plan = parent_planned();
	parent.memory = stats_memory_new(MOST_SETTINGS * MOST_WORKERS, why,
	    sizeof(why));
	must(parent.memory != NULL, "no memory for statistics: %s", why);
	keys_begin(parent.memory);
	parent.n = parent.n_died = 0;
	parent.stops = false;
	for (size_t i = 0; i < N_LISTENERS; i++)
		parent.sockets[i] = -1;
	errand_init(&parent.take_over, on_take_over, NULL);
	g = generation_new();
	serve(g, NULL);
	for (size_t i = 0; i < g->n; i++)
		start_worker(&g->slots[i]);
	for (size_t i = 0; i < MOST_RELOADS; i++) {
		errand_init(&parent.reloads[i], on_reload, &parent.reloads[i]);
		if (i < plan->n_reloads)
			errand_set(&parent.reloads[i], plan->reloads[i]);
	}
	for (size_t i = 0; i < MOST_DEATHS; i++) {
		errand_init(&parent.deaths[i], on_death, NULL);
		if (i < plan->n_deaths)
			errand_set(&parent.deaths[i], plan->deaths[i]);
	}
	for (size_t i = 0; i < MOST_RENEWALS; i++) {
		errand_init(&parent.renewals[i], on_renewal, NULL);
		if (i < plan->n_renewals)
			errand_set(&parent.renewals[i], plan->renewals[i]);
	}
}
