/*
 * The keys as pages tell them; see admin_keys.h.
 */
#include "pages/admin_keys.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "stats/decided.h"
#include "upstream/keyring.h"

size_t
admin_route_key(const struct admin_facts *f, const struct conf_route *route)
{
	const struct keyring keyring = {
		.conf = f->brief->conf, .stats = f->stats,
		.keys_alone = true,
	};

	return keyring_pick(&keyring, route, clock_boot(), CONF_NONE);
}

/* By values: what holds for one of its names, holds for all. */
static void
look_at_facts(const struct admin_facts *f, struct admin_key *keys)
{
	const struct conf *c = f->brief->conf;
	const struct keyring keyring = { .conf = c, .stats = f->stats };
	const uint32_t *numbers = f->brief->numbers.keys;
	unsigned *each = xcalloc(c->n_keys, sizeof(*each)),
	    *all = xcalloc(STATS_KEYS, sizeof(*all));

	keyring_facts(&keyring, clock_boot(), each);
	for (size_t i = 0; i < c->n_keys; i++) {
		keys[i].known = stats_read_key(f->memory, numbers[i]);
		if (keys[i].known.requests != 0)
			each[i] |= KEY_USED;
		all[numbers[i]] |= each[i];
	}
	for (size_t i = 0; i < c->n_keys; i++) {
		keys[i].facts = all[numbers[i]];
		keys[i].state = key_state_of(keys[i].facts);
	}
	free(all);
	free(each);
}

/* Of the routes that list the value, the one that has most to say. */
struct stands {
	enum key_stand worst;
	size_t route;			/* CONF_NONE: no route lists it */
};

static bool
is_off(const struct admin_key *k)
{
	return (k->facts & KEY_OFF) != 0;
}

/* SIZE_MAX: nowhere. */
static size_t
place_of(const struct conf_route *route, size_t key)
{
	size_t i = 0;

	while (i < route->n_keys && route->keys[i] != key)
		i++;
	return i < route->n_keys ? i : SIZE_MAX;
}

static void
look_at_route(const struct admin_facts *f, const struct admin_key *keys,
    size_t i, struct stands *by_number)
{
	const struct conf_route *route = &f->brief->conf->routes[i];
	const uint32_t *numbers = f->brief->numbers.keys;
	size_t serving = admin_route_key(f, route);

	for (size_t k = 0; k < route->n_keys; k++) {
		size_t key = route->keys[k];
		struct stands *s = &by_number[numbers[key]];
		enum key_stand stand = key_stand(&(struct key_line){
			.its = k,
			.serving = place_of(route, serving),
			.is_same = serving != CONF_NONE &&
			    numbers[serving] == numbers[key],
			.off = is_off(&keys[key]),
			.serving_off = serving != CONF_NONE &&
			    is_off(&keys[serving]),
		});

		if (s->route == CONF_NONE || stand > s->worst)
			*s = (struct stands){ .worst = stand, .route = i };
	}
}

/* By value, too: a proxy is sent what has that name, and all its others. */
static bool
is_of_proxy(const struct admin_facts *f, size_t key)
{
	const struct conf *c = f->brief->conf;
	const uint32_t *numbers = f->brief->numbers.keys;

	for (size_t i = 0; i < c->n_upstreams; i++) {
		const struct conf_proxy *p = &c->upstreams[i].proxy;

		if (p->url != NULL && p->key != CONF_NONE &&
		    numbers[p->key] == numbers[key])
			return true;
	}
	return false;
}

static bool
some_worker_drains(const struct admin_news *n)
{
	for (size_t i = 0; i < n->n_workers; i++) {
		if (n->workers[i].state == DAEMON_DRAINING)
			return true;
	}
	return false;
}

static void
look_at_revoking(const struct admin_facts *f, struct admin_key *keys,
    int64_t now)
{
	const struct conf *c = f->brief->conf;
	struct stands *stands = xcalloc(STATS_KEYS, sizeof(*stands));

	for (size_t i = 0; i < STATS_KEYS; i++)
		stands[i].route = CONF_NONE;
	for (size_t i = 0; i < c->n_routes; i++)
		look_at_route(f, keys, i, stands);
	for (size_t i = 0; i < c->n_keys; i++) {
		const struct stands *s =
		    &stands[f->brief->numbers.keys[i]];

		keys[i].revoke = key_revoke_judge(&(struct key_revoke_facts){
			.listed = s->route != CONF_NONE,
			.worst = s->worst,
			.of_proxy = is_of_proxy(f, i),
			.old_workers = some_worker_drains(f->news),
			.running = keys[i].known.carried,
			.last_used = keys[i].known.last_used,
		}, now);
		keys[i].route = key_revoke_is_of_route(keys[i].revoke) ?
		    s->route : CONF_NONE;
	}
	free(stands);
}

struct admin_key *
admin_keys_look(const struct admin_facts *f, int64_t now)
{
	struct admin_key *keys = xcalloc(f->brief->conf->n_keys,
	    sizeof(*keys));

	look_at_facts(f, keys);
	look_at_revoking(f, keys, now);
	return keys;
}
