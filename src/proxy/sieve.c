/*
 * The table of runs; see sieve.h.  A Bloom filter of two bits for each run,
 * both chosen by one product.
 */
#include "proxy/sieve.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* 1 in 32 bits or fewer are set: 1 in 1000 runs passes by chance. */
#define BITS_PER_BYTE	128
#define WORD_BITS	64

#define MULTIPLIER	UINT64_C(0x9e3779b97f4a7c15)

size_t
sieve_room(size_t bytes)
{
	size_t words = 32;

	while (words < bytes * BITS_PER_BYTE / WORD_BITS)
		words *= 2;
	return words * sizeof(uint64_t);
}

void
sieve_init(struct sieve *s, uint64_t *room, size_t bytes)
{
	*s = (struct sieve){
		.words = room, .mask = sieve_room(bytes) * 8 - 1,
	};
}

static uint64_t
mixed(const char *p)
{
	uint32_t run;

	memcpy(&run, p, sizeof(run));
	return run * MULTIPLIER;
}

/* The bits that are lower still depend on the first bytes only. */
static size_t
first_place(const struct sieve *s, uint64_t mix)
{
	return mix >> 28 & s->mask;
}

static size_t
second_place(const struct sieve *s, uint64_t mix)
{
	return (mix >> 46 ^ mix >> 22) & s->mask;
}

static bool
has(const struct sieve *s, size_t place)
{
	return (s->words[place / WORD_BITS] >> place % WORD_BITS & 1) != 0;
}

static void
put(struct sieve *s, size_t place)
{
	s->words[place / WORD_BITS] |= UINT64_C(1) << place % WORD_BITS;
}

void
sieve_add(struct sieve *s, struct text t)
{
	assert(t.n >= SIEVE_RUN);
	if (s->step == 0 || t.n - SIEVE_RUN + 1 < s->step)
		s->step = t.n - SIEVE_RUN + 1;
	for (size_t i = 0; i + SIEVE_RUN <= t.n; i++) {
		put(s, first_place(s, mixed(t.p + i)));
		put(s, second_place(s, mixed(t.p + i)));
	}
}

size_t
sieve_next(const struct sieve *s, struct text t, size_t at)
{
	const struct sieve sieve = *s;

	if (t.n < SIEVE_RUN || sieve.step == 0)
		return t.n;
	for (; at <= t.n - SIEVE_RUN; at += sieve.step) {
		uint64_t mix = mixed(t.p + at);

		if (has(&sieve, first_place(&sieve, mix)) &&
		    has(&sieve, second_place(&sieve, mix)))
			return at;
	}
	return t.n;
}
