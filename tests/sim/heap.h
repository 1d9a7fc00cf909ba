/*
 * What the program has allocated: the sum of malloc() and its like less
 * free(), of everything that is linked into this program; what libraries keep
 * for themselves does not count.  Wants -Wl,--wrap for each of them.
 */
#ifndef TESTS_SIM_HEAP_H
#define TESTS_SIM_HEAP_H

#include <stddef.h>

/* So many pieces of memory are in use. */
size_t	heap_in_use(void);

/* The size of the oldest of them. */
size_t	heap_oldest(void);

#endif
