/*
 * Whether four characters stand in a row in any of several texts: a table of
 * all their runs.  Says "perhaps", and is wrong once in hundreds; never wrong
 * where it says "no".  And how few places of another text have to be asked to
 * find one of them in it.  Pure; borrows its table.  Called by the search for
 * a key.
 */
#ifndef UPSTREAM_SIEVE_H
#define UPSTREAM_SIEVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

#define SIEVE_RUN	4	/* the characters of a run */

/* A Bloom filter of two bits for each run, both chosen by one product. */
struct sieve {
	uint64_t *words;
	uint64_t *pairs;	/* SIEVE_PAIRS bits, of two characters each */
	size_t mask;		/* of a bit's number among all of them */
	size_t step;		/* see sieve_next(); 0: nothing was added */
};

#define SIEVE_PAIRS	4096

/* Bytes of a table for texts of so many bytes in all. */
size_t	sieve_room(size_t bytes);

/* room is as sieve_room() said, all zero, and lives as long as the sieve. */
void	sieve_init(struct sieve *, uint64_t *room, size_t bytes);

/*
 * Another one in the same table, and nothing of it is to be found yet: what is
 * added to either is known to both, but each goes its own step.
 */
struct sieve	sieve_beside(const struct sieve *);

/* Shall be found; of SIEVE_RUN bytes at least. */
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

/* The bits that are lower still depend on the first bytes only. */
#define SIEVE_FIRST(mix)	((mix) >> 28)
#define SIEVE_SECOND(mix)	((mix) >> 46 ^ (mix) >> 22)

static inline size_t
sieve_pair(const char *p)
{
	return ((size_t)(p[0] & 63) << 6 | (size_t)(p[1] & 63)) % SIEVE_PAIRS;
}

/* The same of the first two of them; quicker, and more often wrong. */
static inline bool
sieve_has_pair(const struct sieve *s, const char *p)
{
	size_t pair = sieve_pair(p);

	return (s->pairs[pair / 64] >> pair % 64 & 1) != 0;
}

/* The SIEVE_RUN characters at p may be a run of one of them. */
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
