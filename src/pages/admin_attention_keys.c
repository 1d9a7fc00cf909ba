/*
 * What needs attention of keys that are over or end soon, and of routes without
 * one; see admin_attention_parts.h.
 */
#include "pages/admin_attention_parts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/span.h"
#include "pages/admin_remedy.h"
#include "stats/decided.h"
#include "stats/proxies.h"
#include "upstream/keyring.h"

/* It has a key, and its proxy's is disabled or expired. */
static void
put_barred(struct json *j, const struct admin_facts *f,
    const struct conf_route *t)
{
	const struct conf *c = f->brief->conf;
	const struct keyring keyring = { .conf = c, .stats = f->stats };
	const struct conf_upstream *u = &c->upstreams[t->upstream];
	enum key_state state = key_state_of(keyring_bars_way(&keyring, u));

	admin_attention_add_next(j, c, u->proxy.key, false,
	    xasprintf("route %s reaches nobody, as key %s of its proxy is "
	    "%s: add the next one, make it 'proxy_key' of upstream %s, "
	    "and reload", t->name, c->keys[u->proxy.key].name,
	    key_state_name(state), u->name));
}

/* What it says of a key that is off is told already. */
static void
put_refused(struct json *j, const struct admin_facts *f, size_t upstream)
{
	const struct conf *c = f->brief->conf;
	const struct conf_upstream *u = &c->upstreams[upstream];
	const struct conf_proxy *p = &u->proxy;

	if (p->key == CONF_NONE)
		admin_attention_add(j, xasprintf("upstream %s is not reached: "
		    "its proxy %s answers 407: add the key that it wants, "
		    "make it 'proxy_key' of upstream %s, and reload", u->name,
		    p->url, u->name), admin_remedy_probe(c));
	else
		admin_attention_add_next(j, c, p->key, false,
		    xasprintf("upstream %s is not reached: its proxy %s "
		    "refuses key %s (407): add another one, make it "
		    "'proxy_key' of upstream %s, and reload", u->name, p->url,
		    c->keys[p->key].name, u->name));
}

void
admin_attention_of_proxies(struct json *j, const struct admin_facts *f)
{
	const struct conf *c = f->brief->conf;
	const struct keyring keyring = { .conf = c, .stats = f->stats };

	for (size_t i = 0; i < c->n_upstreams; i++) {
		if (c->upstreams[i].proxy.host != NULL &&
		    keyring_bars_way(&keyring, &c->upstreams[i]) == 0 &&
		    stats_proxy_refuses(f->stats, c, i))
			put_refused(j, f, i);
	}
}

void
admin_attention_of_routes(struct json *j, const struct admin_facts *f)
{
	const struct conf *c = f->brief->conf;

	for (size_t i = 0; i < c->n_routes; i++) {
		const struct conf_route *t = &c->routes[i];

		if (admin_route_is_usable(f, i))
			continue;
		if (admin_route_key(f, t) != CONF_NONE)
			put_barred(j, f, t);
		else
			admin_attention_add_next(j, c, t->keys[0], false,
			    xasprintf("route %s has no usable key: add the "
			    "next one, list it in its 'keys', and reload",
			    t->name));
	}
}

/* Takes over what; nothing else serves what it is for, or will soon. */
static void
put_next(struct json *j, const struct admin_facts *f, char *what, size_t key,
    bool lacking)
{
	const struct conf *c = f->brief->conf;
	char *how = admin_key_bring_in(f, key, lacking);

	admin_attention_add_next(j, c, key,
	    lacking && admin_key_is_listed(c, key),
	    xasprintf("%s: add the next one, %s, and reload", what, how));
	free(how);
	free(what);
}

/* Takes over what; nobody misses it. */
static void
put_needless(struct json *j, const struct admin_facts *f, char *what,
    size_t key)
{
	admin_attention_add_key(j, f->brief->conf->keys[key].name,
	    xasprintf("%s, and no route lists it: remove it, and reload",
	    what), admin_remedy_remove(f->brief->conf, key));
	free(what);
}

/*
 * Takes over what; another key serves, so that this one may go.  Removed before
 * a reload without it, the configuration would be refused.
 */
static void
put_successor(struct json *j, const struct admin_facts *f, char *what,
    size_t key, const struct conf_key *next)
{
	const struct conf *c = f->brief->conf;
	char *where = admin_key_places(f, key, false),
	    *removal = admin_remedy_remove(c, key);

	admin_attention_add_matter(j, &(struct admin_matter){
		.key = c->keys[key].name,
		.what = xasprintf("%s; %s takes over: take it out of %s, "
		    "reload, and remove it: %s", what, next->name, where,
		    removal),
		.command = admin_remedy_reload(c),
		.then = { removal },
	});
	free(where);
	free(what);
}

