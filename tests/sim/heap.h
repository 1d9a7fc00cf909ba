/*
 * The memory that the program has allocated: all of malloc() and its like less
 * free(), in everything that is linked into this program; memory that libraries
 * allocate for themselves does not count.  Needs -Wl,--wrap for each of them.
 */
#ifndef TESTS_SIM_HEAP_H
#define TESTS_SIM_HEAP_H

#include <stddef.h>

/* The number of pieces of memory in use. */
size_t	heap_in_use(void);

/* The size of the oldest of them. */
size_t	heap_oldest(void);

#endif
