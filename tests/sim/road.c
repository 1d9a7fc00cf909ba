/*
 * The way of a dial in the simulated world: net/resolve.h and net/race.h, and
 * the dial's beginning and end, for oracles (-Wl,--wrap); see road.h.
 */
#include "road.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/list.h"
#include "clock.h"
#include "dice.h"
#include "fate.h"
#include "handshake.h"
#include "history.h"
#include "net/race.h"
#include "oracle_road.h"
#include "proxy.h"
#include "setting.h"
#include "socket.h"

static struct road *all;
static struct road *beginning;		/* its dial is being made */

struct road *
roads(void)
{
	return all;
}

void
roads_begin(void)
{
	all = beginning = NULL;
}

struct road *
road_of(const void *dial)
{
	struct road *r = all;

	if (beginning != NULL)
		return beginning;
	while (r != NULL && r->dial != dial)
		r = r->next;
	must(r != NULL, "something is done for a dial that has ended");
	return r;
}

void
road_enters(struct road *r, enum road_stage stage)
{
	r->stage = stage;
	r->stage_ns = clock_now();
}

/* What failed once often does again. */
bool
road_fails(const struct road *r, size_t seldom)
{
	return dice_one_in(r->tries > 1 ? 2 : mood()->dials_fail * seldom);
}

static int64_t
some_time(const struct road *r)
{
	int64_t ms = dice_between(0, dice_one_in(8) ? r->conf.connect_ms : 30);

	return ms * NS_PER_MS + dice_between(0, NS_PER_MS - 1);
}

/* -- look-ups: net/resolve.h -- */

struct resolver {
	struct loop *loop;
};

struct resolve {
	struct errand end;
	struct road *road;
	resolve_done *done;
	void *owner;
	bool found;
};

struct resolver *
resolver_new(struct loop *loop, char *why, size_t why_size)
{
	struct resolver *r = xcalloc(1, sizeof(*r));

	(void)why;
	(void)why_size;
	r->loop = loop;
	return r;
}

void
resolver_free(struct resolver *r)
{
	free(r);
}

static void
on_resolved(void *owner)
{
	struct resolve *l = owner;
	struct road *road = l->road;
	resolve_done *done = l->done;
	void *done_owner = l->owner;
	struct addr addrs[2];
	const char *why;
	bool found = l->found;

	free(l);
	if (!found) {
		road->event = ROAD_NO_ADDRESS;
		done(done_owner, NULL, 0, "no address");
		return;
	}
	(void)addr_parse("192.0.2.1:443", &addrs[0], &why);
	(void)addr_parse("192.0.2.2:443", &addrs[1], &why);
	done(done_owner, addrs, 1 + dice(2), NULL);
}

/* A look-up that fails may also never end. */
struct resolve *
resolve_start(struct resolver *resolver, const char *host, uint16_t port,
    resolve_done *done, void *owner)
{
	struct resolve *l = xcalloc(1, sizeof(*l));

	l->road = road_of(owner);
	l->done = done;
	l->owner = owner;
	must(strcmp(host, l->road->conf.host) == 0 &&
	    port == l->road->conf.port, "a dial to %s looks up %s",
	    l->road->conf.host, host);
	if (l->road->tries != 0)
		oracle_on_second_try(l->road);
	road_enters(l->road, ROAD_LOOKS_UP);
	l->road->before = l->road->event;
	l->road->event = ROAD_GOES_ON;
	l->road->tries++;
	l->found = !road_fails(l->road, 6);
	errand_init(&l->end, on_resolved, l);
	l->end.base = loop_base(resolver->loop);
	if (l->found || dice_one_in(2))
		errand_set(&l->end, dice_one_in(3) ? some_time(l->road) : 0);
	return l;
}

void
resolve_cancel(struct resolve *l)
{
	if (l == NULL)
		return;
	errand_clear(&l->end);
	free(l);
}

void
resolve_doubt(struct resolver *r, const char *host)
{
	(void)r;
	(void)host;
}

/* -- connections: net/race.h -- */

struct race {
	struct errand end;
	struct loop *loop;
	struct road *road;
	race_done *done;
	void *owner;
	struct addr peer;
	bool connects;
};

static struct wire *
connect_wire(struct road *r, struct loop *loop)
{
	struct event_base *before = fate_owns(NULL);
	struct wire *w = wire_new(true);

	w->worker = clock_number(loop_base(loop));
	w->open = true;
	if (r->wire != NULL)
		r->wire->road = NULL;
	r->wire = w;
	r->said = 0;
	w->road = r;
	if (r->conf.preface != NULL)
		proxy_begin(w, r->conf.preface_tls != NULL);
	fate_owns(before);
	history("dial to %s: connected, wire %u", r->conf.host, w->number);
	return w;
}

