/*
 * Where keys are needed, for what needs attention; see admin_attention_parts.h.
 */
#include "pages/admin_attention_parts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "pages/admin_keys.h"
#include "stats/decided.h"

/* So many routes are named at once. */
#define NAMES_MOST	5

bool
admin_route_lists(const struct conf_route *t, size_t key)
{
	size_t k = 0;

	while (k < t->n_keys && t->keys[k] != key)
		k++;
	return k < t->n_keys;
}

/* The first upstream whose proxy gets the key, or NULL. */
static const struct conf_upstream *
upstream_by(const struct conf *c, size_t key)
{
	for (size_t i = 0; i < c->n_upstreams; i++) {
		if (c->upstreams[i].proxy.host != NULL &&
		    c->upstreams[i].proxy.key == key)
			return &c->upstreams[i];
	}
	return NULL;
}

bool
admin_key_is_listed(const struct conf *c, size_t key)
{
	size_t i = 0;

	while (i < c->n_routes && !admin_route_lists(&c->routes[i], key))
		i++;
	return i < c->n_routes;
}

bool
admin_key_is_needed(const struct conf *c, size_t key)
{
	return admin_key_is_listed(c, key) || upstream_by(c, key) != NULL;
}

/* The route has another usable key, which is valid longer. */
static bool
has_longer(const struct admin_facts *f, const struct conf_route *t, size_t key)
{
	int64_t ends = admin_key_expires(f, key);

	for (size_t k = 0; k < t->n_keys; k++) {
		int64_t expires = admin_key_expires(f, t->keys[k]);

		if ((expires == CONF_NO_TIME || expires > ends) &&
		    stats_key_off(f->stats, t->keys[k]) == 0)
			return true;
	}
	return false;
}

bool
admin_key_leaves_a_gap(const struct admin_facts *f, size_t key)
{
	const struct conf *c = f->brief->conf;

	for (size_t i = 0; i < c->n_routes; i++) {
		if (admin_route_lists(&c->routes[i], key) &&
		    !has_longer(f, &c->routes[i], key))
			return true;
	}
	return upstream_by(c, key) != NULL;
}

const struct conf_key *
admin_key_heir(const struct admin_facts *f, size_t key)
{
	const struct conf *c = f->brief->conf;
	const struct conf_key *first = NULL;

	for (size_t i = 0; i < c->n_routes; i++) {
		size_t serves;

		if (!admin_route_lists(&c->routes[i], key))
			continue;
		serves = admin_route_key(f, &c->routes[i]);
		if (serves == CONF_NONE || serves == key ||
		    stats_key_off(f->stats, serves) != 0)
			return NULL;
		if (first == NULL)
			first = &c->keys[serves];
	}
	return first;
}

/* Routes that list a key. */
struct places {
	const struct admin_facts *f;
	size_t key;
	bool lacking;			/* only those that have no longer one */
	size_t upstream;		/* only those of it, or CONF_NONE */
};

static bool
has_place(const struct places *p, const struct conf_route *t)
{
	return admin_route_lists(t, p->key) &&
	    !(p->lacking && has_longer(p->f, t, p->key)) &&
	    (p->upstream == CONF_NONE || p->upstream == t->upstream);
}

static char *
format_places(const struct places *p)
{
	const struct conf *c = p->f->brief->conf;
	struct buf names;
	size_t n = 0;
	char *all;

	buf_init(&names, NULL);
	for (size_t i = 0; i < c->n_routes; i++) {
		const struct conf_route *t = &c->routes[i];

		if (!has_place(p, t))
			continue;
		if (n++ < NAMES_MOST)
			buf_printf(&names, "%s%s", n > 1 ? ", " : "", t->name);
	}
	if (n > NAMES_MOST)
		buf_printf(&names, " and %zu more", n - NAMES_MOST);
	all = xasprintf("'keys' of route%s %.*s", n == 1 ? "" : "s",
	    TEXT_ARG(buf_text(&names)));
	buf_release(&names);
	return all;
}

char *
admin_key_places(const struct admin_facts *f, size_t key, bool lacking)
{
	return format_places(&(struct places){ .f = f, .key = key,
		.lacking = lacking, .upstream = CONF_NONE });
}

char *
admin_key_places_at(const struct admin_facts *f, size_t key, size_t upstream)
{
	return format_places(&(struct places){ .f = f, .key = key,
		.upstream = upstream });
}

char *
admin_key_bring_in(const struct admin_facts *f, size_t key, bool lacking)
{
	const struct conf *c = f->brief->conf;
	const struct conf_upstream *u = upstream_by(c, key);
	char *where, *how;

	if (u != NULL && !admin_key_is_listed(c, key))
		return xasprintf("make it 'proxy_key' of upstream %s",
		    u->name);
	where = admin_key_places(f, key, lacking);
	how = xasprintf("list it in %s", where);
	free(where);
	return how;
}
