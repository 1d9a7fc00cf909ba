/*
 * The event loop; see loop.h.  It knows what a turn is, not the work done in
 * it.
 */
#include "net/loop.h"

#include <assert.h>
#include <stdlib.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "base/clock.h"

/* Unused blocks held back: 1 MiB. */
#define BLOCKS_KEPT	64

#define N_PHASES	(LOOP_LAST + 1)

struct loop {
	struct event_base *base;
	struct blocks *blocks;
	uint8_t *scratch;
	int64_t now, boot;		/* 0: not read yet in this turn */
	bool stop;
	unsigned heavy;			/* works in this turn */
	struct timers *timers;
	struct lingers *lingers;
	struct deferred queue[N_PHASES];	/* heads of rings */
};

const char *
loop_library(void)
{
	return event_get_version();
}

struct loop *
loop_new(void)
{
	struct loop *l = xcalloc(1, sizeof(*l));
	struct event_config *conf = event_config_new();

	if (conf == NULL)
		abort();
	event_config_set_flag(conf, EVENT_BASE_FLAG_NOLOCK);
	event_config_set_flag(conf, EVENT_BASE_FLAG_IGNORE_ENV);
	l->base = event_base_new_with_config(conf);
	event_config_free(conf);
	if (l->base == NULL)
		abort();
	l->blocks = blocks_new(LOOP_BLOCK, BLOCKS_KEPT);
	l->scratch = xmalloc(LOOP_SCRATCH);
	for (unsigned i = 0; i < N_PHASES; i++)
		l->queue[i].next = l->queue[i].prev = &l->queue[i];
	return l;
}

void
deferred_init(struct deferred *d, enum loop_phase phase,
    void (*fn)(void *owner), void *owner)
{
	*d = (struct deferred){ .fn = fn, .owner = owner, .phase = phase };
}

void
deferred_queue(struct loop *l, struct deferred *d)
{
	struct deferred *head = &l->queue[d->phase];

	if (d->next != NULL)
		return;
	d->next = head;
	d->prev = head->prev;
	head->prev->next = d;
	head->prev = d;
}

void
deferred_cancel(struct deferred *d)
{
	if (d->next == NULL)
		return;
	d->prev->next = d->next;
	d->next->prev = d->prev;
	d->next = d->prev = NULL;
}

/* Runs the work queued for phases up to last, the earliest first. */
static void
run_phases(struct loop *l, enum loop_phase last)
{
	unsigned phase = LOOP_SOON;

	while (phase <= last) {
		struct deferred *d = l->queue[phase].next;

		if (d == &l->queue[phase]) {
			phase++;
			continue;
		}
		deferred_cancel(d);
		d->fn(d->owner);
		phase = LOOP_SOON;
	}
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	run_phases(l, LOOP_LAST);
	blocks_free(l->blocks);
	event_base_free(l->base);
	free(l->scratch);
	free(l);
}

struct event_base *
loop_base(struct loop *l)
{
	return l->base;
}

struct blocks *
loop_blocks(struct loop *l)
{
	return l->blocks;
}

uint8_t *
loop_scratch(struct loop *l)
{
	return l->scratch;
}

struct timers **
loop_timers(struct loop *l)
{
	return &l->timers;
}

struct lingers **
loop_lingers(struct loop *l)
{
	return &l->lingers;
}

int64_t
loop_now(struct loop *l)
{
	if (l->now == 0)
		l->now = clock_monotonic();
	return l->now;
}

int64_t
loop_boot(struct loop *l)
{
	if (l->boot == 0)
		l->boot = clock_boot();
	return l->boot;
}

bool
loop_allows_heavy(struct loop *l)
{
	return l->heavy++ < LOOP_HEAVY;
}

void
loop_run(struct loop *l)
{
	run_phases(l, LOOP_LATE);
	while (!l->stop) {
		l->now = l->boot = 0;
		l->heavy = 0;
		if (event_base_loop(l->base, EVLOOP_ONCE) != 0)
			break;
		run_phases(l, LOOP_LATE);
	}
	l->stop = false;
}

void
loop_stop(struct loop *l)
{
	l->stop = true;
}
