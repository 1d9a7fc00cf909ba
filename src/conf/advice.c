/*
 * What is right in a configuration and most likely not meant; see conf.h.
 * Told by `check`, and not at every start.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/lookup.h"
#include "conf/conf.h"

static void
advise_of_hosts(const struct conf_key *k, const struct lookup *upstreams,
    struct conf_diagnostics *diagnostics)
{
	for (size_t i = 0; i < k->hosts.n; i++) {
		if (lookup_find(upstreams, k->hosts.v[i]) == LOOKUP_NONE)
			conf_warning(diagnostics, k->where.file, k->where.line,
			    "key '%s' is sealed for '%s', which is the host of "
			    "no upstream and of no proxy", k->name,
			    k->hosts.v[i]);
	}
}

static bool *
find_listed(const struct conf *c)
{
	bool *listed = xcalloc(c->n_keys, sizeof(*listed));

	for (size_t i = 0; i < c->n_routes; i++) {
		for (size_t j = 0; j < c->routes[i].n_keys; j++)
			listed[c->routes[i].keys[j]] = true;
	}
	for (size_t i = 0; i < c->n_upstreams; i++) {
		if (c->upstreams[i].proxy.host != NULL &&
		    c->upstreams[i].proxy.key != CONF_NONE)
			listed[c->upstreams[i].proxy.key] = true;
	}
	return listed;
}

void
conf_advise(const struct conf *c, struct conf_diagnostics *diagnostics)
{
	struct lookup upstreams = { .n = 0 };
	bool *listed = find_listed(c);

	for (size_t i = 0; i < c->n_upstreams; i++) {
		const struct conf_upstream *u = &c->upstreams[i];

		(void)lookup_add(&upstreams, u->host, i);
		if (u->proxy.host != NULL)
			(void)lookup_add(&upstreams, u->proxy.host, i);
	}
	for (size_t i = 0; i < c->n_keys; i++) {
		const struct conf_key *k = &c->keys[i];

		if (!listed[i])
			conf_warning(diagnostics, k->where.file, k->where.line,
			    "key '%s' is used by no route", k->name);
		advise_of_hosts(k, &upstreams, diagnostics);
		if (k->expires == CONF_NO_TIME)
			conf_warning(diagnostics, k->where.file, k->where.line,
			    "key '%s': its file does not say that it expires",
			    k->name);
	}
	lookup_free(&upstreams);
	free(listed);
	conf_diagnostics_sort(diagnostics, &c->files);
}
