/*
 * What probes said of keys; see probed.h.
 */
#include "stats/probed.h"

#include <assert.h>

#include "stats/layout.h"

#define GET(number)	atomic_load_explicit((number), memory_order_relaxed)
#define SET(number, to)	atomic_store_explicit((number), (to), \
			    memory_order_relaxed)

void
stats_note_unclear(struct stats_memory *m, uint32_t key,
    const struct stats_unclear *u)
{
	struct probed_key *k;

	assert(key < STATS_KEYS);
	k = &stats_memory_decide(m)->said[key];
	SET(&k->since, u->since);
	SET(&k->last, u->last);
	SET(&k->upstream, u->upstream);
	SET(&k->status, u->status);
	SET(&k->fault, u->fault);
	SET(&k->unclear, u->n);
}

struct stats_unclear
stats_unclear(const struct stats_memory *m, uint32_t key)
{
	const struct probed_key *k;

	assert(key < STATS_KEYS);
	k = &stats_memory_decided(m)->said[key];
	return (struct stats_unclear){
		.n = GET(&k->unclear),
		.since = GET(&k->since),
		.last = GET(&k->last),
		.upstream = GET(&k->upstream),
		.status = GET(&k->status),
		.fault = GET(&k->fault),
	};
}

void
stats_note_refusing(struct stats_memory *m, uint32_t key,
    const struct stats_refusing *r)
{
	struct probed_key *k;

	assert(key < STATS_KEYS);
	k = &stats_memory_decide(m)->said[key];
	for (size_t i = 0; i < PROBED_REFUSING; i++)
		SET(&k->refusing[i], r->upstreams[i]);
	SET(&k->taking, r->taking);
	SET(&k->n_refusing, r->n);
}

struct stats_refusing
stats_refusing(const struct stats_memory *m, uint32_t key)
{
	struct stats_refusing r = { .n = 0 };
	const struct probed_key *k;

	assert(key < STATS_KEYS);
	k = &stats_memory_decided(m)->said[key];
	r.n = GET(&k->n_refusing);
	r.taking = GET(&k->taking);
	for (size_t i = 0; i < PROBED_REFUSING; i++)
		r.upstreams[i] = GET(&k->refusing[i]);
	return r;
}
