/*
 * What outlives the parent; see kept.h.
 */
#include "stats/kept.h"

#include <assert.h>

#include "stats/layout.h"
#include "stats/numbers.h"
#include "stats/reader.h"

bool
stats_number_of(struct stats_memory *m, const uint8_t *digest,
    uint32_t *number)
{
	return numbering_find_key(stats_memory_numbering(m), digest, number);
}

struct stats_kept
stats_kept(const struct stats_memory *m, uint32_t number)
{
	const struct stats_key_facts f = stats_read_key(m, number);
	const int64_t told = stats_read_end(m, number);

	return (struct stats_kept){
		.expires = told != NO_EXPIRY ? told : 0,
		.last_used = f.last_used,
		.requests = f.requests < INT64_MAX ? (int64_t)f.requests :
		    INT64_MAX,
		.probed = atomic_load(
		    &stats_memory_decided(m)->probed[number]),
	};
}

void
stats_note_probed(struct stats_memory *m, uint32_t number, int64_t at)
{
	assert(number < STATS_KEYS);
	atomic_store(&stats_memory_decide(m)->probed[number], at);
}

void
stats_correct_expiry(struct stats_memory *m, uint32_t number, int64_t expires)
{
	assert(number < STATS_KEYS);
	atomic_store(&stats_memory_known(m)->keys[number].expires,
	    expires ^ NO_EXPIRY);
}

void
stats_restore(struct stats_memory *m, uint32_t number,
    const struct stats_kept *kept)
{
	struct known_key *known = &stats_memory_known(m)->keys[number];
	struct use_before *before =
	    &stats_memory_decide(m)->before[number];

	assert(number < STATS_KEYS);
	if (kept->expires != 0)
		atomic_store(&known->expires, kept->expires ^ NO_EXPIRY);
	atomic_store(&before->requests, (uint64_t)kept->requests);
	atomic_store(&before->last, kept->last_used);
	stats_note_probed(m, number, kept->probed);
}
