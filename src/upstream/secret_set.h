/*
 * The secret patterns of all keys that a request was sent with, one or two of
 * them: none of these may come back in its response, whichever it was sent with
 * last.  Pure.  Called by call for heads, by reflection for bodies.
 */
#ifndef UPSTREAM_SECRET_SET_H
#define UPSTREAM_SECRET_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "upstream/secret_patterns.h"

#define SECRET_SET_MOST		2

struct secret_set {
	const struct secret_patterns *v[SECRET_SET_MOST];
	size_t n;			/* 1 at least */
};

/* The longest text that a pattern can be written as. */
size_t	secret_set_reach(const struct secret_set *);

/* As the functions of secret_patterns.h, for all of them. */
struct sighting secret_set_search(const struct secret_set *, struct text);
bool	secret_set_found(const struct secret_set *, struct text);
bool	secret_set_touch(const struct secret_set *, struct text);

#endif
