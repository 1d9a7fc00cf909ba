/*
 * The limits of routes; see quota.h.
 */
#include "stats/quota.h"

#include <assert.h>

#include "base/clock.h"
#include "policy/client_id.h"
#include "policy/rate.h"
#include "stats/layout.h"
#include "stats/places.h"
#include "stats/quota_clients.h"

/* One limit, and the options that set it. */
struct limit {
	const struct conf_quota *quota;
	size_t places;			/* see stats/places.h */
	_Atomic int64_t *full_at;
	const char *concurrency, *rate;
};

static bool
refuse(struct quota_refusal *r, const char *what, int64_t wait)
{
	r->what = what;
	r->retry_s = (unsigned)((wait + NS_PER_S - 1) / NS_PER_S);
	if (r->retry_s == 0)
		r->retry_s = 1;
	return false;
}

static bool
take_place(struct stats *f, const struct limit *l, bool *held,
    struct quota_refusal *why)
{
	if (l->quota->concurrency == 0)
		return true;
	*held = places_take(f, l->places, l->quota->concurrency);
	return *held || refuse(why, l->concurrency, 0);
}

static bool
take_token(const struct limit *l, int64_t now, struct quota_refusal *why)
{
	struct rate rate;
	int64_t wait;

	if (l->quota->rate.count == 0)
		return true;
	rate = rate_of(&l->quota->rate, l->quota->burst);
	return rate_take(&rate, l->full_at, now, &wait) ||
	    refuse(why, l->rate, wait);
}

static void
give_token(const struct limit *l)
{
	struct rate rate;

	if (l->quota->rate.count == 0)
		return;
	rate = rate_of(&l->quota->rate, l->quota->burst);
	rate_give_back(&rate, l->full_at);
}

/* -- clients -- */

/* How often it is looked for where others take its place. */
#define TRIES	16

static struct limit
limit_of_client(const struct stats *f, const struct conf_route *route,
    size_t client)
{
	return (struct limit){
		.quota = &route->client_quota,
		.places = PLACES_OF(clients, client),
		.full_at = &f->known->clients[client].full_at,
		.concurrency = "client_concurrency",
		.rate = "client_rate",
	};
}

/* Where no tokens are counted, the time says when it was last used. */
static void
note_use(const struct limit *l, int64_t now)
{
	if (l->quota->rate.count == 0)
		atomic_store(l->full_at, now);
}

/*
 * The place may have become another client's before it was held; then it is
 * looked for once more.
 */
static bool
take_client(struct stats *f, const struct quota_case *c, uint32_t route,
    struct quota_hold *h, struct quota_refusal *why)
{
	const struct client_id id = client_id_of(c->who, c->route);
	const uint64_t tag = quota_clients_tag(f, route, &id);
	struct limit l;
	size_t client;

	for (unsigned i = 0; i < TRIES && quota_clients_find(f, tag, &client);
	    i++) {
		l = limit_of_client(f, c->route, client);
		h->client = (uint32_t)client;
		if (!take_place(f, &l, &h->of_client, why))
			return false;
		if (quota_clients_have(f, client, tag)) {
			note_use(&l, c->now);
			return take_token(&l, c->now, why);
		}
		quota_give(f, h);
	}
	return refuse(why, "too many clients at a time", 0);
}

static bool
is_limited(const struct conf_quota *q)
{
	return (q->rate.count | q->concurrency) != 0;
}

/* -- both -- */

static bool
take_route(struct stats *f, const struct quota_case *c, uint32_t route,
    struct quota_hold *h, struct quota_refusal *why)
{
	const struct limit l = {
		.quota = &c->route->quota,
		.places = PLACES_OF(routes, route),
		.full_at = &f->known->routes[route].full_at,
		.concurrency = "concurrency",
		.rate = "rate",
	};

	h->route = route;
	return take_place(f, &l, &h->of_route, why) &&
	    take_token(&l, c->now, why);
}

bool
quota_take(struct stats *f, const struct quota_case *c, struct quota_hold *h,
    struct quota_refusal *why)
{
	const uint32_t route = f->numbers.routes[c->route - c->conf->routes];
	const bool each = is_limited(&c->route->client_quota);
	struct limit l;

	*h = (struct quota_hold){ .of_route = false };
	if (each && !take_client(f, c, route, h, why)) {
		quota_give(f, h);
		return false;
	}
	if (take_route(f, c, route, h, why))
		return true;
	if (each) {
		l = limit_of_client(f, c->route, h->client);
		give_token(&l);
	}
	quota_give(f, h);
	return false;
}

void
quota_give(struct stats *f, struct quota_hold *h)
{
	if (h->of_route)
		places_give(f, PLACES_OF(routes, h->route));
	if (h->of_client)
		places_give(f, PLACES_OF(clients, h->client));
	*h = (struct quota_hold){ .of_route = false };
}

/* -- keys -- */

struct quota_gate *
quota_gate_of(struct stats *f, size_t key)
{
	assert(key < f->numbers.n_keys);
	return &f->known->keys[f->numbers.keys[key]].gate;
}

struct foreign_use *
quota_foreign_use_of(struct stats *f, size_t key)
{
	assert(key < f->numbers.n_keys);
	return &f->known->keys[f->numbers.keys[key]].foreign_use;
}

bool
quota_may_wait(struct stats *f, size_t key)
{
	const size_t what = PLACES_OF(waiters, f->numbers.keys[key]);

	if (places_take(f, what, QUOTA_WAITERS))
		return true;
	if (places_own(f, what) >= places_share(f, what, QUOTA_WAITERS))
		return false;
	return places_take(f, what, 2 * QUOTA_WAITERS);
}

bool
quota_must_give_up(const struct stats *f, size_t key)
{
	const size_t what = PLACES_OF(waiters, f->numbers.keys[key]);

	return places_held(f, what) > QUOTA_WAITERS &&
	    places_own(f, what) > places_share(f, what, QUOTA_WAITERS);
}

void
quota_stop_waiting(struct stats *f, size_t key)
{
	places_give(f, PLACES_OF(waiters, f->numbers.keys[key]));
}
