/*
 * The memory that the program has allocated: all of malloc() and its like less
 * free(), in everything that is linked into this program; memory that libraries
 * allocate for themselves does not count.  Needs -Wl,--wrap for each of them.
 */
#ifndef TESTS_SIM_HEAP_H
#define TESTS_SIM_HEAP_H

#include <stddef.h>

/* Owners of pieces: the world, and others, with numbers of theirs. */
#define HEAP_WORLD	0
#define HEAP_OWNERS	128

/* The number of pieces of memory in use. */
size_t	heap_in_use(void);

/* Pieces that are allocated from now on are this owner's. */
void	heap_own(unsigned owner);

/* The number of pieces in use that are. */
size_t	heap_owned(unsigned owner);

/* The size of the oldest of them. */
size_t	heap_oldest(void);

#endif
