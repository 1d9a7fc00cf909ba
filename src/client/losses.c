/*
 * When lost lines are to be reported; see losses.h.
 */
#include "client/losses.h"

#include "base/clock.h"

#define GO_ON_NS	(60 * NS_PER_S)
#define PAUSE_NS	(LOSSES_PAUSE_MS * NS_PER_MS)

static enum losses_news
while_failing(struct losses *l, bool just_over, int64_t now)
{
	bool began = l->began;

	if (began ? now - l->said_ns < GO_ON_NS : just_over)
		return LOSSES_NONE;
	l->began = true;
	l->said_ns = now;
	return began ? LOSSES_GO_ON : LOSSES_BEGAN;
}

enum losses_news
losses_look(struct losses *l, uint64_t lost, bool failing, int64_t now,
    uint64_t *n)
{
	bool just_over = l->over_ns != 0 && now - l->over_ns < PAUSE_NS;

	*n = lost - l->told;
	if (*n == 0)
		return LOSSES_NONE;
	if (failing)
		return while_failing(l, just_over, now);
	if (!l->began && just_over)
		return LOSSES_LATER;
	*l = (struct losses){ .told = lost, .over_ns = now };
	return LOSSES_OVER;
}
