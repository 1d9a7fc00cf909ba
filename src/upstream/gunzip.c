/*
 * Reading gzip; see gunzip.h.
 */
#include "upstream/gunzip.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* zlib reads from a const pointer then. */
#define ZLIB_CONST
#include <zlib.h>

#include "base/alloc.h"

/* zlib does not say how much it gives back, which has to be wiped. */
struct piece {
	size_t size;
	max_align_t bytes[];
};

/* All zero, as zlib's own: parts of its memory are read before written. */
static void *
take_memory(void *owner, unsigned n, unsigned size)
{
	struct piece *p;

	(void)owner;
	p = xcalloc(1, sizeof(*p) + (size_t)n * size);
	p->size = (size_t)n * size;
	return p->bytes;
}

static void
give_memory(void *owner, void *bytes)
{
	struct piece *p = (struct piece *)((char *)bytes -
	    offsetof(struct piece, bytes));

	(void)owner;
	explicit_bzero(p->bytes, p->size);
	free(p);
}

/* The greatest window, in a wrapper of gzip. */
#define WINDOW	(15 + 16)

size_t
gunzip(struct text in, char *out, size_t max)
{
	z_stream z = {
		.zalloc = take_memory,
		.zfree = give_memory,
		.next_in = (const unsigned char *)in.p,
		.avail_in = in.n < UINT_MAX ? (unsigned)in.n : UINT_MAX,
		.next_out = (unsigned char *)out,
		.avail_out = max < UINT_MAX ? (unsigned)max : UINT_MAX,
	};

	if (inflateInit2(&z, WINDOW) != Z_OK)
		return 0;
	/* Damage, a cut text, no more room: what was written counts. */
	(void)inflate(&z, Z_FINISH);
	(void)inflateEnd(&z);
	return z.total_out;
}
