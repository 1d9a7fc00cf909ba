/*
 * When a key that nobody uses is tried; see key_idle.h.
 */
#include "policy/key_idle.h"

static void
plan(struct key_idle *i, int64_t interval, int64_t left, int64_t now,
    uint32_t any)
{
	i->due_ns = now + left + (int64_t)(any % 256) * (interval / 2048);
}

bool
key_idle_is_due(struct key_idle *i, int64_t interval, int64_t since,
    int64_t now, uint32_t any)
{
	if (i->due_ns == 0 || i->due_ns > now + 2 * interval) {
		if (since < 0 || since > interval)
			since = since < 0 ? 0 : interval;
		plan(i, interval, interval - since, now, any);
		return false;
	}
	if (now < i->due_ns)
		return false;
	if (since >= 0 && since < interval) {
		plan(i, interval, interval - since, now, any);
		return false;
	}
	plan(i, interval, interval, now, any);
	return true;
}
