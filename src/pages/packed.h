/*
 * Plain data as bytes, from one process of a daemon to another, which run the
 * same program: numbers as they lie in memory, texts with their length before
 * them.  Reading is total: whatever the bytes are, it ends, refers to nothing
 * outside of them, and says in the end whether they were whole.
 */
#ifndef PAGES_PACKED_H
#define PAGES_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

/* -- writing -- */

void	pack_u64(struct buf *, uint64_t);
void	pack_bytes(struct buf *, const void *, size_t n);
void	pack_str(struct buf *, const char *);	/* NULL is kept apart from "" */

/*
 * A descriptor with these bytes, which nobody can change any more; close-on-
 * exec.  -1 with errno.
 */
int	pack_to_fd(const struct buf *);

/* -- reading -- */

/*
 * Once something does not fit, bad is set and all that is read from then on is
 * zero, NULL or empty.
 */
struct unpacking {
	struct text rest;
	struct arena *arena;	/* what is read is copied there */
	bool bad;
};

uint64_t unpack_u64(struct unpacking *);
void	 unpack_bytes(struct unpacking *, void *, size_t n);
char	*unpack_str(struct unpacking *);

/*
 * How many elements follow, each of at least so many bytes: never more than
 * there can be.
 */
size_t	 unpack_count(struct unpacking *, size_t least);

/* Nothing is left, and nothing was bad. */
bool	 unpack_is_whole(const struct unpacking *);

/*
 * Appends what pack_to_fd() wrote.  False: it is nothing of the kind, or more
 * than `most` bytes.
 */
bool	 unpack_from_fd(int fd, size_t most, struct buf *);

#endif
