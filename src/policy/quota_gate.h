/*
 * Whether a key may be used whose upstream tells how much of its quota is left.
 * None left closes the gate until the window ends that the upstream named, and
 * one request a second goes through meanwhile, to learn whether it is open
 * again.  The gate lies in memory that all workers share, and has no lock.
 * Pure; times are monotonic, in nanoseconds.
 */
#ifndef POLICY_QUOTA_GATE_H
#define POLICY_QUOTA_GATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* All zero: open. */
struct quota_gate {
	_Atomic int64_t opens_at;
	_Atomic int64_t closed_at;	/* what was asked before says nothing */
	/* buckets, see policy/rate.h */
	_Atomic int64_t full_at;	/* of those that waited, when it is
					   open */
	_Atomic int64_t ahead_at;	/* of all, while it is closed */
	_Atomic uint32_t limit, interval_s;
	_Atomic uint32_t left;		/* when it opens; 0: not known */
};

/* What a response said; as of struct ratelimit. */
struct quota_told {
	uint32_t remaining;
	uint32_t limit;			/* 0: not known */
	uint32_t interval_s;		/* 0: not known: ten seconds */
};

/*
 * A response came at now to a request that was sent at asked.  True: the gate
 * may be open now that was closed.
 */
bool	quota_gate_tell(struct quota_gate *, const struct quota_told *,
	    int64_t asked, int64_t now);

/*
 * May a request go?  Those that waited go no faster than the quota allows, as
 * far as anything was ever told of it, but one a second always.  False: ask
 * again in *wait nanoseconds.
 */
bool	quota_gate_pass(struct quota_gate *, bool waited, int64_t now,
	    int64_t *wait);

/* For how long it is closed at most; 0: it is open. */
int64_t	quota_gate_closed(const struct quota_gate *, int64_t now);

#endif
