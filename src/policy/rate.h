/*
 * How often something may be done: a bucket of tokens that fills at an even
 * rate, of which each time takes one (the generic cell rate algorithm, ITU-T
 * I.371).  The bucket is one number, the time at which it will be full, so that
 * processes can share it without a lock.  Pure.
 */
#ifndef POLICY_RATE_H
#define POLICY_RATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"

/* Nanoseconds. */
struct rate {
	int64_t token;		/* until one more token is there */
	int64_t bucket;		/* until an empty bucket is full */
};

/* .count is not 0; burst 0: a bucket of .count tokens. */
struct rate	rate_of(const struct conf_rate *, uint32_t burst);

/*
 * Takes a token, now being a monotonic time in nanoseconds that is the same for
 * all processes.  False: there is none; in *wait nanoseconds there is one,
 * unless somebody else takes it.  A bucket that is zero at first is full.
 */
bool		rate_take(const struct rate *, _Atomic int64_t *full_at,
		    int64_t now, int64_t *wait);

/* Gives back a token that was of no use. */
void		rate_give_back(const struct rate *, _Atomic int64_t *full_at);

#endif
