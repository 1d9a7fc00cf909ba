/*
 * Which lines of a kind that others can cause without end are told in the log:
 * for each reason one within a minute, for one reason must not hide the others.
 * How many were left out is told with the next one of that reason, or, by a
 * caller who sees to that, when its minute is over.  Pure: times come from the
 * caller.
 */
#ifndef BASE_REPEATS_H
#define BASE_REPEATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

#define REPEATS_AGAIN_NS	(60 * NS_PER_S)

/*
 * Reasons that are told apart at a time.  Those beyond share one place, so that
 * neither memory nor lines grow with what others think of.
 */
#define REPEATS_REASONS	16

struct repeat {
	char *why;		/* NULL: none yet, or the place that is
				   shared */
	bool told;		/* told_ns is a time */
	int64_t told_ns;
	uint64_t left_out;	/* since then */
};

/* Of one whom they are about; all zero at first. */
struct repeats {
	struct repeat v[REPEATS_REASONS + 1];	/* the last one is shared */
};

/*
 * One more for this reason, which is copied.  True: it is to be told, with
 * *left_out earlier ones that were not.
 */
bool	repeats_take(struct repeats *, const char *why, int64_t now_ns,
	    uint64_t *left_out);

/*
 * The same, for a line that says of those left out what is put into more: it
 * follows the reason, and is empty if none was.
 */
#define REPEATS_WORDS	64
bool	repeats_tell(struct repeats *, const char *why, int64_t now_ns,
	    char more[REPEATS_WORDS]);

/*
 * A reason of which some were left out, *n, and, unless at_once, whose minute
 * is over: it counts as told now.  *why is valid until the next call, and NULL
 * for those that share a place.  False: there is none.
 */
bool	repeats_sum(struct repeats *, int64_t now_ns, bool at_once,
	    const char **why, uint64_t *n);

/* When repeats_sum() finds the next one, or INT64_MAX: nothing was left out. */
int64_t	repeats_due(const struct repeats *);

void	repeats_release(struct repeats *);

#endif
