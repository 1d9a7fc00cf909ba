/*
 * The interface of every fuzz target.  A target is a file fuzz_X.c with this
 * one function; libFuzzer or standalone.c calls it.  It must not keep anything
 * from one call that changes what the next one does, and reports errors by
 * fuzz_assert().
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Like assert(), but independent of NDEBUG. */
#define fuzz_assert(what) do {						\
	if (!(what)) {							\
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,	\
		    __LINE__, #what);					\
		abort();						\
	}								\
} while (0)

/*
 * Cuts an input into pieces: returns the length of the next one, 1 to left
 * (left is not 0).  *state begins as a number from the input.  Most pieces are
 * small.
 */
static inline size_t
fuzz_piece(uint32_t *state, size_t left)
{
	size_t n;

	*state = *state * 1664525 + 1013904223;
	n = 1 + (*state >> 8) % ((*state & 0x70000000) != 0 ? 24 : 70000);
	return n < left ? n : left;
}

#endif
