/*
 * The gate of a proxy; see proxy_gate.h.
 */
#include "policy/proxy_gate.h"

#include "base/clock.h"

#define PAUSE_FIRST_NS	NS_PER_S
#define PAUSE_MOST_NS	(60 * NS_PER_S)

/*
 * Whatever a worker left that was taken over, no pause is longer, and none is
 * shorter.
 */
static int64_t
pause_of(const struct proxy_gate *g)
{
	int64_t pause = atomic_load(&g->pause);

	if (pause < PAUSE_FIRST_NS)
		return PAUSE_FIRST_NS;
	return pause < PAUSE_MOST_NS ? pause : PAUSE_MOST_NS;
}

bool
proxy_gate_refuses(const struct proxy_gate *g, uint64_t who)
{
	return atomic_load(&g->refused) == who;
}

/* The one that asks closes it for the others, whatever it is answered. */
bool
proxy_gate_pass(struct proxy_gate *g, uint64_t who, int64_t now)
{
	int64_t at = atomic_load(&g->opens_at);

	if (!proxy_gate_refuses(g, who))
		return true;
	if (at > now && at - now <= PAUSE_MOST_NS)
		return false;
	return atomic_compare_exchange_strong(&g->opens_at, &at,
	    now + pause_of(g));
}

/* Those that asked together are refused together, which counts once. */
bool
proxy_gate_refuse(struct proxy_gate *g, uint64_t who, int64_t asked,
    int64_t now)
{
	int64_t closed_at = atomic_load(&g->closed_at);
	bool is_new = atomic_exchange(&g->refused, who) != who;

	if (is_new)
		atomic_store(&g->pause, PAUSE_FIRST_NS);
	else if (asked < closed_at && closed_at <= now)
		return false;
	else
		atomic_store(&g->pause, 2 * pause_of(g));
	atomic_store(&g->closed_at, now);
	atomic_store(&g->opens_at, now + pause_of(g));
	return is_new;
}

void
proxy_gate_open(struct proxy_gate *g, uint64_t who)
{
	uint64_t refused = who;

	(void)atomic_compare_exchange_strong(&g->refused, &refused, 0);
}
