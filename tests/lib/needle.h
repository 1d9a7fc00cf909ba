/*
 * Searches all writable memory of this process for bytes: those that were wiped
 * must not be there.  The bytes are kept with every bit inverted, so that the
 * search does not find itself.  Memory that the kernel hides (memfd_secret) is
 * skipped.  Useless under AddressSanitizer, which keeps freed memory as it was;
 * see asan.h.
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

/* Made of n bytes, 16 to NEEDLE_MAX. */
void	needle_make(struct needle *, const uint8_t *, size_t n);

/* How often they are in memory. */
size_t	needle_count(const struct needle *);

#endif
