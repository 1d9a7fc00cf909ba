/*
 * Names the part of a path that can be read in two ways, for people.  Pure;
 * called by the judge where it refuses one.
 */
#ifndef POLICY_DOUBT_H
#define POLICY_DOUBT_H

#include <stdbool.h>

#include "base/arena.h"
#include "policy/readings.h"

/* The doubt exists with these readings, too. */
typedef bool	doubt_fn(void *ctx, struct readings *);

/*
 * "\"%2F\" at byte 9 of the path is a slash to some servers: to them ..." in
 * the arena.  The part makes the difference by itself, or without it there is
 * none; only the beginning of a longer one is shown.  stripped is the number of
 * bytes taken off the path before.
 */
const char	*doubt_say(const struct readings *, size_t stripped,
		    doubt_fn *doubt, void *ctx, const char *consequence,
		    struct arena *);

#endif
