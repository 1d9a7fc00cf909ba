/*
 * Pages of memory that the program maps for itself.
 */
#ifndef TESTS_SIM_PAGES_H
#define TESTS_SIM_PAGES_H

#include <stddef.h>

/* Mappings that are not unmapped yet. */
size_t	pages_given(void);

#endif
