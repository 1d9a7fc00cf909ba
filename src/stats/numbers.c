/*
 * Numbers for the life of the process; see numbers.h.
 */
#include "stats/numbers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "stats/counts.h"
#include "stats/ids.h"

enum kind { KEYS, LISTENERS, ROUTES, UPSTREAMS, KINDS };

static const struct {
	const char *what;
	uint32_t most;
} kinds[KINDS] = {
	[KEYS] = { "key", STATS_KEYS },
	[LISTENERS] = { "listener", STATS_LISTENERS },
	[ROUTES] = { "route", STATS_ROUTES },
	[UPSTREAMS] = { "upstream", STATS_UPSTREAMS },
};

struct numbering {
	struct ids *ids[KINDS];
};

/* Where the reason goes. */
struct complaint {
	char *why;
	size_t size;
};

struct numbering *
numbering_new(void)
{
	struct numbering *all = xcalloc(1, sizeof(*all));

	for (unsigned i = 0; i < KINDS; i++)
		all->ids[i] = ids_new(kinds[i].most);
	return all;
}

void
numbering_free(struct numbering *all)
{
	if (all == NULL)
		return;
	for (unsigned i = 0; i < KINDS; i++)
		ids_free(all->ids[i]);
	free(all);
}

static bool
give(struct numbering *all, enum kind kind, struct text what, const char *name,
    uint32_t *number, const struct complaint *c)
{
	if (ids_add(all->ids[kind], what, number))
		return true;
	(void)snprintf(c->why, c->size, "%s %s would be one more than the %u "
	    "different ones that a process can count: restart it",
	    kinds[kind].what, name, (unsigned)kinds[kind].most);
	return false;
}

bool
numbering_find_key(const struct numbering *all, const uint8_t *digest,
    uint32_t *number)
{
	return ids_find(all->ids[KEYS], (struct text){
	    .p = (const char *)digest, .n = DIGEST_SIZE }, number);
}

bool
stats_value_digest(const struct conf_key *key, uint8_t digest[DIGEST_SIZE])
{
	struct text value = secret_text(key->value);

	return digest_sha256(value.p, value.n, digest);
}

static bool
give_key(struct numbering *all, const struct conf_key *key, uint32_t *number,
    const struct complaint *c)
{
	uint8_t digest[DIGEST_SIZE];
	const struct text what = {
		.p = (const char *)digest, .n = sizeof(digest),
	};

	if (stats_value_digest(key, digest))
		return give(all, KEYS, what, key->name, number, c);
	(void)snprintf(c->why, c->size, "key %s: no SHA-256 can be had of its "
	    "value", key->name);
	return false;
}

static bool
give_all(struct numbering *all, const struct conf *conf,
    struct stats_numbers *n, const struct complaint *c)
{
	const char *name;

	for (size_t i = 0; i < conf->n_keys; i++) {
		if (!give_key(all, &conf->keys[i], &n->keys[i], c))
			return false;
	}
	for (size_t i = 0; i < conf->n_listeners; i++) {
		name = conf->listeners[i].name;
		if (!give(all, LISTENERS, text_of(name), name,
		    &n->listeners[i], c))
			return false;
	}
	for (size_t i = 0; i < conf->n_routes; i++) {
		name = conf->routes[i].name;
		if (!give(all, ROUTES, text_of(name), name, &n->routes[i], c))
			return false;
	}
	for (size_t i = 0; i < conf->n_upstreams; i++) {
		name = conf->upstreams[i].name;
		if (!give(all, UPSTREAMS, text_of(name), name,
		    &n->upstreams[i], c))
			return false;
	}
	return true;
}

bool
numbering_give(struct numbering *all, const struct conf *conf,
    struct stats_numbers *n, char *why, size_t why_size)
{
	uint32_t before[KINDS];

	for (unsigned i = 0; i < KINDS; i++)
		before[i] = ids_count(all->ids[i]);
	*n = (struct stats_numbers){
		.keys = xcalloc(conf->n_keys, sizeof(*n->keys)),
		.listeners = xcalloc(conf->n_listeners,
		    sizeof(*n->listeners)),
		.routes = xcalloc(conf->n_routes, sizeof(*n->routes)),
		.upstreams = xcalloc(conf->n_upstreams,
		    sizeof(*n->upstreams)),
		.n_keys = conf->n_keys, .n_listeners = conf->n_listeners,
		.n_routes = conf->n_routes, .n_upstreams = conf->n_upstreams,
	};
	if (give_all(all, conf, n, &(struct complaint){ why, why_size }))
		return true;
	for (unsigned i = 0; i < KINDS; i++)
		ids_keep(all->ids[i], before[i]);
	stats_numbers_release(n);
	return false;
}

void
stats_numbers_release(struct stats_numbers *n)
{
	free(n->keys);
	free(n->listeners);
	free(n->routes);
	free(n->upstreams);
	*n = (struct stats_numbers){ .n_keys = 0 };
}
