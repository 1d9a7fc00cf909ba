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

/* Who uses a key. */
struct use {
	bool route;
	bool proxy;
};

static struct use *
find_uses(const struct conf *c)
{
	struct use *uses = xcalloc(c->n_keys, sizeof(*uses));

	for (size_t i = 0; i < c->n_routes; i++) {
		for (size_t j = 0; j < c->routes[i].n_keys; j++)
			uses[c->routes[i].keys[j]].route = true;
	}
	for (size_t i = 0; i < c->n_upstreams; i++) {
		if (c->upstreams[i].proxy.host != NULL &&
		    c->upstreams[i].proxy.key != CONF_NONE)
			uses[c->upstreams[i].proxy.key].proxy = true;
	}
	return uses;
}

/* Passwords of proxies mostly have no end that anybody could write. */
static bool
should_expire(const struct conf_key *k, struct use use)
{
	return k->expires == CONF_NO_TIME && (use.route || !use.proxy);
}

void
conf_advise(const struct conf *c, struct conf_diagnostics *diagnostics)
{
	struct lookup upstreams = { .n = 0 };
	struct use *uses = find_uses(c);

	for (size_t i = 0; i < c->n_upstreams; i++) {
		const struct conf_upstream *u = &c->upstreams[i];

		(void)lookup_add(&upstreams, u->host, i);
		if (u->proxy.host != NULL)
			(void)lookup_add(&upstreams, u->proxy.host, i);
	}
	for (size_t i = 0; i < c->n_keys; i++) {
		const struct conf_key *k = &c->keys[i];

		if (!uses[i].route && !uses[i].proxy)
			conf_warning(diagnostics, k->where.file, k->where.line,
			    "key '%s' is used by no route", k->name);
		advise_of_hosts(k, &upstreams, diagnostics);
		if (should_expire(k, uses[i]))
			conf_warning(diagnostics, k->where.file, k->where.line,
			    "key '%s': its file does not say when it expires: "
			    "write it there as 'expires', as 'key add "
			    "--expires' does, or wait for the answers of the "
			    "API, which may tell it", k->name);
	}
	lookup_free(&upstreams);
	free(uses);
	conf_diagnostics_sort(diagnostics, &c->files);
}
