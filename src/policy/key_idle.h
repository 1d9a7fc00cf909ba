/*
 * When a key that nobody uses is tried.  Pure: times are told, in nanoseconds;
 * those of the plan by a clock that goes on while the machine sleeps.
 */
#ifndef POLICY_KEY_IDLE_H
#define POLICY_KEY_IDLE_H

#include <stdbool.h>
#include <stdint.h>

/* Of one value; all zero: nothing is planned. */
struct key_idle {
	int64_t due_ns;
};

/*
 * Whether the key is to be tried now, and plans the next time: when nobody used
 * or tried it for that interval, and up to an eighth of it later, by any
 * number, so that not all are tried at once.  since: how long ago it was used
 * or tried, or -1, which is when that is not known: then it counts from the
 * beginning of the plan, so that restarts do not add up.
 */
bool	key_idle_is_due(struct key_idle *, int64_t interval, int64_t since,
	    int64_t now, uint32_t any);

#endif
