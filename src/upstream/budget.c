/*
 * An upstream's time; see budget.h.
 */
#include "upstream/budget.h"

/*
 * Bytes per second of a request's body that an upstream takes at least.  No
 * request is so urgent and so slow at once: whoever takes less holds it up.
 */
#define TAKES_LEAST	10

void
budget_begin(struct budget *b, const struct conf_upstream *upstream,
    int64_t now_ns)
{
	b->upstream = upstream;
	b->most_ms = upstream->timeouts.response;
	b->rate = upstream->body_rate > TAKES_LEAST ? upstream->body_rate :
	    TAKES_LEAST;
	patience_begin(&b->patience, b->most_ms);
	patience_run(&b->patience, true, now_ns);
}

void
budget_send(struct budget *b, int64_t now_ns)
{
	b->most_ms = budget_left(b, now_ns);
}

void
budget_head(struct budget *b)
{
	b->most_ms = b->upstream->timeouts.body;
	b->rate = b->upstream->body_rate;
	patience_begin(&b->patience, b->most_ms);
}

void
budget_feed(struct budget *b, size_t n, int64_t now_ns)
{
	patience_feed(&b->patience, b->most_ms, b->rate, n, now_ns);
}

void
budget_run(struct budget *b, bool runs, int64_t now_ns)
{
	patience_run(&b->patience, runs, now_ns);
}

int64_t
budget_left(struct budget *b, int64_t now_ns)
{
	return patience_left(&b->patience, now_ns);
}
