/*
 * The checks of routes: their references, whether their conditions can hold;
 * and the hosts that listeners accept because of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/lookup.h"
#include "conf/check.h"
#include "conf/field_rules.h"
#include "conf/names.h"
#include "http/rules.h"

static void
resolve_listeners(struct reader *r, const struct draft *d,
    struct draft_route *t)
{
	const struct words one = { .v = &t->listener, .n = 1 };
	const struct words *names = t->listener.text != NULL ? &one :
	    &t->listeners;

	if (was_given(&t->given, OPTION_ROUTE_listener) &&
	    was_given(&t->given, OPTION_ROUTE_listeners))
		reader_error_at(r, t->given.option[OPTION_ROUTE_listeners],
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
		reader_error_at(r, t->given.at, "option 'upstream' is missing "
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
	reader_error_at(r, name->where, "key '%s' is not sealed for '%s', the "
	    "host of upstream '%s': its 'hosts', at %s:%u, do not name it",
	    name->text, u->url.host, u->name.text != NULL ? u->name.text : "?",
	    k->given.option[OPTION_KEY_hosts].file,
	    k->given.option[OPTION_KEY_hosts].line);
}

/* A client's field is not passed where the key is in the same field. */
static void
check_passed(struct reader *r, const struct draft *d,
    const struct draft_route *t, size_t key)
{
	const char *field = draft_key(d, key)->out.field;

	for (size_t i = 0; field != NULL && i < t->out.pass.n; i++) {
		if (field_names_are_alike(text_of(field),
		    field_name(t->out.pass.v[i])))
			reader_error_at(r, t->given.option[OPTION_ROUTE_pass],
			    "option 'pass': '%s' is the field of key '%s', "
			    "which no client sets",
			    field_rules_name(t->out.pass.v[i]),
			    draft_key(d, key)->name.text);
	}
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
		check_passed(r, d, t, key);
		for (size_t j = 0; j < t->out.n_keys; j++) {
			if (t->out.keys[j] == key)
				reader_error_at(r, name->where, "key '%s' is "
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

/* Some listener of the route is of another kind. */
static bool
has_other_than(const struct draft *d, const struct draft_route *t,
    enum addr_kind kind)
{
	for (size_t i = 0; i < route_n_listeners(d, t); i++) {
		if (route_listener(d, t, i)->out.address.kind != kind)
			return true;
	}
	return false;
}

static bool
asks_for_certificates(const struct draft *d, const struct draft_route *t)
{
	for (size_t i = 0; i < route_n_listeners(d, t); i++) {
		if (route_listener(d, t, i)->tls.client_ca != NULL)
			return true;
	}
	return false;
}

/* A client on a Unix socket has no certificate. */
static void
check_certificate(struct reader *r, const struct draft *d,
    const struct draft_route *t)
{
	struct conf_where at = t->given.option[OPTION_ROUTE_certificate];

	if (t->broken || t->out.certificate.n == 0)
		return;
	if (t->out.users.n != 0 || t->out.groups.n != 0)
		reader_error_at(r, at, "option 'certificate' can never hold "
		    "beside '%s': a client on a Unix socket has none",
		    t->out.users.n != 0 ? "users" : "groups");
	else if (!asks_for_certificates(d, t))
		reader_error_at(r, at, "option 'certificate' can never hold: "
		    "none of the route's listeners has 'tls' with "
		    "'client_ca'");
}

/*
 * A client over TCP has no user and no group, one on a Unix socket no address.
 */
static void
check_who(struct reader *r, const struct draft *d, const struct draft_route *t)
{
	bool of_user = t->out.users.n != 0 || t->out.groups.n != 0;
	enum option_id id = t->out.users.n != 0 ? OPTION_ROUTE_users :
	    OPTION_ROUTE_groups;

	if (t->broken)
		return;
	if (of_user && t->from.n != 0)
		reader_error_at(r, t->given.option[OPTION_ROUTE_from],
		    "option 'from' can never hold beside '%s': a client on a "
		    "Unix socket has no address, and of others the user is "
		    "not known", options[id].name);
	else if (of_user && !has_other_than(d, t, ADDR_INET))
		reader_error_at(r, t->given.option[id], "option '%s' can never "
		    "hold: none of the route's listeners is a Unix socket",
		    options[id].name);
	else if (t->from.n != 0 && !has_other_than(d, t, ADDR_UNIX))
		reader_error_at(r, t->given.option[OPTION_ROUTE_from],
		    "option 'from' can never hold: all of the route's "
		    "listeners are Unix sockets");
}

static bool
accepts_host(const struct draft_listener *l, const char *authority)
{
	size_t n = strlen(authority);

	if (l->out.any_host && l->out.address.kind == ADDR_UNIX)
		return true;
	for (size_t i = 0; i < l->out.hosts.n; i++) {
		const char *have = l->out.hosts.v[i];

		if (strncmp(have, authority, n) == 0 &&
		    (have[n] == '\0' || have[n] == ':'))
			return true;
		if (cidr_text_has(have, text_of(authority)))
			return true;
	}
	return false;
}

static void
check_host(struct reader *r, const struct draft *d,
    const struct draft_route *t)
{
	bool may_be_unix = false;
	struct conf_where at;
	char *authority;

	if (t->broken || t->out.host == NULL)
		return;
	authority = reader_authority(r, t->out.host, 0);
	for (size_t i = 0; i < route_n_listeners(d, t); i++) {
		const struct draft_listener *l = route_listener(d, t, i);

		if (accepts_host(l, authority))
			return;
		may_be_unix = may_be_unix || l->out.any_host;
	}
	if (may_be_unix) {
		at = t->given.option[OPTION_ROUTE_host];
		conf_warning(r->diagnostics, at.file, at.line, "option 'host' "
		    "can hold on a Unix socket only, if systemd passes one in: "
		    "none of the route's listeners accepts '%s' otherwise",
		    authority);
		return;
	}
	reader_error_at(r, t->given.option[OPTION_ROUTE_host], "option 'host' "
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

/* In other programs a star means anything. */
static void
warn_of_star(struct reader *r, const struct draft_route *t)
{
	struct conf_where at = t->given.option[OPTION_ROUTE_path];

	if (t->out.path != NULL && text_ends_with(text_of(t->out.path),
	    TEXT("/*")))
		conf_warning(r->diagnostics, at.file, at.line, "option 'path': "
		    "the '*' stands for itself; without it '%.*s' holds for "
		    "all below it", (int)strlen(t->out.path) - 1, t->out.path);
}

static void
check_burst(struct reader *r, const struct draft_route *t,
    enum option_id burst, enum option_id rate)
{
	if (was_given(&t->given, burst) && !was_given(&t->given, rate))
		reader_error_at(r, t->given.option[burst], "option '%s' needs "
		    "a '%s' to which it belongs", options[burst].name,
		    options[rate].name);
}

static bool
has_limit(const struct conf_quota *q)
{
	return q->rate.count != 0 || q->concurrency != 0;
}

static void
resolve_route(struct reader *r, const struct draft *d, struct draft_route *t)
{
	t->out.limited = has_limit(&t->out.quota) ||
	    has_limit(&t->out.client_quota);
	find_broken(t);
	warn_of_star(r, t);
	check_burst(r, t, OPTION_ROUTE_burst, OPTION_ROUTE_rate);
	check_burst(r, t, OPTION_ROUTE_client_burst,
	    OPTION_ROUTE_client_rate);
	resolve_listeners(r, d, t);
	resolve_upstream(r, d, t);
	resolve_keys(r, d, t);
	if (t->out.strip && t->out.path == NULL &&
	    !(was_given(&t->given, OPTION_ROUTE_path) && t->broken))
		reader_error_at(r, t->given.option[OPTION_ROUTE_strip],
		    "option 'strip' needs a 'path' to take off");
}

/* Default hosts. */

/* The routes of each listener that they name, in their order. */
struct routes_of {
	size_t *begin;		/* of each listener, and the end of the last */
	const struct draft_route **v;
};

static void
find_routes_of(const struct draft *d, struct routes_of *all)
{
	size_t *at;

	all->begin = xcalloc(d->listeners.n + 2, sizeof(*all->begin));
	for (size_t i = 0; i < d->routes.n; i++) {
		const struct conf_route *t = &draft_route(d, i)->out;

		for (size_t j = 0; j < t->n_listeners; j++)
			all->begin[t->listeners[j] + 2]++;
	}
	at = all->begin + 1;
	for (size_t i = 1; i <= d->listeners.n; i++)
		at[i] += at[i - 1];
	all->v = xcalloc(at[d->listeners.n] + 1, sizeof(*all->v));
	for (size_t i = 0; i < d->routes.n; i++) {
		const struct draft_route *t = draft_route(d, i);

		for (size_t j = 0; j < t->out.n_listeners; j++)
			all->v[at[t->out.listeners[j]]++] = t;
	}
}

/* A list of different texts. */
struct hosts {
	struct reader *r;
	struct lookup seen;
	char **v;
	size_t n, cap;
};

static void
add_host(struct hosts *h, const char *host)
{
	char *copy;

	if (lookup_find(&h->seen, host) != LOOKUP_NONE)
		return;
	copy = arena_cstr(h->r->memory, text_of(host));
	(void)lookup_add(&h->seen, copy, h->n);
	if (h->n == h->cap) {
		h->cap = h->cap != 0 ? h->cap * 2 : 8;
		h->v = xreallocarray(h->v, h->cap, sizeof(*h->v));
	}
	h->v[h->n++] = copy;
}

/* Adds the host of the route's upstream. */
static void
add_route_host(struct hosts *h, const struct draft *d,
    const struct draft_route *t)
{
	const char *host;

	if (t->out.upstream == CONF_NONE)
		return;
	host = draft_upstream(d, t->out.upstream)->url.host;
	if (host != NULL)
		add_host(h, reader_authority(h->r, host, 0));
}

static void
free_hosts(struct hosts *h)
{
	lookup_free(&h->seen);
	free(h->v);
}

static struct conf_texts
keep_hosts(const struct hosts *h)
{
	struct conf_texts kept = {
		.v = arena_alloc(h->r->memory, h->n * sizeof(*h->v)),
		.n = h->n,
	};

	if (h->n != 0)
		memcpy(kept.v, h->v, h->n * sizeof(*h->v));
	return kept;
}

static void
add_hosts(struct hosts *h, const struct hosts *more)
{
	for (size_t i = 0; i < more->n; i++)
		add_host(h, more->v[i]);
}

/*
 * For listeners without hosts; common has those of routes that name no
 * listener.
 */
static void
default_hosts(struct reader *r, struct draft_listener *l,
    const struct draft *d, const struct hosts *common,
    const struct draft_route *const *own, size_t n_own)
{
	struct hosts upstreams = { .r = r }, h = { .r = r };

	add_hosts(&upstreams, common);
	for (size_t i = 0; i < n_own; i++)
		add_route_host(&upstreams, d, own[i]);
	add_host(&h, "localhost");
	add_host(&h, "127.0.0.1");
	add_host(&h, "[::1]");
	add_hosts(&h, &upstreams);
	l->out.hosts = keep_hosts(&h);
	l->out.any_host = l->out.address.kind != ADDR_INET;
	if (l->out.any_host)
		l->out.upstream_hosts = keep_hosts(&upstreams);
	free_hosts(&upstreams);
	free_hosts(&h);
}

static void
set_default_hosts(struct reader *r, const struct draft *d)
{
	struct hosts common = { .r = r };
	struct routes_of all;

	find_routes_of(d, &all);
	for (size_t i = 0; i < d->routes.n; i++) {
		if (draft_route(d, i)->out.n_listeners == 0)
			add_route_host(&common, d, draft_route(d, i));
	}
	for (size_t i = 0; i < d->listeners.n; i++) {
		struct draft_listener *l = draft_listener(d, i);

		if (!was_given(&l->given, OPTION_LISTENER_hosts))
			default_hosts(r, l, d, &common,
			    all.v + all.begin[i],
			    all.begin[i + 1] - all.begin[i]);
	}
	free_hosts(&common);
	free(all.begin);
	free(all.v);
}

void
check_routes(struct reader *r, const struct draft *d)
{
	for (size_t i = 0; i < d->routes.n; i++)
		resolve_route(r, d, draft_route(d, i));
	set_default_hosts(r, d);
	if (d->listeners.incomplete)
		return;
	for (size_t i = 0; i < d->routes.n; i++) {
		check_who(r, d, draft_route(d, i));
		check_certificate(r, d, draft_route(d, i));
		check_host(r, d, draft_route(d, i));
	}
	check_cover(r, d);
}
