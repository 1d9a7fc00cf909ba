/*
 * Oracles for proxies that refused who asked them: they are asked again now and
 * then, by one worker, and by whom they did not refuse at once; see oracle.h
 * (-Wl,--wrap).
 */
#include "oracle.h"

#include <string.h>

#include "base/clock.h"
#include "clock.h"
#include "history.h"
#include "http/connect.h"
#include "policy/proxy_gate.h"

#define SHORTEST	NS_PER_S
#define LONGEST		(60 * NS_PER_S)

/* What was said at the gate of an upstream. */
static struct seen {
	const struct proxy_gate *gate;
	uint64_t refused;		/* 0: nobody */
	int64_t at;			/* then, or when it was asked again */
} seen[N_UPSTREAMS];

static bool passed;

void
oracle_gates_begin(void)
{
	memset(seen, 0, sizeof(seen));
	passed = false;
}

static struct seen *
seen_of(const struct proxy_gate *g)
{
	size_t i = 0;

	while (i < N_UPSTREAMS && seen[i].gate != NULL && seen[i].gate != g)
		i++;
	must(i < N_UPSTREAMS, "proxies have more gates than upstreams");
	seen[i].gate = g;
	return &seen[i];
}

bool	__real_proxy_gate_pass(struct proxy_gate *, uint64_t, int64_t);
bool	__wrap_proxy_gate_pass(struct proxy_gate *, uint64_t, int64_t);

bool
__wrap_proxy_gate_pass(struct proxy_gate *g, uint64_t who, int64_t now)
{
	struct seen *s = seen_of(g);
	bool refused = s->refused == who;

	passed = __real_proxy_gate_pass(g, who, now);
	must(passed || refused, "a proxy is not asked that refused another "
	    "key");
	must(passed || now - s->at <= LONGEST, "a proxy that refused its key "
	    "is asked no more");
	must(!passed || !refused || now - s->at >= SHORTEST, "a proxy that "
	    "refused its key is asked again and again");
	if (passed && refused)
		s->at = now;
	return passed;
}

bool	__real_proxy_gate_refuse(struct proxy_gate *, uint64_t, int64_t,
	    int64_t);
bool	__wrap_proxy_gate_refuse(struct proxy_gate *, uint64_t, int64_t,
	    int64_t);

bool
__wrap_proxy_gate_refuse(struct proxy_gate *g, uint64_t who, int64_t asked,
    int64_t now)
{
	struct seen *s = seen_of(g);

	/* Those that asked together are refused together. */
	if (s->refused != who || asked >= s->at)
		s->at = now;
	s->refused = who;
	return __real_proxy_gate_refuse(g, who, asked, now);
}

void	__real_proxy_gate_open(struct proxy_gate *, uint64_t);
void	__wrap_proxy_gate_open(struct proxy_gate *, uint64_t);

void
__wrap_proxy_gate_open(struct proxy_gate *g, uint64_t who)
{
	struct seen *s = seen_of(g);

	if (s->refused == who)
		s->refused = 0;
	__real_proxy_gate_open(g, who);
}

void
oracle_on_connect(void)
{
	must(passed, "a proxy is asked though its gate is closed");
	passed = false;
}
