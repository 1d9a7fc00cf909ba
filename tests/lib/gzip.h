/*
 * Compressed by gzip, for tests.
 */
#ifndef TESTS_GZIP_H
#define TESTS_GZIP_H

#include <stddef.h>

#include "base/text.h"

/* n gets the length of what is returned, which is to be freed. */
char	*gzip_of(struct text, size_t *n);

#endif
