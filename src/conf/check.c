/*
 * The checks of a draft, in the order in which they depend on each other;
 * see check.h.  A thing that could not be read was reported already: nothing
 * that follows from it is.
 */
#include "conf/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/nearest.h"
#include "conf/essu.h"
#include "conf/set.h"
#include "conf/source.h"

static void
fault_at(struct reader *r, struct conf_where where, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
fault_at(struct reader *r, struct conf_where where, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		alloc_failed();
	va_end(ap);
	conf_fault(r->faults, where.file, where.line, "%s", text);
	free(text);
}

/* Names. */

static struct conf_where
name_where(const struct draft_object *o)
{
	return o->name.where.line != 0 ? o->name.where : o->given.at;
}

/* What stands in for a name that was left out. */
static void
name_listener(struct reader *r, struct draft_listener *l)
{
	char text[ADDR_TEXT];

	if (!l->given.valid[OPTION_LISTENER_address])
		return;
	addr_format(&l->out.address, text);
	l->out.address_text = arena_cstr(r->memory, text_of(text));
	if (!was_given(&l->given, OPTION_LISTENER_name))
		l->name.text = l->out.address_text;
}

static void
name_upstream(struct draft_upstream *u)
{
	if (!was_given(&u->given, OPTION_UPSTREAM_name))
		u->name.text = u->url.host;
}

static const struct draft_object *
find_first(const struct list *list, enum group_id group, size_t before,
    const char *name)
{
	for (size_t i = 0; i < before; i++) {
		const struct draft_object *o = draft_object(list, group, i);

		if (o->name.text != NULL && strcmp(o->name.text, name) == 0)
			return o;
	}
	return NULL;
}

static void
check_names(struct reader *r, struct list *list, enum group_id group)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct draft_object *o = draft_object(list, group, i);
		const struct draft_object *first;

		if (o->name.text == NULL) {
			list->incomplete = true;
			continue;
		}
		first = find_first(list, group, i, o->name.text);
		if (first != NULL)
			fault_at(r, name_where(o), "there is a %s '%s' "
			    "already, at %s:%u", option_groups[group].title,
			    o->name.text, name_where(first).file,
			    name_where(first).line);
	}
}

static void
check_all_names(struct reader *r, struct draft *d)
{
	for (size_t i = 0; i < d->listeners.n; i++)
		name_listener(r, draft_listener(d, i));
	for (size_t i = 0; i < d->upstreams.n; i++)
		name_upstream(draft_upstream(d, i));
	check_names(r, &d->listeners, GROUP_LISTENER);
	check_names(r, &d->upstreams, GROUP_UPSTREAM);
	check_names(r, &d->routes, GROUP_ROUTE);
	check_names(r, &d->keys, GROUP_KEY);
	check_names(r, &d->clients, GROUP_CLIENT);
}

/* The index a name refers to; CONF_NONE after a fault, or where one was. */
static size_t
resolve(struct reader *r, const struct list *list, enum group_id group,
    const struct word *name)
{
	struct nearest near;

	nearest_start(&near, name->text);
	for (size_t i = 0; i < list->n; i++) {
		const char *have = draft_object(list, group, i)->name.text;

		if (have == NULL)
			continue;
		if (strcmp(have, name->text) == 0)
			return i;
		nearest_offer(&near, have);
	}
	if (list->incomplete)
		return CONF_NONE;
	if (near.best != NULL)
		fault_at(r, name->where, "there is no %s '%.100s' (did you "
		    "mean '%s'?)", option_groups[group].title, name->text,
		    near.best);
	else
		fault_at(r, name->where, "there is no %s '%.100s'",
		    option_groups[group].title, name->text);
	return CONF_NONE;
}

/* The top level. */

static void
check_process(struct reader *r, struct draft *d)
{
	if (d->user.text != NULL) {
		d->out.user = d->user.text;
		if (!set_find_user(d->user.text, &d->out.uid, &d->out.gid))
			fault_at(r, d->user.where, "option 'user': "
			    "\"%.100s\": there is no such user",
			    d->user.text);
	}
	if (d->group.text != NULL &&
	    !set_find_group(d->group.text, &d->out.gid))
		fault_at(r, d->group.where, "option 'group': \"%.100s\": "
		    "there is no such group", d->group.text);
}

