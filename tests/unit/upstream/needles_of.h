/*
 * For tests: what is searched for in the responses to a key of this value.
 */
#ifndef TESTS_UNIT_UPSTREAM_NEEDLES_OF_H
#define TESTS_UNIT_UPSTREAM_NEEDLES_OF_H

#include "upstream/needles.h"

struct needles	needles_of(const char *value);
void		needles_drop(struct needles *);

#endif
