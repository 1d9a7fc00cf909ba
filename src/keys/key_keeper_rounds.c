/*
 * A value that several upstreams get is asked for at each of them before it is
 * rejected; see key_keeper_parts.h.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "keys/key_keeper_parts.h"

static bool
has(const struct key_places *p, uint32_t upstream)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->v[i] == upstream)
			return true;
	}
	return false;
}

static void
add(struct key_places *p, uint32_t upstream)
{
	p->v = xreallocarray(p->v, p->n + 1, sizeof(*p->v));
	p->v[p->n++] = upstream;
}

/* The first one that gets the value and is not of those; false: none. */
static bool
find_other(const struct key_keeper *k, uint32_t key,
    const struct key_places *but, uint32_t *upstream)
{
	const struct conf *conf = k->serving;

	for (size_t i = 0; conf != NULL && i < conf->n_routes; i++) {
		const struct conf_route *route = &conf->routes[i];
		uint32_t of = stats_numbers(k->stats)->upstreams[
		    route->upstream];

		if (has(but, of) || !key_keeper_lists(k, route, key))
			continue;
		*upstream = of;
		return true;
	}
	return false;
}

/* Where it is to be asked for next; false: the round is over. */
static bool
find_next(const struct key_keeper *k, uint32_t key, uint32_t *upstream)
{
	struct key_value *v = &k->values[key];

	if (!has(&v->refusing, v->upstream))
		add(&v->refusing, v->upstream);
	if (find_other(k, key, &v->refusing, upstream))
		return true;
	v->refusing.n = 0;
	return false;
}

bool
key_keeper_refused(struct key_keeper *k, uint32_t key)
{
	struct key_value *v = &k->values[key];

	if (!find_next(k, key, &v->upstream))
		return true;
	v->others = 0;
	key_suspicion_ask_again(&v->suspicion, clock_boot());
	return false;
}

static const char *
name_at(const struct key_keeper *k, uint32_t upstream)
{
	const struct conf *conf = k->serving;

	for (size_t i = 0; conf != NULL && i < conf->n_upstreams; i++) {
		if (stats_numbers(k->stats)->upstreams[i] == upstream)
			return conf->upstreams[i].name;
	}
	return NULL;
}

/* Once for each of them, until it takes it. */
static void
tell_refusing(struct key_keeper *k, struct key_value *v, uint32_t upstream)
{
	const char *refuses = name_at(k, upstream);
	const char *takes = name_at(k, v->upstream);

	if (k->conf.quiet || refuses == NULL || takes == NULL)
		return;
	v->taking = v->upstream;
	if (has(&v->told, upstream))
		return;
	add(&v->told, upstream);
	log_warn("upstream %s does not accept key %s, and upstream %s does not "
	    "refuse it: list another key for the routes of %s", refuses,
	    v->names, takes, refuses);
}

void
key_keeper_not_refused(struct key_keeper *k, uint32_t key, bool clear)
{
	struct key_value *v = &k->values[key];

	for (size_t i = 0; i < v->refusing.n && clear; i++)
		tell_refusing(k, v, v->refusing.v[i]);
	if (clear && v->refusing.n != 0)
		key_keeper_note_refusing(k, key);
	v->refusing.n = 0;
}

void
key_keeper_move_on(struct key_keeper *k, uint32_t key)
{
	struct key_value *v = &k->values[key];

	if (!find_next(k, key, &v->upstream))
		v->upstream = v->home;
}

void
key_keeper_forget_rounds(struct key_keeper *k)
{
	for (size_t i = 0; i < k->n; i++)
		k->values[i].refusing.n = 0;
}

void
key_keeper_free_rounds(struct key_value *v)
{
	free(v->refusing.v);
	free(v->told.v);
}