static void
check_limits(struct reader *r, const struct draft *d)
{
	if (d->out.limits.target > d->out.limits.head)
		fault_at(r, was_given(&d->given, OPTION_LIMITS_target) ?
		    d->given.option[OPTION_LIMITS_target] :
		    d->given.option[OPTION_LIMITS_head],
		    "option 'target' must not be larger than 'head': "
		    "the target is part of the head");
}

/* Listeners. */

/* Options that mean nothing on a socket of this kind. */
static void
check_kind(struct reader *r, const struct draft_listener *l,
    const enum option_id *ids, size_t n, const char *needs)
{
	for (size_t i = 0; i < n; i++) {
		if (was_given(&l->given, ids[i]))
			fault_at(r, l->given.option[ids[i]],
			    "option '%s' needs %s", options[ids[i]].name,
			    needs);
	}
}

static void
check_listener(struct reader *r, const struct draft_listener *l)
{
	static const enum option_id of_unix[] = { OPTION_LISTENER_users,
		OPTION_LISTENER_groups };
	static const enum option_id of_path[] = { OPTION_LISTENER_mode,
		OPTION_LISTENER_owner, OPTION_LISTENER_group };
	static const enum option_id of_inet[] = { OPTION_LISTENER_from };

	if (!l->given.valid[OPTION_LISTENER_address])
		return;
	if (!addr_is_loopback(&l->out.address) && !l->out.nonlocal)
		fault_at(r, l->given.option[OPTION_LISTENER_address],
		    "option 'address': other machines can reach %s: say "
		    "'nonlocal = true' if that is meant",
		    l->out.address_text);
	if (l->out.address.kind == ADDR_INET)
		check_kind(r, l, of_unix, 2, "a Unix socket: who connects "
		    "over TCP is not known");
	if (l->out.address.kind != ADDR_UNIX)
		check_kind(r, l, of_path, 3, "a Unix socket of our own");
	else
		check_kind(r, l, of_inet, 1, "a listener on TCP");
	if (was_given(&l->given, OPTION_LISTENER_group) &&
	    (l->out.mode & 060) == 0)
		conf_warning(r->faults,
		    l->given.option[OPTION_LISTENER_group].file,
		    l->given.option[OPTION_LISTENER_group].line,
		    "option 'group' has no effect: 'mode' gives the group "
		    "no right to connect (\"0660\" would)");
}

/* Port 0 is another one each time. */
static bool
same_address(const struct draft_listener *a, const struct draft_listener *b)
{
	if (a->out.address_text == NULL || b->out.address_text == NULL ||
	    (a->out.address.kind == ADDR_INET &&
	    addr_port(&a->out.address) == 0))
		return false;
	return strcmp(a->out.address_text, b->out.address_text) == 0;
}

static void
check_listeners(struct reader *r, const struct draft *d)
{
	for (size_t i = 0; i < d->listeners.n; i++) {
		const struct draft_listener *l = draft_listener(d, i);
		struct conf_where at;

		check_listener(r, l);
		for (size_t j = 0; j < i; j++) {
			const struct draft_listener *first =
			    draft_listener(d, j);

			if (!same_address(first, l))
				continue;
			at = first->given.option[OPTION_LISTENER_address];
			fault_at(r, l->given.option[OPTION_LISTENER_address],
			    "option 'address': %s is taken by another "
			    "listener, at %s:%u", l->out.address_text,
			    at.file, at.line);
			break;
		}
	}
}

/* Upstreams. */

static void
check_ca_file(struct reader *r, const struct draft_upstream *u)
{
	struct source s;
	const char *why;

	if (u->out.ca_file == NULL)
		return;
	why = source_read(&s, u->out.ca_file, SOURCE_REGULAR);
	if (why == NULL &&
	    !text_contains(s.text, TEXT("-----BEGIN CERTIFICATE-----")) &&
	    !text_contains(s.text,
	    TEXT("-----BEGIN TRUSTED CERTIFICATE-----")))
		why = "holds no certificate in PEM form";
	if (why != NULL)
		fault_at(r, u->given.option[OPTION_UPSTREAM_ca_file],
		    "option 'ca_file': %s: %s", u->out.ca_file, why);
	source_free(&s);
}

