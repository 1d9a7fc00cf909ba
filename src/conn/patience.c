/*
 * A bucket of time; see patience.h.
 */
#include "conn/patience.h"

#include "base/clock.h"

static void
look(struct patience *p, int64_t now_ns)
{
	if (p->seen_ns == 0)
		return;
	p->left_ns -= now_ns - p->seen_ns;
	p->seen_ns = now_ns;
}

void
patience_begin(struct patience *p, int64_t most_ms)
{
	*p = (struct patience){ .left_ns = most_ms * NS_PER_MS };
}

void
patience_run(struct patience *p, bool runs, int64_t now_ns)
{
	look(p, now_ns);
	p->seen_ns = runs ? now_ns : 0;
}

void
patience_feed(struct patience *p, int64_t most_ms, uint64_t rate, size_t n,
    int64_t now_ns)
{
	int64_t most = most_ms * NS_PER_MS;
	uint64_t whole = rate != 0 ? n / rate : UINT64_MAX;

	look(p, now_ns);
	if (n == 0)
		return;
	/* So many seconds fill it whatever was left. */
	if (whole >= (uint64_t)most / NS_PER_S + 1) {
		p->left_ns = most;
		return;
	}
	/* rate is at most 1 GiB: no overflow. */
	p->left_ns += (int64_t)whole * NS_PER_S +
	    (int64_t)(n % rate * NS_PER_S / rate);
	if (p->left_ns > most)
		p->left_ns = most;
}

int64_t
patience_left(struct patience *p, int64_t now_ns)
{
	look(p, now_ns);
	/* Rounded up: a timer that is early would find some left. */
	return p->left_ns > 0 ? (p->left_ns + NS_PER_MS - 1) / NS_PER_MS : 0;
}
