/*
 * /metrics, for Prometheus; see admin_page.h.
 */
#include "pages/admin_page.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "pages/admin_keys.h"

void
admin_page_metrics(const struct admin_facts *f, struct admin_page *page)
{
	struct admin_key *keys = admin_keys_look(f, clock_wall() / NS_PER_S);
	size_t n = f->brief->conf->n_keys;
	enum key_state *states = xcalloc(n, sizeof(*states));

	for (size_t i = 0; i < n; i++)
		states[i] = keys[i].state;
	page->status = 200;
	page->type = METRICS_TYPE;
	metrics_write(f->metrics, states, &page->body);
	free(states);
	free(keys);
}
