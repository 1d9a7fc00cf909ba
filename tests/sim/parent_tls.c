/*
 * What workers are told of TLS with clients, and what counts before any of them
 * heard it; see parent_own.h.
 */
#include <string.h>

#include "base/clock.h"
#include "client/tls_servers.h"
#include "history.h"
#include "parent_own.h"
#include "setting_tls.h"
#include "stats/letting_in.h"

static struct {
	const struct setting *serves;
	unsigned generation;		/* its number */
	unsigned judged_by[N_LISTENERS], turns[N_LISTENERS];
} decided;

unsigned
parent_judges_by(size_t listener)
{
	return decided.judged_by[listener];
}

unsigned
parent_turns(size_t listener)
{
	return decided.turns[listener];
}

bool
parent_lets_in(unsigned generation, size_t listener)
{
	return generation >= decided.generation ||
	    listener >= decided.serves->conf.n_listeners;
}

static void
decide(size_t listener, unsigned by)
{
	decided.turns[listener] += by != decided.judged_by[listener];
	decided.judged_by[listener] = by;
}

static unsigned
judges_by(const struct generation *g, size_t listener)
{
	return setting_judges_by(setting_of(g->number),
	    g->authority[listener]);
}

static void
tell_trust(const struct generation *g, size_t listener)
{
	const struct conf_listener *l =
	    &setting_of(g->number)->conf.listeners[listener];

	if (!setting_speaks_tls(listener))
		return;
	stats_set_trust(g->stats, listener, tls_servers_trust(l,
	    setting_authority(g->authority[listener]), TEXT("")));
	decide(listener, judges_by(g, listener));
}

void
generation_lets_in(const struct generation *g, const struct generation *before)
{
	if (before == NULL)
		memset(&decided, 0, sizeof(decided));
	decided.serves = setting_of(g->number);
	decided.generation = g->number;
	stats_let_in(g->stats);
	for (size_t i = 0; i < N_LISTENERS; i++) {
		if (i < decided.serves->conf.n_listeners) {
			tell_trust(g, i);
		} else if (before != NULL &&
		    i < setting_of(before->number)->conf.n_listeners) {
			stats_set_trust(before->stats, i, STATS_TRUST_NONE);
			decide(i, PARENT_TRUSTS_NOBODY);
		}
	}
}

void
generation_distrust(const struct generation *g)
{
	for (size_t i = 0; i < setting_of(g->number)->conf.n_listeners; i++) {
		if (!setting_speaks_tls(i) ||
		    judges_by(g, i) == decided.judged_by[i])
			continue;
		for (size_t j = 0; j < g->n; j++) {
			if (g->slots[j].worker != NULL)
				worker_distrust(g->slots[j].worker, i,
				    parent_told_ns());
		}
	}
}

void
generation_renew(struct generation *g, size_t listener)
{
	history("listener %zu is renewed, with authority %u", listener,
	    g->authority[listener]);
	tell_trust(g, listener);
	for (size_t j = 0; j < g->n; j++) {
		if (g->slots[j].worker != NULL)
			worker_renew(g->slots[j].worker, listener,
			    g->authority[listener], parent_told_ns());
	}
}
