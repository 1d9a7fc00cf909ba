/*
 * The checks of routes: what they refer to, whether their conditions can
 * hold; and the hosts that listeners accept because of them.
 */
#include <string.h>

#include "conf/check.h"
#include "conf/names.h"

static void
resolve_listeners(struct reader *r, const struct draft *d,
    struct draft_route *t)
{
	const struct words one = { .v = &t->listener, .n = 1 };
	const struct words *names = t->listener.text != NULL ? &one :
	    &t->listeners;

	if (was_given(&t->given, OPTION_ROUTE_listener) &&
	    was_given(&t->given, OPTION_ROUTE_listeners))
		reader_fault_at(r, t->given.option[OPTION_ROUTE_listeners],
		    "give either 'listener' or 'listeners'");
	t->out.listeners = arena_alloc(r->memory,
	    names->n * sizeof(*t->out.listeners));
	for (size_t i = 0; i < names->n; i++) {
		size_t l = names_resolve(r, &d->listeners, GROUP_LISTENER,
		    &names->v[i]);

		if (l == CONF_NONE)
			t->broken = true;
		else
			t->out.listeners[t->out.n_listeners++] = l;
	}
}

static void
resolve_upstream(struct reader *r, const struct draft *d,
    struct draft_route *t)
{
	if (t->upstream.text != NULL) {
		t->out.upstream = names_resolve(r, &d->upstreams,
		    GROUP_UPSTREAM, &t->upstream);
		return;
	}
	if (was_given(&t->given, OPTION_ROUTE_upstream) ||
	    d->upstreams.incomplete || d->upstreams.n == 0)
		return;
	if (d->upstreams.n == 1)
		t->out.upstream = 0;
	else
		reader_fault_at(r, t->given.at, "option 'upstream' is missing "
		    "(route): there is more than one");
}

/* The key may be sent to the route's upstream. */
static void
check_key_host(struct reader *r, const struct draft *d,
    const struct draft_route *t, size_t key, const struct word *name)
{
	const struct draft_key *k = draft_key(d, key);
	const struct draft_upstream *u;

	if (t->out.upstream == CONF_NONE ||
	    !k->given.valid[OPTION_KEY_hosts])
		return;
	u = draft_upstream(d, t->out.upstream);
	if (u->url.host == NULL)
		return;
	for (size_t i = 0; i < k->out.hosts.n; i++) {
		if (strcmp(k->out.hosts.v[i], u->url.host) == 0)
			return;
	}
	reader_fault_at(r, name->where, "key '%s' is not sealed for '%s', the "
	    "host of upstream '%s': its 'hosts', at %s:%u, do not name it",
	    name->text, u->url.host, u->name.text != NULL ? u->name.text : "?",
	    k->given.option[OPTION_KEY_hosts].file,
	    k->given.option[OPTION_KEY_hosts].line);
}

static void
resolve_keys(struct reader *r, const struct draft *d, struct draft_route *t)
{
	t->out.keys = arena_alloc(r->memory,
	    t->keys.n * sizeof(*t->out.keys));
	for (size_t i = 0; i < t->keys.n; i++) {
		const struct word *name = &t->keys.v[i];
		size_t key = names_resolve(r, &d->keys, GROUP_KEY, name);

		if (key == CONF_NONE)
			continue;
		check_key_host(r, d, t, key, name);
		for (size_t j = 0; j < t->out.n_keys; j++) {
			if (t->out.keys[j] == key)
				reader_fault_at(r, name->where, "key '%s' is "
				    "listed twice", name->text);
		}
		t->out.keys[t->out.n_keys++] = key;
	}
}

/* The n-th listener of a route; all of them where it names none. */
static const struct draft_listener *
route_listener(const struct draft *d, const struct draft_route *t, size_t i)
{
	return draft_listener(d, t->out.n_listeners != 0 ?
	    t->out.listeners[i] : i);
}

static size_t
route_n_listeners(const struct draft *d, const struct draft_route *t)
{
	return t->out.n_listeners != 0 ? t->out.n_listeners : d->listeners.n;
}

