/*
 * Who may use a route; see route_clients.h.
 */
#include "pages/route_clients.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "conf/accounts.h"

/* The conditions about who it is, of a route or of a listener. */
struct who {
	const struct conf_ids *users, *groups;
	const struct conf_texts *certificate;
	const struct cidr *from;
	size_t n_from;
};

/* Takes over the text. */
static void
add(struct route_clients *c, char *text)
{
	if (c->n < ROUTE_CLIENTS) {
		c->v[c->n++] = text;
		return;
	}
	c->more++;
	free(text);
}

/* Names are not looked for that nobody is told. */
static void
add_ids(struct route_clients *c, const struct conf_ids *ids,
    const char *kind, char *(*name)(uint32_t))
{
	for (size_t i = 0; i < ids->n; i++) {
		char *its;

		if (c->n == ROUTE_CLIENTS) {
			c->more += ids->n - i;
			return;
		}
		its = name(ids->v[i]);
		add(c, xasprintf("%s %s", kind, its));
		free(its);
	}
}

static void
add_who(struct route_clients *c, const struct who *who)
{
	char text[CIDR_TEXT];

	add_ids(c, who->users, "user", account_name_user);
	add_ids(c, who->groups, "group", account_name_group);
	for (size_t i = 0; i < who->certificate->n; i++)
		add(c, xasprintf("certificate %s", who->certificate->v[i]));
	for (size_t i = 0; i < who->n_from; i++) {
		cidr_format(&who->from[i], text);
		add(c, xstrdup(text));
	}
}

static void
add_listener(struct route_clients *c, const struct conf_listener *l)
{
	size_t before = c->n + c->more;

	add_who(c, &(struct who){
		.users = &l->users, .groups = &l->groups,
		.certificate = &l->certificate,
		.from = l->from, .n_from = l->n_from,
	});
	if (c->n + c->more == before)
		add(c, xasprintf("anybody at listener %s", l->name));
}

/* Its own conditions leave it open: who gets in decides. */
static void
add_listeners(struct route_clients *c, const struct conf *conf,
    const struct conf_route *t)
{
	for (size_t i = 0; i < conf->n_listeners; i++) {
		if (conf_route_is_on(t, i))
			add_listener(c, &conf->listeners[i]);
	}
}

void
route_clients_find(struct route_clients *c, const struct conf *conf,
    const struct conf_route *t)
{
	*c = (struct route_clients){ .n = 0 };
	if (t->client < conf->n_clients)
		add(c, xasprintf("client_key %s",
		    conf->clients[t->client].name));
	add_who(c, &(struct who){
		.users = &t->users, .groups = &t->groups,
		.certificate = &t->certificate,
		.from = t->from, .n_from = t->n_from,
	});
	if (c->n == 0)
		add_listeners(c, conf, t);
	if (c->more > 0)
		c->v[c->n++] = xasprintf("%zu more", c->more);
}

void
route_clients_release(struct route_clients *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i]);
	c->n = 0;
}
