/*
 * The values that the key keeper knows, by the names and the places that
 * configurations give them; see key_keeper_parts.h.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "keys/key_keeper_parts.h"
#include "stats/probed.h"

uint32_t
key_keeper_any(void)
{
	uint32_t n;

	return getrandom(&n, sizeof(n), GRND_NONBLOCK) == sizeof(n) ? n : 0;
}

struct key_value *
key_keeper_value(struct key_keeper *k, uint32_t key)
{
	size_t n = k->n;

	if (key >= n) {
		k->n = (size_t)key + 1;
		k->values = xreallocarray(k->values, k->n,
		    sizeof(*k->values));
		for (size_t i = n; i < k->n; i++)
			k->values[i] = (struct key_value){
				.filed = CONF_NO_TIME,
			};
	}
	return &k->values[key];
}

void
key_keeper_forget_names(struct key_value *v)
{
	free(v->name);
	free(v->names);
	v->name = v->names = NULL;
}

void
key_keeper_unask(struct key_keeper *k, uint32_t key)
{
	struct key_suspicion *s = &k->values[key].suspicion;

	if (s->asked)
		key_suspicion_ask_again(s, clock_boot());
}

void
key_keeper_resume(struct key_keeper *k, uint32_t key)
{
	struct key_value *v = &k->values[key];

	/* What was accepted is believed for its hour. */
	v->proof_ns = stats_decision(k->conf.memory, key).believed_ns;
	stats_note_unclear(k->conf.memory, key, &(struct stats_unclear){
		.n = 0 });
	if (v->listed && k->conf.probe != NULL)
		key_suspicion_resume(&v->suspicion,
		    (key_keeper_facts(k, key) & KEY_OFF_REJECTED) != 0,
		    clock_boot(), key_keeper_any());
}

void
key_keeper_resume_listed(struct key_keeper *k)
{
	for (uint32_t i = 0; i < k->n; i++) {
		const struct key_value *v = &k->values[i];

		if (v->current && v->listed && !v->was_listed)
			key_keeper_resume(k, i);
	}
}

static void
add_name(struct key_value *v, const struct conf_key *key)
{
	char *names = v->names;

	if (v->name == NULL) {
		v->filed = key->expires;
		v->name = xstrdup(key->name);
		v->names = xstrdup(key->name);
		return;
	}
	v->names = xasprintf("%s alias %s", names, key->name);
	free(names);
}

void
key_keeper_take_names(struct key_keeper *k, const struct conf *conf,
    const struct stats_numbers *numbers)
{
	for (size_t i = 0; i < conf->n_keys; i++) {
		struct key_value *v = key_keeper_value(k, numbers->keys[i]);

		if (v->current)
			continue;
		key_keeper_forget_names(v);
		v->filed = CONF_NO_TIME;
	}
	for (size_t i = 0; i < conf->n_keys; i++) {
		struct key_value *v = key_keeper_value(k, numbers->keys[i]);

		if (!v->current)
			add_name(v, &conf->keys[i]);
	}
}

bool
key_keeper_lists(const struct key_keeper *k, const struct conf_route *route,
    uint32_t key)
{
	const uint32_t *numbers = stats_numbers(k->stats)->keys;

	for (size_t i = 0; i < route->n_keys; i++) {
		if (numbers[route->keys[i]] == key)
			return true;
	}
	return false;
}

bool
key_keeper_pairs(const struct key_keeper *k, uint32_t key, uint32_t upstream)
{
	const struct conf *conf = k->serving;

	for (size_t i = 0; conf != NULL && i < conf->n_routes; i++) {
		const struct conf_route *route = &conf->routes[i];

		if (stats_numbers(k->stats)->upstreams[route->upstream] ==
		    upstream && key_keeper_lists(k, route, key))
			return true;
	}
	return false;
}

/*
 * Where a value was suspect, or is being tried, routes may send it no more:
 * what is said of it there counts no longer.
 */
static void
leave_others(struct key_keeper *k)
{
	for (size_t i = 0; i < k->n; i++) {
		struct key_value *v = &k->values[i];

		if (key_keeper_pairs(k, (uint32_t)i, v->upstream))
			continue;
		key_keeper_unask(k, (uint32_t)i);
		if (v->listed)
			v->upstream = v->home;
	}
}

void
key_keeper_find_homes(struct key_keeper *k, const struct conf *conf,
    const struct stats_numbers *numbers)
{
	for (size_t i = 0; i < k->n; i++) {
		k->values[i].was_listed = k->values[i].listed;
		k->values[i].listed = false;
	}
	for (size_t i = conf->n_routes; i-- > 0;) {
		const struct conf_route *route = &conf->routes[i];

		for (size_t j = 0; j < route->n_keys; j++) {
			struct key_value *v = key_keeper_value(k,
			    numbers->keys[route->keys[j]]);

			v->listed = true;
			v->home = numbers->upstreams[route->upstream];
		}
	}
	leave_others(k);
}
