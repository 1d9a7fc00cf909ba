/*
 * Chance decides, and oracles are told; see fate.h.
 */
#include "fate.h"

#include "base/clock.h"
#include "clock.h"
#include "dice.h"
#include "heap.h"
#include "oracle.h"
#include "oracle_way.h"
#include "server.h"
#include "setting.h"
#include "worker.h"

/* Mostly soon; sometimes it takes a while. */
int64_t
fate_delay(void)
{
	if (!dice_one_in(4))
		return dice_between(0, 200 * 1000);
	return dice_between(0, 20 * NS_PER_MS);
}

/* All of it, or some. */
size_t
fate_piece(size_t n)
{
	if (dice_one_in(2))
		return n;
	return 1 + dice(dice_one_in(2) && n > 32 ? 32 : n);
}

bool
fate_overtakes(void)
{
	return dice_one_in(2);
}

size_t
fate_arrives(size_t n)
{
	return n == 0 || dice_one_in(2) ? n : dice(n);
}

bool
fate_is_under_way(void)
{
	return dice_one_in(8);
}

/* -- whose memory it is -- */

static struct event_base *owner;

struct event_base *
fate_owns(struct event_base *base)
{
	struct event_base *before = owner;

	owner = base;
	heap_own(base != NULL ? worker_heap(clock_number(base)) : HEAP_WORLD);
	return before;
}

/* -- what happens -- */

void
fate_connects(struct wire *w)
{
	struct event_base *before = fate_owns(NULL);

	server_begin(w);
	fate_owns(before);
}

void
fate_accepts(struct wire *w)
{
	oracle_on_accept(w);
}

void
fate_serves(const struct wire *w)
{
	oracle_on_served(w);
}

void
fate_shuts_out(const struct wire *w)
{
	oracle_on_shut_out(w);
}

void
fate_writes(const struct wire *w, bool news, struct text t)
{
	struct event_base *before = fate_owns(NULL);

	oracle_on_sent(w, news, t);
	fate_owns(before);
}

void
fate_closes(const struct wire *w, enum link_end how)
{
	oracle_on_close(w, how);
}

void
fate_refuses(size_t n)
{
	oracle_on_refused(n);
}

void
fate_passes(int64_t at)
{
	oracle_on_time(at);
}
