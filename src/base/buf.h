/*
 * A growing run of bytes: written at the end, taken from the start.  Small
 * runs live in one recycled block, larger ones in memory of their own.  An
 * empty buffer holds no memory, which keeps idle connections small.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/blocks.h"
#include "base/text.h"

struct buf {
	struct blocks *blocks;	/* NULL: always memory of its own */
	uint8_t *base;
	size_t start, end, cap;
};

void	 buf_init(struct buf *, struct blocks *);

/* Gives the memory back; the buffer is as after buf_init(). */
void	 buf_release(struct buf *);

static inline size_t
buf_len(const struct buf *b)
{
	return b->end - b->start;
}

/* The bytes; valid until the buffer changes.  Not NULL unless empty. */
static inline uint8_t *
buf_data(const struct buf *b)
{
	return b->base + b->start;
}

static inline struct text
buf_text(const struct buf *b)
{
	return (struct text){ .p = b->end != b->start ?
	    (const char *)b->base + b->start : "", .n = b->end - b->start };
}

/* Room for n more bytes at the end; write there, then buf_commit(). */
uint8_t	*buf_reserve(struct buf *, size_t n) __attribute__((returns_nonnull));
void	 buf_commit(struct buf *, size_t n);

/* Inline: most lines are made of constants, for which memcpy() vanishes. */
static inline void
buf_append(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	if (b->cap - b->end < n)
		(void)buf_reserve(b, n);
	memcpy(b->base + b->end, p, n);
	b->end += n;
}

void	 buf_append_text(struct buf *, struct text);
void	 buf_append_u64(struct buf *, uint64_t);	/* decimal */
void	 buf_printf(struct buf *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* Keeps the first n bytes and overwrites the others; n is not 0. */
void	 buf_truncate(struct buf *, size_t n);

/* Drops n bytes from the start; the last one gives the memory back. */
void	 buf_consume(struct buf *, size_t n);

/* The same, and overwrites them first: for bytes that hold a key. */
void	 buf_consume_wipe(struct buf *, size_t n);

#endif
