/*
 * Buffers; see buf.h.
 */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void
buf_init(struct buf *b, struct blocks *blocks)
{
	*b = (struct buf){ .blocks = blocks };
}

static void
give_memory(const struct buf *b)
{
	if (b->blocks != NULL && b->cap == blocks_size(b->blocks))
		blocks_give(b->blocks, b->base);
	else
		free(b->base);
}

void
buf_release(struct buf *b)
{
	if (b->base != NULL)
		give_memory(b);
	*b = (struct buf){ .blocks = b->blocks };
}

/*
 * Moves to memory that holds need bytes.  The old memory is overwritten
 * before it goes: it may have held a key.
 */
static void
grow(struct buf *b, size_t need)
{
	struct buf old = *b;
	size_t cap = b->blocks != NULL ? blocks_size(b->blocks) : 256;
	size_t len = old.end - old.start;

	if (need <= cap && b->blocks != NULL) {
		b->base = blocks_take(b->blocks);
	} else {
		/*
		 * Never exactly a block's size: give_memory() tells blocks by
		 * their size.
		 */
		while (cap < need || (b->blocks != NULL &&
		    cap == blocks_size(b->blocks)))
			cap *= 2;
		b->base = xmalloc(cap);
	}
	b->cap = cap;
	b->start = 0;
	b->end = len;
	if (len != 0) {
		memcpy(b->base, buf_data(&old), len);
		explicit_bzero(buf_data(&old), len);
	}
	if (old.base != NULL)
		give_memory(&old);
}

uint8_t *
buf_reserve(struct buf *b, size_t n)
{
	size_t len = b->end - b->start;

	assert(n <= SIZE_MAX / 4 - len);
	if (b->base != NULL && b->cap - b->end >= n)
		return b->base + b->end;
	if (b->base != NULL && b->cap - len >= n && b->start >= len) {
		memcpy(b->base, b->base + b->start, len);
		explicit_bzero(b->base + b->start, len);
		b->start = 0;
		b->end = len;
		return b->base + b->end;
	}
	grow(b, len + n);
	return b->base + b->end;
}

void
buf_commit(struct buf *b, size_t n)
{
	assert(n <= b->cap - b->end);
	b->end += n;
}

void
buf_append_text(struct buf *b, struct text t)
{
	buf_append(b, t.p, t.n);
}

void
buf_append_u64(struct buf *b, uint64_t v)
{
	char digits[TEXT_DIGITS];
	struct text t = text_of_u64(v, digits);

	if (b->cap - b->end < t.n)
		(void)buf_reserve(b, t.n);
	memcpy(b->base + b->end, t.p, t.n);
	b->end += t.n;
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	size_t room = 256;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf((char *)buf_reserve(b, room), room, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	if ((size_t)n >= room) {
		room = (size_t)n + 1;
		vsnprintf((char *)buf_reserve(b, room), room, fmt, again);
	}
	va_end(again);
	b->end += (size_t)n;
}

void
buf_truncate(struct buf *b, size_t n)
{
	assert(n != 0 && n <= buf_len(b));
	if (n < buf_len(b))
		explicit_bzero(buf_data(b) + n, buf_len(b) - n);
	b->end = b->start + n;
}

void
buf_consume(struct buf *b, size_t n)
{
	assert(n <= b->end - b->start);
	b->start += n;
	if (b->start == b->end)
		buf_release(b);
}

void
buf_consume_wipe(struct buf *b, size_t n)
{
	assert(n <= buf_len(b));
	if (n != 0)
		explicit_bzero(buf_data(b), n);
	buf_consume(b, n);
}
