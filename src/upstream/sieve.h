/*
 * Whether four characters in a row are in any of several texts, by a table of
 * all their runs.  The answer "perhaps" is wrong once in hundreds, "no" never
 * is.  And at how few places of another text it must be asked to find one of
 * them.  Pure; borrows its table.  Called by the search for a key.
 */
#ifndef UPSTREAM_SIEVE_H
#define UPSTREAM_SIEVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

#define SIEVE_RUN	4	/* the characters of a run */

/* A Bloom filter with two bits for each run, both chosen by one product. */
struct sieve {
	uint64_t *words;
	uint64_t *pairs;	/* SIEVE_PAIRS bits, of two characters each */
	size_t mask;		/* for a bit's number */
	size_t step;		/* see sieve_next(); 0: nothing was added */
};

#define SIEVE_PAIRS	4096

/* The bytes of a table for texts of this length in all. */
size_t	sieve_room(size_t bytes);

/* room has sieve_room() bytes, all zero, and must live as long as the sieve. */
void	sieve_init(struct sieve *, uint64_t *room, size_t bytes);

/*
 * Another sieve in the same table, empty: texts added to either are known to
 * both, but each has a step of its own.
 */
struct sieve	sieve_beside(const struct sieve *);

/* Adds a text to be found, of at least SIEVE_RUN bytes. */
void	sieve_add(struct sieve *, struct text);

/*
 * The first place from "at" on where a run of one of them may begin; the
 * text's length where none is left.  Each of them that begins at "at" or
 * later, and is whole in the text, has its first such place at most step - 1
 * bytes behind its beginning, as long as one goes on from the place found by
 * step.
 */
size_t	sieve_next(const struct sieve *, struct text, size_t at);

/* -- inline, for the sake of speed -- */

static inline uint64_t
sieve_mix(const char *p)
{
	uint32_t run;

	memcpy(&run, p, sizeof(run));
	return run * UINT64_C(0x9e3779b97f4a7c15);
}

/* The bits below depend on the first bytes only. */
#define SIEVE_FIRST(mix)	((mix) >> 28)
#define SIEVE_SECOND(mix)	((mix) >> 46 ^ (mix) >> 22)

static inline size_t
sieve_pair(const char *p)
{
	return ((size_t)(p[0] & 63) << 6 | (size_t)(p[1] & 63)) % SIEVE_PAIRS;
}

/* The same for the first two of them; quicker, and more often wrong. */
static inline bool
sieve_has_pair(const struct sieve *s, const char *p)
{
	size_t pair = sieve_pair(p);

	return (s->pairs[pair / 64] >> pair % 64 & 1) != 0;
}

/* Whether the SIEVE_RUN characters at p may be a run of one of them. */
static inline bool
sieve_has(const struct sieve *s, const char *p)
{
	const uint64_t mix = sieve_mix(p);
	const size_t first = SIEVE_FIRST(mix) & s->mask;
	const size_t second = SIEVE_SECOND(mix) & s->mask;

	return (s->words[first / 64] >> first % 64 & 1) != 0 &&
	    (s->words[second / 64] >> second % 64 & 1) != 0;
}

#endif