static void
check_upstreams(struct reader *r, const struct draft *d)
{
	for (size_t i = 0; i < d->upstreams.n; i++) {
		struct draft_upstream *u = draft_upstream(d, i);

		check_ca_file(r, u);
		if (u->connect_to.host == NULL)
			u->connect_to = (struct host_port){
				.host = u->url.host, .port = u->url.port };
	}
}

/* Keys. */

static void
check_key(struct reader *r, const struct draft_key *k)
{
	struct conf_where at = k->given.option[OPTION_KEY_value];

	if (k->out.value != NULL && k->name.text != NULL &&
	    !essu_is_plausible(k->out.value))
		conf_warning(r->faults, at.file, at.line, "key '%s' looks "
		    "mistyped: the check sum inside it does not match",
		    k->name.text);
	if (k->out.expires != CONF_NO_TIME && k->name.text != NULL &&
	    k->out.expires <= clock_wall() / NS_PER_S) {
		at = k->given.option[OPTION_KEY_expires];
		conf_warning(r->faults, at.file, at.line,
		    "key '%s' has expired", k->name.text);
	}
}

static void
check_keys(struct reader *r, const struct draft *d)
{
	for (size_t i = 0; i < d->keys.n; i++)
		check_key(r, draft_key(d, i));
}

/* Routes. */

static void
resolve_listeners(struct reader *r, const struct draft *d,
    struct draft_route *t)
{
	const struct words one = { .v = &t->listener, .n = 1 };
	const struct words *names = t->listener.text != NULL ? &one :
	    &t->listeners;

	if (was_given(&t->given, OPTION_ROUTE_listener) &&
	    was_given(&t->given, OPTION_ROUTE_listeners))
		fault_at(r, t->given.option[OPTION_ROUTE_listeners],
		    "give either 'listener' or 'listeners'");
	t->out.listeners = arena_alloc(r->memory,
	    names->n * sizeof(*t->out.listeners));
	for (size_t i = 0; i < names->n; i++) {
		size_t l = resolve(r, &d->listeners, GROUP_LISTENER,
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
		t->out.upstream = resolve(r, &d->upstreams, GROUP_UPSTREAM,
		    &t->upstream);
		return;
	}
	if (was_given(&t->given, OPTION_ROUTE_upstream) ||
	    d->upstreams.incomplete || d->upstreams.n == 0)
		return;
	if (d->upstreams.n == 1)
		t->out.upstream = 0;
	else
		fault_at(r, t->given.at, "option 'upstream' is missing "
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
	fault_at(r, name->where, "key '%s' is not sealed for '%s', the host "
	    "of upstream '%s': its 'hosts', at %s:%u, do not name it",
	    name->text, u->url.host, u->name.text != NULL ? u->name.text : "",
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
		size_t key = resolve(r, &d->keys, GROUP_KEY, name);

		if (key == CONF_NONE)
			continue;
		check_key_host(r, d, t, key, name);
		for (size_t j = 0; j < t->out.n_keys; j++) {
			if (t->out.keys[j] == key)
				fault_at(r, name->where, "key '%s' is listed "
				    "twice", name->text);
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
	fault_at(r, t->given.option[id], "option '%s' can never hold: none "
	    "of the route's listeners is a Unix socket", options[id].name);
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
	fault_at(r, t->given.option[OPTION_ROUTE_host], "option 'host' can "
	    "never hold: none of the route's listeners accepts '%s', name it "
	    "in their 'hosts'", authority);
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
		fault_at(r, t->given.option[OPTION_ROUTE_strip],
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

static void
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

void
check_draft(struct reader *r, struct draft *d)
{
	check_process(r, d);
	check_limits(r, d);
	check_all_names(r, d);
	check_listeners(r, d);
	check_upstreams(r, d);
	check_keys(r, d);
	check_routes(r, d);
}
