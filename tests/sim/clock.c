/*
 * Virtual time; see clock.h.
 */
#include "clock.h"

#include <stdlib.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "fate.h"
#include "history.h"
#include "socket.h"

#define NEVER		INT64_MAX
#define BEGINNING	(1000 * NS_PER_S)

/* More steps than any run that ends takes. */
#define MOST_STEPS	UINT64_C(2000000)

#define MOST_EVENTS	256

struct event_base {
	unsigned number;
};

/* An event that was added. */
struct armed {
	struct event *event;
	int64_t at;			/* NEVER: its descriptor is not ready */
};

static struct {
	int64_t now, slept;
	int64_t stops_at;		/* the loop does not run beyond this
					   time */
	uint64_t steps;
	struct errand *first;		/* in the order of their times */
	struct armed events[MOST_EVENTS];
	unsigned n_events;
	struct event_base bases[CLOCK_BASES];
	unsigned n_bases;
} world;

/* -- the clocks -- */

static int64_t
wall(void)
{
	return INT64_C(1800000000) * NS_PER_S + world.now;
}

static int64_t
boot(void)
{
	return world.now + world.slept;
}

int64_t
clock_now(void)
{
	return world.now;
}

void
clock_sleep(int64_t ns)
{
	world.slept += ns;
}

uint64_t
clock_steps(void)
{
	return world.steps;
}

void
clock_begin(void)
{
	static const struct clock_source source = {
		.monotonic = clock_now, .wall = wall, .boot = boot,
	};

	world.now = BEGINNING;
	world.slept = 0;
	world.stops_at = NEVER;
	world.steps = 0;
	world.first = NULL;
	world.n_events = 0;
	world.n_bases = 0;
	clock_replace(&source);
}

void
clock_end(void)
{
	must(world.first == NULL, "an errand is left");
	clock_replace(NULL);
}

/* -- errands -- */

void
errand_init(struct errand *e, void (*fn)(void *owner), void *owner)
{
	*e = (struct errand){ .fn = fn, .owner = owner };
}

void
errand_clear(struct errand *e)
{
	if (e->prev == NULL)
		return;
	*e->prev = e->next;
	if (e->next != NULL)
		e->next->prev = e->prev;
	e->next = NULL;
	e->prev = NULL;
}

bool
errand_is_set(const struct errand *e)
{
	return e->prev != NULL;
}

void
errand_set(struct errand *e, int64_t ns)
{
	struct errand **place = &world.first;
	int64_t at = world.now + ns;

	if (errand_is_set(e) && e->at <= at)
		return;
	errand_clear(e);
	e->at = at;
	while (*place != NULL && (*place)->at <= at)
		place = &(*place)->next;
	e->next = *place;
	e->prev = place;
	*place = e;
	if (e->next != NULL)
		e->next->prev = &e->next;
}

/* -- libevent -- */

static struct armed *
armed_of(const struct event *event)
{
	for (unsigned i = 0; i < world.n_events; i++) {
		if (world.events[i].event == event)
			return &world.events[i];
	}
	return NULL;
}

int
event_assign(struct event *event, struct event_base *base, evutil_socket_t fd,
    short what, event_callback_fn fn, void *arg)
{
	event->ev_base = base;
	event->ev_fd = fd;
	event->ev_events = what;
	event->ev_evcallback.evcb_cb_union.evcb_callback = fn;
	event->ev_evcallback.evcb_arg = arg;
	return 0;
}

/* It is ready, and will be noticed after a delay. */
static void
look(struct armed *a)
{
	if (a->at == NEVER && a->event->ev_fd != -1 &&
	    socket_is_ready(a->event->ev_fd, a->event->ev_events))
		a->at = world.now + fate_delay();
}

int
event_add(struct event *event, const struct timeval *in)
{
	struct armed *a = armed_of(event);

	if (a == NULL) {
		must(world.n_events < MOST_EVENTS, "too many events");
		a = &world.events[world.n_events++];
		*a = (struct armed){ event, NEVER };
	}
	if (in != NULL)
		a->at = world.now + in->tv_sec * NS_PER_S +
		    in->tv_usec * 1000;
	else
		look(a);
	return 0;
}

int
event_del(struct event *event)
{
	struct armed *a = armed_of(event);

	if (a != NULL)
		*a = world.events[--world.n_events];
	return 0;
}

