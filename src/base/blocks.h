/*
 * Memory blocks of one size, recycled by one thread, so that the steady state
 * of a worker allocates nothing.  A block is handed out with the bytes it was
 * given back with: a caller that kept a secret in one wipes it first.
 */
#ifndef BASE_BLOCKS_H
#define BASE_BLOCKS_H

#include <stddef.h>

struct blocks;

/*
 * Blocks of size bytes; up to keep unused ones are kept for reuse, not freed.
 */
struct blocks	*blocks_new(size_t size, size_t keep);

/* NULL is fine.  Every block taken must have been given back. */
void		 blocks_free(struct blocks *);

size_t		 blocks_size(const struct blocks *);

/* One block, aligned for any type; give it back with blocks_give(). */
void		*blocks_take(struct blocks *) __attribute__((returns_nonnull));
void		 blocks_give(struct blocks *, void *block);

#endif
