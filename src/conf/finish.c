/*
 * A draft without errors to a struct conf; and the end of one.
 */
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/lookup.h"
#include "conf/check.h"
#include "conf/memory.h"

static struct conf_listener *
finish_listeners(struct reader *r, const struct list *list)
{
	struct conf_listener *out = arena_zalloc(r->memory,
	    list->n * sizeof(*out));

	for (size_t i = 0; i < list->n; i++) {
		struct draft_listener *l =
		    (struct draft_listener *)list->v + i;

		out[i] = l->out;
		out[i].where = l->given.at;
		out[i].name = l->name.text;
		out[i].from = l->from.v;
		out[i].n_from = l->from.n;
		out[i].from_proxies = l->from_proxies.v;
		out[i].n_from_proxies = l->from_proxies.n;
		l->out.tls.certificate_key = NULL;
	}
	return out;
}

static void
finish_upstreams(struct reader *r, struct draft *d, struct conf *c)
{
	c->n_upstreams = d->upstreams.n;
	c->upstreams = arena_zalloc(r->memory,
	    c->n_upstreams * sizeof(*c->upstreams));
	for (size_t i = 0; i < c->n_upstreams; i++) {
		struct draft_upstream *u = draft_upstream(d, i);
		struct conf_upstream *out = &c->upstreams[i];

		*out = u->out;
		out->where = u->given.at;
		out->name = u->name.text;
		out->url = u->url.text;
		out->host = u->url.host;
		out->port = u->url.port;
		out->authority = u->url.authority;
		out->connect_host = u->connect_to.host;
		out->connect_port = u->connect_to.port;
		out->proxy.url = u->proxy.text;
		out->proxy.host = u->proxy.host;
		out->proxy.port = u->proxy.port;
		out->proxy.tls = u->proxy.tls;
		out->pins = u->pins.v;
		out->n_pins = u->pins.n;
		if (out->probe_path == NULL)
			out->probe_path = c->expiry.probe_path;
		u->out.certificate_key = NULL;
	}
}

static void
finish_keys(struct reader *r, struct draft *d, struct conf *c)
{
	c->n_keys = d->keys.n;
	c->keys = arena_zalloc(r->memory, c->n_keys * sizeof(*c->keys));
	for (size_t i = 0; i < c->n_keys; i++) {
		struct draft_key *k = draft_key(d, i);

		c->keys[i] = k->out;
		c->keys[i].where = k->given.at;
		c->keys[i].name = k->name.text;
		k->out.value = NULL;
	}
}

/* The clients of sealed files, with room for the bare words of routes. */
static void
finish_clients(struct reader *r, const struct draft *d, struct conf *c)
{
	c->clients = arena_zalloc(r->memory,
	    (d->clients.n + d->routes.n) * sizeof(*c->clients));
	for (size_t i = 0; i < d->clients.n; i++) {
		const struct draft_client *in = draft_client(d, i);

		c->clients[i] = (struct conf_client){
			.where = in->given.at, .name = in->name.text };
		memcpy(c->clients[i].sha256, in->sha256.sha256, 32);
	}
	c->n_clients = d->clients.n;
}

/* The client of a sealed file, or the bare word. */
static size_t
find_client(struct conf *c, struct lookup *names, const struct word *name)
{
	size_t i = lookup_add(names, name->text, c->n_clients);

	if (i != LOOKUP_NONE)
		return i;
	c->clients[c->n_clients] = (struct conf_client){
		.where = name->where, .name = name->text, .bare = true };
	return c->n_clients++;
}

static void
finish_routes(struct reader *r, const struct draft *d, struct conf *c)
{
	struct lookup clients = { .n = 0 };

	for (size_t i = 0; i < c->n_clients; i++)
		(void)lookup_add(&clients, c->clients[i].name, i);
	c->n_routes = d->routes.n;
	c->routes = arena_zalloc(r->memory, c->n_routes * sizeof(*c->routes));
	for (size_t i = 0; i < c->n_routes; i++) {
		const struct draft_route *t = draft_route(d, i);

		c->routes[i] = t->out;
		c->routes[i].where = t->given.at;
		c->routes[i].name = t->name.text;
		c->routes[i].from = t->from.v;
		c->routes[i].n_from = t->from.n;
		if (t->client_key.text != NULL)
			c->routes[i].client = find_client(c, &clients,
			    &t->client_key);
	}
	lookup_free(&clients);
}

/* What the routes of a listener say of certificates. */
static struct conf_texts
collect_rules(struct reader *r, const struct conf *c, size_t listener)
{
	struct lookup seen = { .n = 0 };
	struct conf_texts all = { .n = 0 };
	size_t most = 0;

	for (size_t i = 0; i < c->n_routes; i++)
		most += c->routes[i].certificate.n;
	all.v = arena_alloc(r->memory, most * sizeof(*all.v));
	for (size_t i = 0; i < c->n_routes; i++) {
		const struct conf_texts *rules = &c->routes[i].certificate;

		if (!conf_route_is_on(&c->routes[i], listener))
			continue;
		for (size_t j = 0; j < rules->n; j++) {
			if (lookup_add(&seen, rules->v[j], all.n) ==
			    LOOKUP_NONE)
				all.v[all.n++] = rules->v[j];
		}
	}
	lookup_free(&seen);
	return all;
}

static void
finish_rules(struct reader *r, struct conf *c)
{
	for (size_t i = 0; i < c->n_listeners; i++) {
		struct conf_listener *l = &c->listeners[i];

		if (l->tls.client_ca.p != NULL)
			l->certificate_rules = collect_rules(r, c, i);
	}
}

static void
finish_sealed(struct reader *r, const struct draft *d, struct conf *c)
{
	c->sealed.n = d->sealed.n;
	c->sealed.v = arena_alloc(r->memory,
	    d->sealed.n * sizeof(*c->sealed.v));
	for (size_t i = 0; i < d->sealed.n; i++)
		c->sealed.v[i] = d->sealed.v[i].text;
}

/* The CPUs this process may use. */
static uint32_t
count_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1;
	return (uint32_t)CPU_COUNT(&set);
}

struct conf *
draft_finish(struct reader *r, struct draft *d)
{
	struct conf *c = xcalloc(1, sizeof(*c));

	*c = d->out;
	c->locking_where = d->given.option[OPTION_CONF_memory];
	c->state_dir_where = d->given.option[OPTION_CONF_state_dir];
	c->sandbox_where = d->given.option[OPTION_CONF_sandbox];
	c->log_where = d->given.option[OPTION_LOG_access];
	if (c->workers == 0)
		c->workers = count_cpus();
	finish_sealed(r, d, c);
	c->n_listeners = d->listeners.n;
	c->listeners = finish_listeners(r, &d->listeners);
	c->n_admin = d->admin.n;
	c->admin = finish_listeners(r, &d->admin);
	finish_upstreams(r, d, c);
	finish_keys(r, d, c);
	finish_clients(r, d, c);
	finish_routes(r, d, c);
	finish_rules(r, c);
	return c;
}

void
conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n_keys; i++)
		secret_free(c->keys[i].value);
	for (size_t i = 0; i < c->n_upstreams; i++)
		secret_free(c->upstreams[i].certificate_key);
	for (size_t i = 0; i < c->n_listeners; i++)
		secret_free(c->listeners[i].tls.certificate_key);
	conf_memory_free(c->memory);
	free(c);
}
