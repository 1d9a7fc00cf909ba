/*
 * Recycled memory blocks; see blocks.h.  Unused blocks form a list through
 * their own first bytes.
 */
#include "base/blocks.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"

struct unused {
	struct unused *next;
};

struct blocks {
	size_t size;
	size_t keep;
	size_t n_unused;
	size_t n_taken;
	struct unused *unused;
};

struct blocks *
blocks_new(size_t size, size_t keep)
{
	struct blocks *b = xcalloc(1, sizeof(*b));

	assert(size >= sizeof(struct unused));
	b->size = size;
	b->keep = keep;
	return b;
}

void
blocks_free(struct blocks *b)
{
	struct unused *u;

	if (b == NULL)
		return;
	assert(b->n_taken == 0);
	while ((u = b->unused) != NULL) {
		b->unused = u->next;
		free(u);
	}
	free(b);
}

size_t
blocks_size(const struct blocks *b)
{
	return b->size;
}

void *
blocks_take(struct blocks *b)
{
	struct unused *u = b->unused;

	b->n_taken++;
	if (u == NULL)
		return xmalloc(b->size);
	b->unused = u->next;
	b->n_unused--;
	return u;
}

void
blocks_give(struct blocks *b, void *block)
{
	struct unused *u = block;

	assert(b->n_taken > 0);
	b->n_taken--;
	if (b->n_unused >= b->keep) {
		free(block);
		return;
	}
	u->next = b->unused;
	b->unused = u;
	b->n_unused++;
}
