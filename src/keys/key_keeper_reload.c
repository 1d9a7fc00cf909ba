/*
 * What a reload makes of keys: which of them are to be tried before, and what
 * those who reload are to know afterwards; see key_keeper.h.
 */
#include "base/clock.h"
#include "keys/key_keeper_parts.h"
#include "stats/reader.h"
#include "upstream/keyring.h"

/* The route of that number in a configuration, or NULL. */
static const struct conf_route *
find_route(const struct conf *conf, const struct stats *stats, uint32_t number)
{
	for (size_t i = 0; conf != NULL && i < conf->n_routes; i++) {
		if (stats_numbers(stats)->routes[i] == number)
			return &conf->routes[i];
	}
	return NULL;
}

/* A key of that route is not off. */
static bool
has_usable(const struct key_keeper *k, const struct conf_route *route,
    const struct stats_numbers *numbers)
{
	for (size_t i = 0; i < route->n_keys; i++) {
		if ((key_keeper_facts(k, numbers->keys[route->keys[i]]) &
		    KEY_OFF) == 0)
			return true;
	}
	return false;
}

/*
 * The route that serves lists that value, too, and at the same upstream.  Where
 * it has a usable key, so has the one that is to serve: nothing gets worse.
 */
static bool
is_in_place(const struct key_keeper *k, const struct key_place *p, uint32_t key)
{
	const struct stats_numbers *numbers = p->numbers, *before;
	const struct conf_route *route = &p->conf->routes[p->route];
	const struct conf_route *was = find_route(k->serving, k->stats,
	    numbers->routes[p->route]);

	if (was == NULL || !key_keeper_lists(k, was, key))
		return false;
	before = stats_numbers(k->stats);
	return before->upstreams[was->upstream] ==
	    numbers->upstreams[route->upstream] &&
	    (has_usable(k, route, numbers) || !has_usable(k, was, before));
}

bool
key_keeper_knows(const struct key_keeper *k, const struct key_place *place,
    uint32_t key)
{
	struct stats_key_facts f;
	unsigned facts;

	if (key >= k->n || k->values[key].name == NULL)
		return true;
	facts = key_keeper_facts(k, key);
	if ((facts & KEY_OFF_DISABLED) != 0)
		return true;
	if ((facts & KEY_OFF) != 0)
		return is_in_place(k, place, key);
	if (k->values[key].current && k->values[key].listed)
		return true;
	f = stats_read_key(k->conf.memory, key);
	return f.requests != 0 || f.probes[KEY_ACCEPTED] != 0;
}

bool
key_keeper_knows_of_proxy(const struct key_keeper *k, uint32_t key)
{
	if (key >= k->n || k->values[key].name == NULL)
		return true;
	return key_off_for_proxy(key_keeper_facts(k, key)) != 0 ||
	    stats_read_key(k->conf.memory, key).requests != 0;
}

/* -- afterwards -- */

/* The route had the same values in the same order before. */
static bool
is_as_before(const struct key_keeper *k, size_t route)
{
	const struct stats_numbers *now = stats_numbers(k->stats), *then;
	const struct conf_route *is = &k->serving->routes[route], *was;

	if (k->n_served == 0)
		return true;
	was = find_route(k->served[0].conf, k->served[0].stats,
	    now->routes[route]);
	if (was == NULL || was->n_keys != is->n_keys)
		return false;
	then = stats_numbers(k->served[0].stats);
	for (size_t i = 0; i < is->n_keys; i++) {
		if (now->keys[is->keys[i]] != then->keys[was->keys[i]])
			return false;
	}
	return true;
}

/* One serves as it was promoted, though its route names another one first. */
static void
advise_of_promoted(const struct key_keeper *k, size_t i,
    struct conf_diagnostics *out)
{
	const struct keyring keyring = { .conf = k->serving,
	    .stats = k->stats };
	const struct conf_route *route = &k->serving->routes[i];
	const struct conf_key *keys = k->serving->keys;
	size_t serves = keyring_pick(&keyring, route, clock_boot(), CONF_NONE);
	size_t j = 0;

	while (j < route->n_keys && stats_key_off(k->stats,
	    route->keys[j]) != 0)
		j++;
	if (serves == CONF_NONE || j == route->n_keys ||
	    stats_key_promoted(k->stats, serves) == 0 ||
	    stats_key_is_same(k->stats, serves, route->keys[j]) ||
	    is_as_before(k, i))
		return;
	conf_warning(out, route->where.file, route->where.line,
	    "route %s: key %s, which was promoted, serves before %s, which "
	    "its list names first: sallyport key promote %s", route->name,
	    keys[serves].name, keys[route->keys[j]].name,
	    keys[route->keys[j]].name);
}

void
key_keeper_advise(const struct key_keeper *k, struct conf_diagnostics *out)
{
	const struct conf *conf = k->serving;
	const struct keyring keyring = { .conf = conf, .stats = k->stats };

	for (size_t i = 0; conf != NULL && i < conf->n_routes; i++) {
		const struct conf_route *route = &conf->routes[i];
		struct buf why;

		if (has_usable(k, route, stats_numbers(k->stats)) &&
		    keyring_bars_way(&keyring,
		    &conf->upstreams[route->upstream]) == 0) {
			advise_of_promoted(k, i, out);
			continue;
		}
		buf_init(&why, NULL);
		key_routes_why(conf, k->stats, route, &why);
		conf_warning(out, route->where.file, route->where.line,
		    "route %s is left without a usable key: %.*s",
		    route->name, TEXT_ARG(buf_text(&why)));
		buf_release(&why);
	}
}