struct event *
event_new(struct event_base *base, evutil_socket_t fd, short what,
    event_callback_fn fn, void *arg)
{
	struct event *event = xcalloc(1, sizeof(*event));

	(void)event_assign(event, base, fd, what, fn, arg);
	return event;
}

void
event_free(struct event *event)
{
	(void)event_del(event);
	free(event);
}

void
clock_notice(int fd)
{
	for (unsigned i = 0; i < world.n_events; i++) {
		if (world.events[i].event->ev_fd == fd)
			look(&world.events[i]);
	}
}

static struct armed *
earliest(void)
{
	struct armed *first = NULL;

	for (unsigned i = 0; i < world.n_events; i++) {
		if (world.events[i].at != NEVER && (first == NULL ||
		    world.events[i].at < first->at))
			first = &world.events[i];
	}
	return first;
}

/* Time never goes back, and oracles see every step. */
static void
pass_to(int64_t at)
{
	if (at <= world.now)
		return;
	fate_passes(at);
	world.now = at;
}

/* What happens next: an errand, or else an event, or neither. */
struct next {
	int64_t at;
	struct errand *errand;
	struct armed *event;
	struct event_base *base;
};

static struct next
find_next(void)
{
	struct next n = { .at = NEVER };
	struct armed *a = earliest();

	if (world.first != NULL && (a == NULL || world.first->at <= a->at)) {
		n.errand = world.first;
		n.at = n.errand->at;
		n.base = n.errand->base;
	} else if (a != NULL) {
		n.event = a;
		n.at = a->at;
		n.base = a->event->ev_base;
	}
	return n;
}

/* -- for tests that make time pass -- */

void
clock_stop_at(int64_t at)
{
	world.stops_at = at;
}

void
clock_pass_to(int64_t at)
{
	pass_to(at);
}

int64_t
clock_next_event(void)
{
	const struct armed *a = earliest();

	return a != NULL ? a->at : NEVER;
}

/* -- the turns of a loop -- */

/* Its function may free the event, and change the table. */
static void
fire(struct armed *a)
{
	struct event *event = a->event;
	int fd = event->ev_fd;

	a->at = NEVER;
	if (!(event->ev_events & EV_PERSIST))
		(void)event_del(event);
	event->ev_evcallback.evcb_cb_union.evcb_callback(fd, fd == -1 ?
	    EV_TIMEOUT : event->ev_events, event->ev_evcallback.evcb_arg);
	if (fd != -1)
		clock_notice(fd);
}

/*
 * Returns libevent's 1 if there is nothing to wait for, or if it is the turn of
 * another loop.
 */
int
event_base_loop(struct event_base *base, int flags)
{
	struct next n = find_next();
	struct errand *e = n.errand;

	must(flags == EVLOOP_ONCE, "the loop does more than one turn");
	if (n.at == NEVER || n.at > world.stops_at || n.base != base)
		return 1;
	must(world.steps++ < MOST_STEPS, "the run does not end");
	pass_to(n.at);
	if (e == NULL) {
		fire(n.event);
	} else {
		errand_clear(e);
		e->fn(e->owner);
	}
	return 0;
}

bool
clock_next(struct event_base **base)
{
	struct next n = find_next();

	*base = n.base;
	return n.at != NEVER;
}

void
clock_run_one(void)
{
	(void)event_base_loop(NULL, EVLOOP_ONCE);
}

void
clock_run_out(void)
{
	while (event_base_loop(NULL, EVLOOP_ONCE) == 0)
		;
}

unsigned
clock_number(const struct event_base *base)
{
	return base->number;
}

struct event_config *
event_config_new(void)
{
	return (struct event_config *)&world;
}

void
event_config_free(struct event_config *config)
{
	(void)config;
}

int
event_config_set_flag(struct event_config *config, int flag)
{
	(void)config;
	(void)flag;
	return 0;
}

struct event_base *
event_base_new_with_config(const struct event_config *config)
{
	struct event_base *base = &world.bases[world.n_bases];

	(void)config;
	must(world.n_bases < CLOCK_BASES, "too many loops");
	base->number = world.n_bases++;
	return base;
}

void
event_base_free(struct event_base *base)
{
	(void)base;
}
