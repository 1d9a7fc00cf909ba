/*
 * The gate of a key; see quota_gate.h.
 */
#include "policy/quota_gate.h"

#include "base/clock.h"
#include "policy/rate.h"

/* Where the window is not known. */
#define WINDOW_S	10

/* No window is longer. */
#define LONGEST_S	86400

static int64_t
window_ns(const struct quota_told *told)
{
	uint32_t s = told->interval_s != 0 ? told->interval_s : WINDOW_S;

	return (s < LONGEST_S ? s : LONGEST_S) * NS_PER_S;
}

/*
 * Times that are later than any that is set now were left by a worker that was
 * taken over, and count as none: they close no gate for ever.
 */
static int64_t
closed_at(const struct quota_gate *g, int64_t now)
{
	int64_t at = atomic_load(&g->closed_at);

	return at <= now ? at : 0;
}

bool
quota_gate_tell(struct quota_gate *g, const struct quota_told *told,
    int64_t asked, int64_t now)
{
	/* What was asked before it closed says nothing of the window after. */
	if (told->remaining != 0 && asked <= closed_at(g, now))
		return false;
	atomic_store(&g->limit, told->limit);
	atomic_store(&g->interval_s, told->interval_s);
	if (told->remaining == 0) {
		atomic_store(&g->left, told->limit);
		atomic_store(&g->closed_at, now);
		atomic_store(&g->opens_at, now + window_ns(told));
		return false;
	}
	if (atomic_load(&g->opens_at) == 0)
		return false;
	atomic_store(&g->left, told->remaining);
	atomic_store(&g->opens_at, 0);
	return true;
}

int64_t
quota_gate_closed(const struct quota_gate *g, int64_t now)
{
	int64_t opens_at = atomic_load(&g->opens_at);

	if (opens_at <= now || opens_at - now > LONGEST_S * NS_PER_S)
		return 0;
	return opens_at - now;
}

/*
 * What is left at once, and then as the window allows; but never less than goes
 * through a closed gate, whatever somebody told.
 */
static struct rate
pace_of(const struct quota_gate *g)
{
	const uint32_t told = atomic_load(&g->limit);
	const uint32_t s = atomic_load(&g->interval_s);
	const uint32_t left = atomic_load(&g->left);
	const uint32_t limit = told != 0 ? told : WINDOW_S;
	struct conf_rate pace = {
		.count = limit,
		.seconds = s != 0 && s <= LONGEST_S ? s : WINDOW_S,
	};

	if (pace.count < pace.seconds)
		pace.count = pace.seconds;
	return rate_of(&pace, left != 0 ? left : limit);
}

/* Nothing was ever told of it: there is no pace. */
static bool
is_unknown(const struct quota_gate *g)
{
	return atomic_load(&g->limit) == 0 && atomic_load(&g->closed_at) == 0;
}

bool
quota_gate_pass(struct quota_gate *g, bool waited, int64_t now, int64_t *wait)
{
	const struct conf_rate meanwhile = { .count = 1, .seconds = 1 };
	int64_t closed = quota_gate_closed(g, now);
	struct rate rate;

	if (closed == 0) {
		if (!waited || is_unknown(g))
			return true;
		rate = pace_of(g);
		return rate_take(&rate, &g->full_at, now, wait);
	}
	rate = rate_of(&meanwhile, 1);
	if (rate_take(&rate, &g->ahead_at, now, wait))
		return true;
	if (closed < *wait)
		*wait = closed;
	return false;
}
