/*
 * The table of runs; see sieve.h.
 */
#include "upstream/sieve.h"

#include <assert.h>

/*
 * 1 in 32 bits or fewer are set, so 1 in 1000 runs passes by chance.  More pass
 * if the texts are long, but then few of their places are asked for.
 */
#define BITS_PER_BYTE	128
#define WORDS_MAX	256
#define WORD_BITS	64

static size_t
words_for(size_t bytes)
{
	size_t words = 32;

	while (words < bytes * BITS_PER_BYTE / WORD_BITS &&
	    words < WORDS_MAX)
		words *= 2;
	return words;
}

size_t
sieve_room(size_t bytes)
{
	return words_for(bytes) * sizeof(uint64_t) + SIEVE_PAIRS / 8;
}

void
sieve_init(struct sieve *s, uint64_t *room, size_t bytes)
{
	*s = (struct sieve){
		.words = room + SIEVE_PAIRS / WORD_BITS, .pairs = room,
		.mask = words_for(bytes) * WORD_BITS - 1,
	};
}

struct sieve
sieve_beside(const struct sieve *s)
{
	struct sieve other = *s;

	other.step = 0;
	return other;
}

static void
put(uint64_t *words, size_t place)
{
	words[place / WORD_BITS] |= UINT64_C(1) << place % WORD_BITS;
}

void
sieve_add(struct sieve *s, struct text t)
{
	assert(t.n >= SIEVE_RUN);
	if (s->step == 0 || t.n - SIEVE_RUN + 1 < s->step)
		s->step = t.n - SIEVE_RUN + 1;
	for (size_t i = 0; i + SIEVE_RUN <= t.n; i++) {
		uint64_t mix = sieve_mix(t.p + i);

		put(s->words, SIEVE_FIRST(mix) & s->mask);
		put(s->words, SIEVE_SECOND(mix) & s->mask);
		put(s->pairs, sieve_pair(t.p + i));
	}
}

size_t
sieve_next(const struct sieve *s, struct text t, size_t at)
{
	const struct sieve sieve = *s;

	if (t.n < SIEVE_RUN || sieve.step == 0)
		return t.n;
	for (; at <= t.n - SIEVE_RUN; at += sieve.step) {
		if (sieve_has(&sieve, t.p + at))
			return at;
	}
	return t.n;
}
