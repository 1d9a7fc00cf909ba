/*
 * Requests by route, method and code; see series.h.
 *
 * The index is a table of places in the list, searched from where the hash of
 * the label says, and at most half full.
 */
#include "stats/series.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct series_index {
	struct stats_slot *slot;
	uint32_t n;			/* in the list: others may write there
					   what they want */
	uint32_t *table;		/* 1 + place in the list; 0: free */
	uint32_t *labels;		/* of the places in the table */
	uint32_t mask;			/* a power of two less 1 */
};

static const char *const methods[] = {
	[SERIES_OTHER] = "other",
	[SERIES_GET] = "GET",
	[SERIES_HEAD] = "HEAD",
	[SERIES_POST] = "POST",
	[SERIES_PUT] = "PUT",
	[SERIES_PATCH] = "PATCH",
	[SERIES_DELETE] = "DELETE",
	[SERIES_OPTIONS] = "OPTIONS",
};

const char *
series_method_name(enum series_method m)
{
	return methods[m];
}

/* By its length and first letter, it can be one only. */
static enum series_method
likely(struct text method)
{
	switch (method.n != 0 ? method.p[0] : '\0') {
	case 'G':
		return SERIES_GET;
	case 'H':
		return SERIES_HEAD;
	case 'P':
		return method.n == 4 ? SERIES_POST : method.n == 3 ?
		    SERIES_PUT : SERIES_PATCH;
	case 'D':
		return SERIES_DELETE;
	case 'O':
		return SERIES_OPTIONS;
	}
	return SERIES_OTHER;
}

enum series_method
series_method_of(struct text method)
{
	enum series_method m = likely(method);

	return strlen(methods[m]) == method.n &&
	    memcmp(methods[m], method.p, method.n) == 0 ? m : SERIES_OTHER;
}

/* Where the label is in the table, or the free place for it. */
static uint32_t
place_of(const struct series_index *x, uint32_t label)
{
	uint32_t i = label * 2654435761u >> 7 & x->mask;

	while (x->table[i] != 0 && x->labels[i] != label)
		i = (i + 1) & x->mask;
	return i;
}

static void
enter(struct series_index *x, uint32_t label, uint32_t at)
{
	uint32_t i = place_of(x, label);

	x->table[i] = at + 1;
	x->labels[i] = label;
}

static void
resize(struct series_index *x, uint32_t size)
{
	struct series_index old = *x;

	x->mask = size - 1;
	x->table = xcalloc(size, sizeof(*x->table));
	x->labels = xcalloc(size, sizeof(*x->labels));
	for (uint32_t i = 0; old.table != NULL && i <= old.mask; i++) {
		if (old.table[i] != 0)
			enter(x, old.labels[i], old.table[i] - 1);
	}
	free(old.table);
	free(old.labels);
}

struct series_index *
series_index_new(struct stats_slot *slot)
{
	struct series_index *x = xcalloc(1, sizeof(*x));
	uint32_t size = 64;

	x->slot = slot;
	x->n = atomic_load(&slot->n_series);
	/* An earlier worker may have been taken over. */
	if (x->n > STATS_SERIES)
		x->n = STATS_SERIES;
	while (size < 2 * x->n)
		size *= 2;
	resize(x, size);
	for (uint32_t i = 0; i < x->n; i++)
		enter(x, atomic_load(&slot->series[i].label), i);
	return x;
}

void
series_index_free(struct series_index *x)
{
	if (x == NULL)
		return;
	free(x->table);
	free(x->labels);
	free(x);
}

/* A new entry of the list, which readers see when it is whole. */
static bool
append(struct series_index *x, uint32_t label)
{
	struct stats_slot *slot = x->slot;

	if (x->n == STATS_SERIES)
		return false;
	if (2 * (x->n + 1) > x->mask)
		resize(x, (x->mask + 1) * 2);
	atomic_store(&slot->series[x->n].label, label);
	atomic_store(&slot->series[x->n].count, 1);
	enter(x, label, x->n++);
	atomic_store(&slot->n_series, x->n);
	return true;
}

bool
series_count(struct series_index *x, uint32_t label)
{
	uint32_t i = place_of(x, label);

	if (x->table[i] == 0)
		return append(x, label);
	STATS_ADD(&x->slot->series[x->table[i] - 1].count, 1);
	return true;
}
