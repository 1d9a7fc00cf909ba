/*
 * The pauses between two starts of a process; see backoff.h.
 */
#include "daemon/backoff.h"

#include "base/clock.h"

#define SOON_NS		(10 * NS_PER_S)		/* after its start: a crash
						   there */
#define PAUSE_FIRST_NS	(100 * NS_PER_MS)
#define PAUSE_MOST_NS	(30 * NS_PER_S)

void
backoff_start(struct backoff *b, int64_t now)
{
	b->started_ns = now;
}

void
backoff_put_off(struct backoff *b, int64_t now)
{
	b->pause_ns = b->pause_ns == 0 ? PAUSE_FIRST_NS : b->pause_ns * 2;
	if (b->pause_ns > PAUSE_MOST_NS)
		b->pause_ns = PAUSE_MOST_NS;
	b->due_ns = now + b->pause_ns;
}

/* The first crash may have been by chance: it costs no time. */
void
backoff_died(struct backoff *b, int64_t now)
{
	if (now - b->started_ns > SOON_NS) {
		b->pause_ns = 0;
		b->due_ns = now;
		return;
	}
	backoff_put_off(b, now);
	if (b->pause_ns == PAUSE_FIRST_NS)
		b->due_ns = now;
}
