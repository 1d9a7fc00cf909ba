/*
 * Which refusals of a listener are told in the log: of each reason one within a
 * minute, for who may connect can be refused without end, and one reason must
 * not hide the others.  How many were left out is told with the next one of
 * that reason.  Pure: times come from the caller.
 */
#ifndef CLIENT_REFUSALS_H
#define CLIENT_REFUSALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

#define REFUSALS_AGAIN_NS	(60 * NS_PER_S)

/*
 * Reasons that are told apart at a time.  Those beyond share one place, so that
 * neither memory nor lines grow with what clients think of.
 */
#define REFUSALS_REASONS	16

struct refusal {
	char *why;		/* NULL: none yet, or the place that is
				   shared */
	bool told;		/* told_ns is a time */
	int64_t told_ns;
	uint64_t left_out;	/* since then */
};

/* Of one listener; all zero at first. */
struct refusals {
	struct refusal v[REFUSALS_REASONS + 1];	/* the last one is shared */
};

/*
 * One more for this reason, which is copied.  True: it is to be told, with
 * *left_out earlier ones that were not.
 */
bool	refusals_tell(struct refusals *, const char *why, int64_t now_ns,
	    uint64_t *left_out);

void	refusals_release(struct refusals *);

#endif