static void
on_raced(void *owner)
{
	struct race *race = owner;
	struct addr peer = race->peer;
	struct road *road = race->road;
	race_done *done = race->done;
	void *done_owner = race->owner;
	struct wire *w = race->connects ? connect_wire(road, race->loop) :
	    NULL;

	free(race);
	if (w == NULL)
		road->event = ROAD_NO_CONNECTION;
	done(done_owner, w != NULL ? socket_fd(w) : -1, &peer, w != NULL ? 0 :
	    ECONNREFUSED);
}

struct race *
race_start(struct loop *loop, const struct addr *addrs, size_t n,
    race_done *done, void *owner)
{
	struct race *race = xcalloc(1, sizeof(*race));

	race->loop = loop;
	race->road = road_of(owner);
	race->done = done;
	race->owner = owner;
	race->peer = addrs[dice(n)];
	race->connects = !road_fails(race->road, 3);
	road_enters(race->road, ROAD_CONNECTS);
	errand_init(&race->end, on_raced, race);
	race->end.base = loop_base(loop);
	if (race->connects || dice_one_in(2))
		errand_set(&race->end, some_time(race->road));
	return race;
}

void
race_cancel(struct race *race)
{
	if (race == NULL)
		return;
	errand_clear(&race->end);
	free(race);
}

/* -- what is said to a proxy: net/preface.h is the real one -- */

struct speech	*__real_preface_start(struct loop *, const struct preface *,
		    int, SSL *, preface_done *, void *);
struct speech	*__wrap_preface_start(struct loop *, const struct preface *,
		    int, SSL *, preface_done *, void *);

static void
on_told(void *owner, enum preface_end how, const char *why)
{
	struct road *r = owner;

	history("wire %u: its tunnel %s", r->wire->number,
	    how == PREFACE_END_DONE ? "is open" : why);
	if (how == PREFACE_END_REFUSED)
		r->event = ROAD_NO_TUNNEL;
	else if (how == PREFACE_END_LOST)
		r->event = ROAD_LOST;
	oracle_on_told_by_proxy(r, how, why);
	r->told(r->told_owner, how, why);
}

struct speech *
__wrap_preface_start(struct loop *loop, const struct preface *words, int fd,
    SSL *ssl, preface_done *done, void *owner)
{
	struct road *r = road_of(owner);

	r->told = done;
	r->told_owner = owner;
	road_enters(r, ROAD_SPEAKS);
	return __real_preface_start(loop, words, fd, ssl, on_told, r);
}

/* -- the dial: net/dial.h is the real one -- */

struct dial	*__real_dial_start(struct loop *, const struct dial_conf *,
		    dial_done *, void *);
struct dial	*__wrap_dial_start(struct loop *, const struct dial_conf *,
		    dial_done *, void *);
void		 __real_dial_cancel(struct dial *);
void		 __wrap_dial_cancel(struct dial *);

static void
road_free(struct road *r)
{
	if (r->wire != NULL)
		r->wire->road = NULL;
	LIST_REMOVE(r);
	free(r);
}

static void
on_dialled(void *owner, enum dial_result result, SSL *ssl, int fd,
    const char *why)
{
	struct road *r = owner;
	struct wire *w = r->wire;
	dial_done *done = r->done;
	void *done_owner = r->owner;

	oracle_on_dialled(r, result, why);
	if (result == DIAL_OK) {
		history("dial to %s: verified, wire %u", w->host, w->number);
		handshake_over(w);
		proxy_end(w);
		w->taken = w->read = w->written = w->handed = 0;
		fate_connects(w);
	} else {
		history("dial to %s: %s", r->conf.tls->host, why);
	}
	road_free(r);
	done(done_owner, result, ssl, fd, why);
}

static void
on_unfit(void *owner, const char *why)
{
	const struct road *r = owner;

	history("dial to %s goes on: %s", r->conf.tls->host, why);
	if (r->conf.unfit != NULL)
		r->conf.unfit(r->owner, why);
}

struct dial *
__wrap_dial_start(struct loop *loop, const struct dial_conf *conf,
    dial_done *done, void *owner)
{
	struct event_base *before = fate_owns(NULL);
	struct road *r = xcalloc(1, sizeof(*r));
	struct dial_conf ours = *conf;

	fate_owns(before);
	ours.unfit = on_unfit;
	r->worker = clock_number(loop_base(loop));
	r->conf = *conf;
	r->done = done;
	r->owner = owner;
	r->began_ns = clock_now();
	LIST_PUSH(all, r);
	beginning = r;
	r->dial = __real_dial_start(loop, &ours, on_dialled, r);
	beginning = NULL;
	return r->dial;
}

void
__wrap_dial_cancel(struct dial *d)
{
	struct road *r = d != NULL ? road_of(d) : NULL;

	__real_dial_cancel(d);
	if (r != NULL)
		road_free(r);
}
