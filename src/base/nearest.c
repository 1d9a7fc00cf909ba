/*
 * Nearest words; see nearest.h.  The messages about unknown options and
 * unknown verbs use it.
 */
#include "base/nearest.h"

#include <stdint.h>
#include <string.h>

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/*
 * The optimal string alignment distance, row by row: before, last and row
 * are those of the first i - 2, i - 1 and i letters of a.
 */
size_t
nearest_distance(const char *a, const char *b)
{
	size_t rows[3][NEAREST_MAX + 1] = { { 0 } };
	size_t n = strlen(a), m = strlen(b);

	if (n > NEAREST_MAX || m > NEAREST_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= m; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *row = rows[i % 3], *last = rows[(i + 2) % 3];
		const size_t *before = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			row[j] = min3(row[j - 1] + 1, last[j] + 1,
			    last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] < row[j])
				row[j] = before[j - 2] + 1;
		}
	}
	return rows[n % 3][m];
}

/*
 * One slip, and one more per three letters: a word farther away is a different
 * one.
 */
void
nearest_start(struct nearest *n, const char *word)
{
	n->word = word;
	n->best = NULL;
	n->distance = strlen(word) / 3 + 1;
}

void
nearest_offer(struct nearest *n, const char *candidate)
{
	size_t d = nearest_distance(n->word, candidate);

	if (d > n->distance || (d == n->distance && n->best != NULL))
		return;
	n->best = candidate;
	n->distance = d;
}
