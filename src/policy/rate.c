/*
 * Buckets of tokens; see rate.h.
 */
#include "policy/rate.h"

#include <assert.h>

#include "base/clock.h"

/* No bucket takes longer to fill, so that times can be added: nine years. */
#define LONGEST	(INT64_C(1) << 58)

struct rate
rate_of(const struct conf_rate *r, uint32_t burst)
{
	struct rate rate;

	assert(r->count != 0);
	/* More than one a nanosecond is without a limit. */
	rate.token = r->seconds * NS_PER_S / r->count;
	if (rate.token == 0)
		rate.token = 1;
	if (burst == 0)
		burst = r->count;
	rate.bucket = burst < LONGEST / rate.token ? burst * rate.token :
	    LONGEST;
	return rate;
}

/*
 * A bucket can never be later than that: a time beyond was left by a larger
 * bucket, or by a worker that was taken over.
 */
static bool
is_beyond(const struct rate *rate, int64_t full_at, int64_t now)
{
	return full_at > now && full_at - now > rate->bucket;
}

static int64_t
taken_from(const struct rate *rate, int64_t full_at, int64_t now)
{
	if (full_at < now)
		return now;
	return is_beyond(rate, full_at, now) ? now + rate->bucket : full_at;
}

bool
rate_take(const struct rate *rate, _Atomic int64_t *full_at, int64_t now,
    int64_t *wait)
{
	int64_t seen = atomic_load_explicit(full_at, memory_order_relaxed);
	int64_t next;
	bool taken;

	do {
		next = taken_from(rate, seen, now) + rate->token;
		taken = next - now <= rate->bucket;
		if (!taken) {
			*wait = next - now - rate->bucket;
			/* Else it would lock everybody out until then. */
			if (!is_beyond(rate, seen, now))
				break;
			next = now + rate->bucket;
		}
	} while (!atomic_compare_exchange_weak_explicit(full_at, &seen, next,
	    memory_order_relaxed, memory_order_relaxed));
	return taken;
}

void
rate_give_back(const struct rate *rate, _Atomic int64_t *full_at)
{
	atomic_fetch_sub_explicit(full_at, rate->token, memory_order_relaxed);
}
