/*
 * "Did you mean": the known word that a mistyped one most likely stands for.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/*
 * The number of letters to insert, leave out, replace or swap with their
 * neighbour to make one word of the other; case counts.  The distance of words
 * over NEAREST_MAX bytes is SIZE_MAX.
 */
#define NEAREST_MAX	32
size_t		 nearest_distance(const char *, const char *);

/*
 * The nearest of the candidates, the first of equals; none that is farther
 * away than a third of the letters of the word and one more.
 */
struct nearest {
	const char *word;	/* what was typed */
	const char *best;	/* NULL: no word is near */
	size_t distance;
};
void		 nearest_start(struct nearest *, const char *word);
void		 nearest_offer(struct nearest *, const char *candidate);

#endif
