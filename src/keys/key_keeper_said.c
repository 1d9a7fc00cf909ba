/*
 * What people are told that probes said of values; see key_keeper_parts.h.
 */
#include "base/clock.h"
#include "keys/key_keeper_parts.h"
#include "stats/probed.h"

void
key_keeper_note_unclear(struct key_keeper *k, uint32_t key,
    const struct key_said *said)
{
	struct stats_unclear u = stats_unclear(k->conf.memory, key);

	u.last = clock_wall() / NS_PER_S;
	if (u.n == 0)
		u.since = u.last;
	if (u.n < UINT32_MAX)
		u.n++;
	u.upstream = k->values[key].upstream;
	u.status = said->status;
	u.fault = (uint32_t)said->fault;
	stats_note_unclear(k->conf.memory, key, &u);
}

void
key_keeper_note_clear(struct key_keeper *k, uint32_t key)
{
	stats_note_unclear(k->conf.memory, key, &(struct stats_unclear){
		.n = 0 });
}

void
key_keeper_clear_up(struct key_keeper *k, uint32_t key, uint32_t upstream)
{
	const struct stats_unclear u = stats_unclear(k->conf.memory, key);
	struct key_value *v = &k->values[key];

	if (u.n == 0 || u.upstream != upstream)
		return;
	key_keeper_note_clear(k, key);
	if (!v->listed || k->conf.probe == NULL)
		return;
	v->upstream = upstream;
	key_suspicion_ask_again(&v->suspicion, clock_boot());
}

void
key_keeper_note_refusing(struct key_keeper *k, uint32_t key)
{
	const struct key_value *v = &k->values[key];
	struct stats_refusing r = { .n = (uint32_t)v->told.n,
		.taking = v->taking };

	for (size_t i = 0; i < v->told.n && i < PROBED_REFUSING; i++)
		r.upstreams[i] = v->told.v[i];
	stats_note_refusing(k->conf.memory, key, &r);
}

/* Those that stay refuse it, as far as is known. */
static void
keep_told(struct key_keeper *k, uint32_t key,
    bool (*stays)(const struct key_keeper *, uint32_t key, uint32_t upstream))
{
	struct key_places *told = &k->values[key].told;
	size_t n = 0, before = told->n;

	for (size_t i = 0; i < before; i++) {
		if (stays(k, key, told->v[i]))
			told->v[n++] = told->v[i];
	}
	told->n = n;
	if (n != before)
		key_keeper_note_refusing(k, key);
}

static bool
is_another(const struct key_keeper *k, uint32_t key, uint32_t upstream)
{
	return k->values[key].upstream != upstream;
}

void
key_keeper_note_taken(struct key_keeper *k, uint32_t key)
{
	keep_told(k, key, is_another);
}

void
key_keeper_note_rejected(struct key_keeper *k, uint32_t key)
{
	if (k->values[key].told.n == 0)
		return;
	k->values[key].told.n = 0;
	key_keeper_note_refusing(k, key);
}

/* Whether routes still send it there, and where it is taken. */
static bool
is_of_routes(const struct key_keeper *k, uint32_t key, uint32_t upstream)
{
	return key_keeper_pairs(k, key, upstream) &&
	    key_keeper_pairs(k, key, k->values[key].taking);
}

void
key_keeper_forget_said(struct key_keeper *k)
{
	for (uint32_t i = 0; i < k->n; i++) {
		const struct stats_unclear u = stats_unclear(k->conf.memory,
		    i);

		if (u.n != 0 && !key_keeper_pairs(k, i, u.upstream))
			key_keeper_note_clear(k, i);
		keep_told(k, i, is_of_routes);
	}
}
