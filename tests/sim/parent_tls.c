/*
 * What workers are told of TLS with clients; see parent_own.h.
 */
#include "base/clock.h"
#include "dice.h"
#include "history.h"
#include "parent_own.h"
#include "setting_tls.h"

static bool
trusts_the_same(const struct generation *a, const struct generation *b,
    size_t listener)
{
	return listener < setting_of(b->number)->conf.n_listeners &&
	    a->authority[listener] == b->authority[listener];
}

/* Behind what has them retire, which takes no longer than this. */
void
generation_distrust(const struct generation *old, const struct generation *next)
{
	for (size_t i = 0; i < setting_of(old->number)->conf.n_listeners; i++) {
		if (!setting_speaks_tls(i) || trusts_the_same(old, next, i))
			continue;
		for (size_t j = 0; j < old->n; j++) {
			if (old->slots[j].worker != NULL)
				worker_distrust(old->slots[j].worker, i,
				    RETIRED_NS + dice_between(0,
				    20 * NS_PER_MS));
		}
	}
}

void
generation_renew(struct generation *g)
{
	size_t i = dice_one_in(3) ? BY_BALANCER : BY_TLS;

	if (!setting_speaks_tls(i) ||
	    i >= setting_of(g->number)->conf.n_listeners)
		return;
	if (!dice_one_in(3))
		g->authority[i] = setting_renew_authority(i);
	history("listener %zu is renewed, with authority %u", i,
	    g->authority[i]);
	for (size_t j = 0; j < g->n; j++) {
		if (g->slots[j].worker != NULL)
			worker_renew(g->slots[j].worker, i, g->authority[i],
			    dice_between(0, 20 * NS_PER_MS));
	}
}
