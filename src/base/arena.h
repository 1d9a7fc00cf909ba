/*
 * All memory of one exchange, freed at once.  An arena takes blocks from a
 * struct blocks and gives them all back together; single pieces are never
 * freed.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "base/blocks.h"
#include "base/text.h"

struct arena_chunk;

struct arena {
	struct blocks *blocks;
	struct arena_chunk *chunks;	/* the newest first */
	struct arena_chunk *large;	/* pieces too large for a block */
	uint8_t *at, *end;		/* the free rest of the newest */
};

/* The blocks must outlive the arena.  Takes no memory yet. */
void		 arena_init(struct arena *, struct blocks *);

/* Gives everything back; the arena is as after arena_init(). */
void		 arena_release(struct arena *);

/* Uninitialised, aligned for any type. */
void		*arena_alloc(struct arena *, size_t)
		    __attribute__((returns_nonnull));
void		*arena_zalloc(struct arena *, size_t)
		    __attribute__((returns_nonnull));

/* Copies of a text; the second ends in NUL (the text must hold none). */
struct text	 arena_text(struct arena *, struct text);
char		*arena_cstr(struct arena *, struct text)
		    __attribute__((returns_nonnull));

#endif
