/*
 * Decisions about keys; see decided.h.
 */
#include "stats/decided.h"

#include <assert.h>

#include "policy/key_state.h"
#include "stats/layout.h"
#include "stats/view.h"

#define GET(number)	atomic_load_explicit((number), memory_order_relaxed)
#define GET_FIRST(number) atomic_load_explicit((number), memory_order_acquire)
#define SET(number, to)	atomic_store_explicit((number), (to), \
			    memory_order_relaxed)

#define DECIDED(f, key)	(&(f)->decided->keys[(f)->numbers.keys[key]])

unsigned
stats_key_facts(const struct stats *f, size_t key)
{
	assert(key < f->numbers.n_keys);
	return GET_FIRST(&DECIDED(f, key)->facts);
}

unsigned
stats_key_off(const struct stats *f, size_t key)
{
	assert(key < f->numbers.n_keys);
	return GET_FIRST(&DECIDED(f, key)->facts) & KEY_OFF;
}

uint32_t
stats_key_promoted(const struct stats *f, size_t key)
{
	assert(key < f->numbers.n_keys);
	return GET(&DECIDED(f, key)->promoted);
}

int64_t
stats_key_promoted_at(const struct stats *f, size_t key)
{
	assert(key < f->numbers.n_keys);
	return GET(&DECIDED(f, key)->promoted_at);
}

int64_t
stats_key_rejected_ns(const struct stats *f, size_t key)
{
	assert(key < f->numbers.n_keys);
	return GET(&DECIDED(f, key)->rejected_ns);
}

int64_t
stats_key_off_ns(const struct stats *f, size_t key)
{
	assert(key < f->numbers.n_keys);
	return GET(&DECIDED(f, key)->off_ns);
}

int64_t
stats_key_believed_ns(const struct stats *f, size_t key)
{
	assert(key < f->numbers.n_keys);
	return GET(&DECIDED(f, key)->believed_ns);
}

bool
stats_key_is_same(const struct stats *f, size_t a, size_t b)
{
	assert(a < f->numbers.n_keys && b < f->numbers.n_keys);
	return f->numbers.keys[a] == f->numbers.keys[b];
}

uint64_t
stats_key_changes(const struct stats *f)
{
	return GET_FIRST(&f->decided->changes);
}

struct stats_decision
stats_decision(const struct stats_memory *m, uint32_t key)
{
	const struct decided_key *k;

	assert(key < STATS_KEYS);
	k = &stats_memory_decided(m)->keys[key];
	return (struct stats_decision){
		.facts = GET_FIRST(&k->facts),
		.promoted = GET(&k->promoted),
		.rejected_ns = GET(&k->rejected_ns),
		.off_ns = GET(&k->off_ns),
		.ended = GET(&k->ended),
		.given_up = GET(&k->given_up),
		.believed_ns = GET(&k->believed_ns),
		.promoted_at = GET(&k->promoted_at),
	};
}

uint64_t
stats_decisions(const struct stats_memory *m)
{
	return GET(&stats_memory_decided(m)->changes);
}

/*
 * A worker that sees that a key is off sees since when, too; and one that
 * sees that there was a decision sees that decision.  So what is read first is
 * written last.
 */
void
stats_decide(struct stats_memory *m, uint32_t key, struct stats_decision d)
{
	struct stats_decided *all = stats_memory_decide(m);
	struct decided_key *k;

	assert(key < STATS_KEYS);
	k = &all->keys[key];
	SET(&k->promoted, d.promoted);
	SET(&k->rejected_ns, d.rejected_ns);
	SET(&k->off_ns, d.off_ns);
	SET(&k->ended, d.ended);
	SET(&k->given_up, d.given_up);
	SET(&k->believed_ns, d.believed_ns);
	SET(&k->promoted_at, d.promoted_at);
	atomic_store_explicit(&k->facts, d.facts, memory_order_release);
	atomic_fetch_add_explicit(&all->changes, 1, memory_order_release);
}
