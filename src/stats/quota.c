/*
 * The limits of routes; see quota.h.
 *
 * How many exchanges hold a place is a number of each worker, which it alone
 * writes, so that it is known what a worker held when it died.  A worker says
 * that it holds one more, and then adds the numbers of all: of two that want
 * the last place at the same moment, at most one gets it.
 */
#include "stats/quota.h"

#include <assert.h>

#include "base/clock.h"
#include "policy/rate.h"
#include "stats/layout.h"
#include "stats/view.h"

/*
 * Two workers that see each other while both want the last place both step
 * back, and may try again; but not for ever.
 */
#define TRIES	16

static void
change(_Atomic uint32_t *mine, uint32_t by)
{
	atomic_store(mine, atomic_load(mine) + by);
}

/* -- places -- */

static uint64_t
count_held(const struct stats *f, uint32_t route)
{
	const size_t slots = atomic_load(
	    &stats_memory_decided(f->memory)->slots);
	uint64_t all = 0;

	for (size_t i = 0; i < slots; i++)
		all += atomic_load(&stats_memory_held(f->memory,
		    i)->routes[route]);
	return all;
}

static bool
hold(struct stats *f, uint32_t route, uint32_t most)
{
	_Atomic uint32_t *mine = &f->held->routes[route];

	for (unsigned i = 0; i < TRIES; i++) {
		change(mine, 1);
		if (count_held(f, route) <= most)
			return true;
		change(mine, -1U);
		if (count_held(f, route) >= most)
			return false;
	}
	return false;
}

static void
let_go(struct stats *f, uint32_t route)
{
	change(&f->held->routes[route], -1U);
}

/* -- limits -- */

static bool
refuse(struct quota_refusal *r, const char *option, int64_t wait)
{
	r->option = option;
	r->retry_s = (unsigned)((wait + NS_PER_S - 1) / NS_PER_S);
	if (r->retry_s == 0)
		r->retry_s = 1;
	return false;
}

bool
quota_take(struct stats *f, const struct conf *conf,
    const struct conf_route *route, int64_t now, struct quota_hold *h,
    struct quota_refusal *why)
{
	const struct conf_quota *q = &route->quota;
	const uint32_t number = f->numbers.routes[route - conf->routes];
	struct rate rate;
	int64_t wait;

	*h = (struct quota_hold){ .number = number };
	if (q->concurrency != 0) {
		if (!hold(f, number, q->concurrency))
			return refuse(why, "concurrency", 0);
		h->route = true;
	}
	if (q->rate.count == 0)
		return true;
	rate = rate_of(&q->rate, q->burst);
	if (rate_take(&rate, &f->known->routes[number].full_at, now, &wait))
		return true;
	quota_give(f, h);
	return refuse(why, "rate", wait);
}

void
quota_give(struct stats *f, struct quota_hold *h)
{
	if (h->route)
		let_go(f, h->number);
	*h = (struct quota_hold){ .number = 0 };
}
