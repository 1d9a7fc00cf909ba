/*
 * Decisions about letting clients in; see letting_in.h.
 */
#include "stats/letting_in.h"

#include <assert.h>

#include "stats/layout.h"
#include "stats/view.h"

void
stats_let_in(struct stats *f)
{
	atomic_store(&stats_memory_decide(f->memory)->lets_in, f->serial);
}

bool
stats_is_followed(const struct stats *f)
{
	return atomic_load(&f->decided->lets_in) > f->serial;
}

void
stats_set_trust(struct stats *f, size_t listener, uint64_t trust)
{
	assert(listener < f->numbers.n_listeners);
	atomic_store(&stats_memory_decide(f->memory)->trust[
	    f->numbers.listeners[listener]], trust);
}

uint64_t
stats_trust(const struct stats *f, size_t listener)
{
	assert(listener < f->numbers.n_listeners);
	return atomic_load(&f->decided->trust[f->numbers.listeners[listener]]);
}
