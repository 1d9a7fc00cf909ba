/*
 * Oracles of time: each timer runs when it is due, and no peer waits beyond all
 * deadlines.  The timers are the real ones; this file only keeps a record of
 * them (-Wl,--wrap).
 */
#include "oracle.h"

#include "base/clock.h"
#include "client.h"
#include "clock.h"
#include "history.h"
#include "net/timer.h"
#include "oracle_road.h"
#include "oracle_way.h"
#include "worker.h"

/* A timer rounds up, and the loop is not woken more often than that. */
#define LATE		(2 * NS_PER_MS)
#define SLACK		NS_PER_S
#define NEVER		INT64_MAX
#define MOST		1024

static struct {
	struct timer *timer;
	unsigned worker;
	int64_t deadline;
} books[MOST];
static size_t n_timers;

void	__real_timer_init(struct timer *, struct loop *, void (*)(void *),
	    void *);
void	__real_timer_end(struct timer *);
void	__real_timer_set(struct timer *, int64_t);
void	__wrap_timer_init(struct timer *, struct loop *, void (*)(void *),
	    void *);
void	__wrap_timer_end(struct timer *);
void	__wrap_timer_set(struct timer *, int64_t);

static size_t
place_of(const struct timer *t)
{
	size_t i = 0;

	while (i < n_timers && books[i].timer != t)
		i++;
	must(i < n_timers, "a timer that has ended is used");
	return i;
}

void
__wrap_timer_init(struct timer *t, struct loop *l, void (*fn)(void *),
    void *owner)
{
	__real_timer_init(t, l, fn, owner);
	must(n_timers < MOST, "too many timers");
	books[n_timers].timer = t;
	books[n_timers].worker = clock_number(loop_base(l));
	books[n_timers++].deadline = NEVER;
}

void
__wrap_timer_end(struct timer *t)
{
	size_t at = t->all != NULL ? place_of(t) : 0;

	if (t->all != NULL)
		books[at] = books[--n_timers];
	__real_timer_end(t);
}

void
__wrap_timer_set(struct timer *t, int64_t ms)
{
	books[place_of(t)].deadline = clock_now() + ms * NS_PER_MS;
	__real_timer_set(t, ms);
}

/* -- the oracles -- */

static void
every_timer_runs_in_time(int64_t at)
{
	for (size_t i = 0; i < n_timers; i++) {
		if (books[i].deadline > at - LATE)
			continue;
		must(!timer_is_set(books[i].timer),
		    "a timer whose time came %lld ms ago does not run",
		    (long long)((at - books[i].deadline) / NS_PER_MS));
		books[i].deadline = NEVER;
	}
}

/*
 * When a byte of its exchange last moved, on this side or the other.  An
 * upstream that has not read all it was sent may have got this request.
 */
static int64_t
last_moved(const struct wire *w)
{
	int64_t last = w->moved_ns;

	for (const struct wire *o = wires(); o != NULL; o = o->next) {
		if ((o == w->serves || o->serves == w ||
		    (o->upstream && o->read < o->taken)) &&
		    last < o->moved_ns)
			last = o->moved_ns;
	}
	return last;
}

static void
nobody_waits_for_ever(int64_t at)
{
	for (const struct wire *w = wires(); w != NULL; w = w->next) {
		int64_t most;

		/*
		 * A connection may be lent often to requests without a key for
		 * its host.
		 */
		if (w->link == NULL)
			continue;
		most = worker_facts(w->worker)->setting->longest_ns + SLACK;
		if (at - w->moved_ns <= most ||
		    (w->upstream && w->key == CONF_NONE))
			continue;
		must(at - last_moved(w) <= most,
		    "wire %u: nothing happens for %lld ms", w->number,
		    (long long)((at - last_moved(w)) / NS_PER_MS));
	}
}

/*
 * A connection lingers for its time at most, or 5 seconds if it is silent; once
 * more if the worker drains meanwhile.
 */
static void
nothing_lingers_for_ever(int64_t at)
{
	for (const struct wire *w = wires(); w != NULL; w = w->next) {
		int64_t most = w->upstream ? 2 : w->served ? 30 : 1;

		if (!w->open || w->link != NULL || w->road != NULL ||
		    (w->enters && !w->served))
			continue;
		must(at - w->lingers_ns <= most * NS_PER_S + SLACK &&
		    at - w->moved_ns <= 10 * NS_PER_S + SLACK,
		    "wire %u: lingers for %lld ms", w->number,
		    (long long)((at - w->lingers_ns) / NS_PER_MS));
	}
}

static void
a_head_comes_in_time(int64_t at)
{
	const struct request *r = clients_late_head(at - SLACK);

	must(r == NULL, "request %u: its head takes too long", r->number);
}

/* By itself, and soon after its last client, or by force. */
static void
who_is_told_to_end_does_so(int64_t at)
{
	for (unsigned i = 0; i < workers_started(); i++) {
		const struct worker_facts *f = worker_facts(i);
		int64_t last = f->since;

		if (f->over || f->phase == WORKER_SERVES)
			continue;
		must(at - f->since <= 30 * NS_PER_S + SLACK, "worker %u: "
		    "does not end for %lld ms", i,
		    (long long)((at - f->since) / NS_PER_MS));
		for (const struct wire *w = wires(); w != NULL; w = w->next) {
			if (w->worker == i && w->open && !w->upstream)
				last = at;
			else if (w->worker == i && last < w->moved_ns)
				last = w->moved_ns;
		}
		must(at - last <= SLACK, "worker %u: has no client for "
		    "%lld ms, and does not end", i,
		    (long long)((at - last) / NS_PER_MS));
	}
}

void
oracle_on_time(int64_t at)
{
	oracle_keys_on_time();
	a_head_comes_in_time(at);
	every_timer_runs_in_time(at);
	nobody_waits_for_ever(at);
	nothing_lingers_for_ever(at);
	oracle_roads_on_time(at);
	oracle_ways_on_time(at);
	oracle_certificates_on_time(at);
	who_is_told_to_end_does_so(at);
}

size_t
oracle_timers_of(unsigned worker)
{
	size_t n = 0;

	for (size_t i = 0; i < n_timers; i++)
		n += books[i].worker == worker;
	return n;
}

void
oracle_time_begin(void)
{
	n_timers = 0;
}

void
oracle_time_end(void)
{
	must(n_timers == 0, "%zu timers are left", n_timers);
}
