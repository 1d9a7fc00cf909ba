/*
 * What a response says of the quota that all who use its key share:
 * x-ratelimit-remaining, -limit and -interval of Elastic Cloud's API.  Pure.
 */
#ifndef UPSTREAM_RATELIMIT_H
#define UPSTREAM_RATELIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "http/fields.h"

struct ratelimit {
	uint32_t remaining;	/* requests, in this window */
	uint32_t limit;		/* requests of a whole window; 0: not known */
	uint32_t interval_s;	/* a window; 0: not known */
};

#define RATELIMIT_MOST		999999999
#define RATELIMIT_INTERVAL_S	86400

/*
 * False where it does not say how many requests remain.  A number is one to
 * nine digits and nothing else; an interval is a number of seconds, or has one
 * of the units s, m and h behind it, and is a day at most.  What has another
 * form, or stands there twice with different values, is not known.
 */
bool	ratelimit_of(const struct fields *, struct ratelimit *);

#endif
