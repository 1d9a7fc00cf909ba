/*
 * Looks for bytes in all memory of this process that can be written to: what
 * was wiped must not be there.  The bytes looked for are kept with every bit
 * turned over, so that the search does not find itself.  Memory that the
 * kernel does not show (memfd_secret) is passed over.  Useless under
 * AddressSanitizer, which keeps freed memory as it was; see asan.h.
 */
#ifndef TESTS_LIB_NEEDLE_H
#define TESTS_LIB_NEEDLE_H

#include <stddef.h>
#include <stdint.h>

#define NEEDLE_MAX	64

struct needle {
	uint8_t turned[NEEDLE_MAX];
	size_t n;
};

/* Of n bytes, 16 to NEEDLE_MAX. */
void	needle_make(struct needle *, const uint8_t *, size_t n);

/* How often they are in memory. */
size_t	needle_count(const struct needle *);

#endif
