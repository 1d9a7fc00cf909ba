/*
 * Compressing by gzip; see gzip.h.
 */
#include "gzip.h"

#include <stdlib.h>

#define ZLIB_CONST
#include <zlib.h>

#include "base/alloc.h"

char *
gzip_of(struct text t, size_t *n)
{
	z_stream z = {
		.next_in = (const unsigned char *)t.p,
		.avail_in = (unsigned)t.n,
	};
	size_t room;
	char *out;

	if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		abort();
	room = deflateBound(&z, t.n);
	out = xmalloc(room);
	z.next_out = (unsigned char *)out;
	z.avail_out = (unsigned)room;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	*n = z.total_out;
	(void)deflateEnd(&z);
	return out;
}
