/*
 * How long an upstream keeps connections; see keeping.h.
 */
#include "upstream/keeping.h"

#include "base/clock.h"

#define UNUSED_MOST	NS_PER_S
#define WARY_FOR	(60 * NS_PER_S)

/* How many times as long the upstream must have kept another one. */
#define MARGIN		2

enum keeping_advice
keeping_advise(const struct keeping *k, int64_t idle_ns, int64_t now_ns)
{
	if (idle_ns >= UNUSED_MOST || now_ns < k->wary_until_ns)
		return KEEPING_REPLACE;
	return k->longest_ns >= idle_ns * MARGIN ? KEEPING_TAKE :
	    KEEPING_LEAVE;
}

void
keeping_stayed(struct keeping *k, int64_t idle_ns)
{
	if (k->longest_ns < idle_ns)
		k->longest_ns = idle_ns;
}

void
keeping_closed(struct keeping *k, int64_t idle_ns, int64_t now_ns)
{
	if (idle_ns >= UNUSED_MOST)
		return;
	k->longest_ns = 0;
	k->wary_until_ns = now_ns + WARY_FOR;
}
