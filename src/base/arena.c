/*
 * Arenas; see arena.h.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct arena_chunk {
	struct arena_chunk *next;
	alignas(max_align_t) uint8_t bytes[];
};

void
arena_init(struct arena *a, struct blocks *blocks)
{
	*a = (struct arena){ .blocks = blocks };
}

void
arena_release(struct arena *a)
{
	struct arena_chunk *c;

	while ((c = a->chunks) != NULL) {
		a->chunks = c->next;
		blocks_give(a->blocks, c);
	}
	while ((c = a->large) != NULL) {
		a->large = c->next;
		free(c);
	}
	a->at = a->end = NULL;
}

static void *
alloc_large(struct arena *a, size_t n)
{
	struct arena_chunk *c = xmalloc(sizeof(*c) + n);

	c->next = a->large;
	a->large = c;
	return c->bytes;
}

static void
add_chunk(struct arena *a)
{
	struct arena_chunk *c = blocks_take(a->blocks);

	c->next = a->chunks;
	a->chunks = c;
	a->at = c->bytes;
	a->end = (uint8_t *)c + blocks_size(a->blocks);
}

/*
 * A piece that the newest chunk has no room for: n bytes in memory of its own,
 * or taken bytes of a new chunk.
 */
static void *
alloc_elsewhere(struct arena *a, size_t n, size_t taken)
{
	const size_t room = blocks_size(a->blocks) - sizeof(struct arena_chunk);
	void *p;

	if (n > room || taken > room)
		return alloc_large(a, n);
	add_chunk(a);
	p = a->at;
	a->at += taken;
	return p;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	const size_t align = alignof(max_align_t);
	const size_t taken = (n + align - 1) & ~(align - 1);
	void *p = a->at;

	if (p == NULL || taken < n || taken > (size_t)(a->end - a->at))
		return alloc_elsewhere(a, n, taken);
	a->at += taken;
	return p;
}

void *
arena_zalloc(struct arena *a, size_t n)
{
	return memset(arena_alloc(a, n), 0, n);
}

struct text
arena_text(struct arena *a, struct text t)
{
	char *p;

	if (t.n == 0)
		return (struct text){ .p = "", .n = 0 };
	p = arena_alloc(a, t.n);
	memcpy(p, t.p, t.n);
	return (struct text){ .p = p, .n = t.n };
}

char *
arena_cstr(struct arena *a, struct text t)
{
	char *p = arena_alloc(a, t.n + 1);

	if (t.n != 0)
		memcpy(p, t.p, t.n);
	p[t.n] = '\0';
	return p;
}