/* A client over TCP is no user and in no group. */
static void
check_who(struct reader *r, const struct draft *d, const struct draft_route *t)
{
	enum option_id id = t->out.users.n != 0 ? OPTION_ROUTE_users :
	    OPTION_ROUTE_groups;

	if (t->broken || (t->out.users.n == 0 && t->out.groups.n == 0))
		return;
	for (size_t i = 0; i < route_n_listeners(d, t); i++) {
		if (route_listener(d, t, i)->out.address.kind != ADDR_INET)
			return;
	}
	reader_fault_at(r, t->given.option[id], "option '%s' can never hold: "
	    "none of the route's listeners is a Unix socket", options[id].name);
}

static bool
accepts_host(const struct draft_listener *l, const char *authority)
{
	size_t n = strlen(authority);

	for (size_t i = 0; i < l->out.hosts.n; i++) {
		const char *have = l->out.hosts.v[i];

		if (strncmp(have, authority, n) == 0 &&
		    (have[n] == '\0' || have[n] == ':'))
			return true;
	}
	return false;
}

static void
check_host(struct reader *r, const struct draft *d,
    const struct draft_route *t)
{
	char *authority;

	if (t->broken || t->out.host == NULL)
		return;
	authority = reader_authority(r, t->out.host, 0);
	for (size_t i = 0; i < route_n_listeners(d, t); i++) {
		if (accepts_host(route_listener(d, t, i), authority))
			return;
	}
	reader_fault_at(r, t->given.option[OPTION_ROUTE_host], "option 'host' "
	    "can never hold: none of the route's listeners accepts '%s', name "
	    "it in their 'hosts'", authority);
}

static void
find_broken(struct draft_route *t)
{
	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (was_given(&t->given, (enum option_id)i) &&
		    !t->given.valid[i])
			t->broken = true;
	}
}

static void
resolve_route(struct reader *r, const struct draft *d, struct draft_route *t)
{
	find_broken(t);
	resolve_listeners(r, d, t);
	resolve_upstream(r, d, t);
	resolve_keys(r, d, t);
	if (t->out.strip && t->out.path == NULL &&
	    !(was_given(&t->given, OPTION_ROUTE_path) && t->broken))
		reader_fault_at(r, t->given.option[OPTION_ROUTE_strip],
		    "option 'strip' needs a 'path' to take off");
}

/* Default hosts. */

static void
add_host(struct reader *r, struct draft_listener *l, const char *host)
{
	struct conf_texts *hosts = &l->out.hosts;
	char **v;

	for (size_t i = 0; i < hosts->n; i++) {
		if (strcmp(hosts->v[i], host) == 0)
			return;
	}
	v = arena_alloc(r->memory, (hosts->n + 1) * sizeof(*v));
	if (hosts->n != 0)
		memcpy(v, hosts->v, hosts->n * sizeof(*v));
	v[hosts->n] = arena_cstr(r->memory, text_of(host));
	*hosts = (struct conf_texts){ .v = v, .n = hosts->n + 1 };
}

static bool
route_uses(const struct draft_route *t, size_t listener)
{
	for (size_t i = 0; i < t->out.n_listeners; i++) {
		if (t->out.listeners[i] == listener)
			return true;
	}
	return t->out.n_listeners == 0;
}

static void
default_hosts(struct reader *r, const struct draft *d, size_t listener)
{
	struct draft_listener *l = draft_listener(d, listener);

	if (was_given(&l->given, OPTION_LISTENER_hosts))
		return;
	add_host(r, l, "localhost");
	add_host(r, l, "127.0.0.1");
	add_host(r, l, "[::1]");
	for (size_t i = 0; i < d->routes.n; i++) {
		const struct draft_route *t = draft_route(d, i);
		const char *host;

		if (!route_uses(t, listener) || t->out.upstream == CONF_NONE)
			continue;
		host = draft_upstream(d, t->out.upstream)->url.host;
		if (host != NULL)
			add_host(r, l, reader_authority(r, host, 0));
	}
}

void
check_routes(struct reader *r, const struct draft *d)
{
	for (size_t i = 0; i < d->routes.n; i++)
		resolve_route(r, d, draft_route(d, i));
	for (size_t i = 0; i < d->listeners.n; i++)
		default_hosts(r, d, i);
	if (d->listeners.incomplete)
		return;
	for (size_t i = 0; i < d->routes.n; i++) {
		check_who(r, d, draft_route(d, i));
		check_host(r, d, draft_route(d, i));
	}
	check_cover(r, d);
}
