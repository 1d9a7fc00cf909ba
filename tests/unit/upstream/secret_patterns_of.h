/*
 * For tests: what is searched for in the responses to a key of this value.
 */
#ifndef TESTS_UNIT_UPSTREAM_NEEDLES_OF_H
#define TESTS_UNIT_UPSTREAM_NEEDLES_OF_H

#include "upstream/secret_patterns.h"

struct secret_patterns	secret_patterns_of(const char *value);
void		secret_patterns_drop(struct secret_patterns *);

#endif