/*
 * A person switched it off, most likely as it leaked: nothing leads back to it
 * but who knows better.  next: what serves now, or NULL.
 */
static void
put_disabled(struct json *j, const struct admin_facts *f, size_t key,
    const struct conf_key *next)
{
	const struct conf *c = f->brief->conf;
	const char *name = c->keys[key].name;
	char *way_back = admin_remedy_enable(c, key),
	    *where = next != NULL ? admin_key_places(f, key, false) :
	    admin_key_bring_in(f, key, false);

	if (next != NULL)
		admin_attention_add_matter(j, &(struct admin_matter){
			.key = name,
			.what = xasprintf("key %s is disabled; %s takes over: "
			    "revoke %s at the API, take it out of %s, reload, "
			    "and remove it; only to take it back: %s", name,
			    next->name, name, where, way_back),
			.command = admin_remedy_reload(c),
			.then = { admin_remedy_remove(c, key) },
		});
	else
		admin_attention_add_next(j, c, key, false,
		    xasprintf("key %s is disabled: revoke it at the %s, "
		    "add a new one, %s, and reload; only to take it back: %s",
		    name, admin_key_is_listed(c, key) ? "API" : "proxy", where,
		    way_back));
	free(where);
	free(way_back);
}

/* Takes over what, which says why the key is over. */
static void
put_over(struct json *j, const struct admin_facts *f, char *what, size_t key)
{
	const struct conf_key *next = admin_key_heir(f, key);

	if (next != NULL)
		put_successor(j, f, what, key, next);
	else if (admin_key_is_needed(f->brief->conf, key))
		put_next(j, f, what, key, false);
	else
		put_needless(j, f, what, key);
}

/* Its end has passed, and it is not expired. */
static char *
overdue_text(const struct admin_facts *f, size_t key)
{
	bool accepted = clock_boot() < stats_key_believed_ns(f->stats, key);

	return xasprintf("key %s should have expired, and %sthe API still "
	    "takes it", f->brief->conf->keys[key].name,
	    accepted ? "" : "it is not known whether ");
}

static char *
end_text(const struct admin_facts *f, size_t key, int64_t left_s)
{
	char left[SPAN_TEXT];

	if (left_s <= 0)
		return overdue_text(f, key);
	return xasprintf("key %s expires in %s", f->brief->conf->keys[key].name,
	    span_format_left(left, left_s));
}

/* Nothing is to be done where each of its routes has a longer one. */
static void
put_end(struct json *j, const struct admin_facts *f, size_t key, bool ending,
    int64_t now)
{
	int64_t expires = admin_key_expires(f, key);

	if (expires == CONF_NO_TIME || (expires > now && !ending))
		return;
	if (admin_key_leaves_a_gap(f, key))
		put_next(j, f, end_text(f, key, expires - now), key, true);
	else if (!admin_key_is_needed(f->brief->conf, key))
		put_needless(j, f, end_text(f, key, expires - now), key);
}

/* What no route lists is nobody's loss, but that its time is over is told. */
static void
put_state(struct json *j, const struct admin_facts *f, size_t key,
    const struct admin_key *k, int64_t now)
{
	const struct conf *c = f->brief->conf;
	const char *name = c->keys[key].name;

	switch (k->state) {
	case KEY_STATE_DISABLED:
		if (admin_key_is_needed(c, key))
			put_disabled(j, f, key, admin_key_heir(f, key));
		return;
	case KEY_STATE_REJECTED:
		if (admin_key_is_needed(c, key))
			put_over(j, f, xasprintf("key %s was rejected by the "
			    "API", name), key);
		return;
	case KEY_STATE_EXPIRED:
		put_over(j, f, xasprintf("key %s has expired", name), key);
		return;
	case KEY_STATE_EXPIRING:
	case KEY_STATE_ACTIVE:
	case KEY_STATE_STANDBY:
	case KEY_STATE_UNUSED:
	case KEY_STATES:
		break;
	}
	put_end(j, f, key, (k->facts & KEY_ENDING) != 0, now);
}

void
admin_attention_of_keys(struct json *j, const struct admin_facts *f,
    const struct admin_key *keys, int64_t now)
{
	for (size_t i = 0; i < f->brief->conf->n_keys; i++)
		put_state(j, f, i, &keys[i], now);
}
