/*
 * A configuration as it was written: the parser makes it of the files, and the
 * checks complete it.  References are still names, and every option knows where
 * it was given.  draft_finish() makes a struct conf of it.
 */
#ifndef CONF_DRAFT_H
#define CONF_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/lookup.h"
#include "conf/conf.h"
#include "conf/options.h"

/*
 * Where an object and each of its options were written (line 0: not), and
 * which of them could be read.
 */
struct given {
	struct conf_where at;
	struct conf_where option[N_OPTIONS];
	bool valid[N_OPTIONS];
};

/* A text and the place where it was written; .text NULL: it was not. */
struct word {
	char *text;
	struct conf_where where;
};

struct words {
	struct word *v;
	size_t n;
};

/*
 * An array of the objects of a group, or of plain values.  incomplete: some
 * could not be read, so a missing one may only be unreadable.
 */
struct list {
	void *v;
	size_t n, cap;
	bool incomplete;
	struct lookup names;	/* while a draft is checked */
};

struct url {
	char *text;		/* as written */
	char *host;		/* lower case, IPv6 without [] */
	char *authority;	/* as in Host */
	uint16_t port;
	bool tls;		/* of a proxy, whose scheme is a choice */
};

struct host_port {
	char *host;
	uint16_t port;
};

/* The beginning of every object of a list. */
struct draft_object {
	struct given given;
	struct word name;
};

struct draft_tls {
	char *certificate, *certificate_key, *client_ca, *client_crl;
	bool required, watch;
};

struct draft_listener {
	struct given given;
	struct word name;
	struct conf_listener out;
	struct draft_tls tls;
	struct list from, from_proxies;	/* of struct cidr */
};

struct draft_upstream {
	struct given given;
	struct word name;
	struct conf_upstream out;
	struct url url;
	char *ca_file, *crl_file, *certificate, *certificate_key;
	struct host_port connect_to;
	struct url proxy;
	char *proxy_ca_file;
	struct word proxy_key;
	struct list pins;		/* of struct conf_pin */
};

struct draft_route {
	struct given given;
	struct word name;
	struct conf_route out;
	struct word listener;
	struct words listeners;
	struct word client_key;
	struct word upstream;
	struct words keys;
	struct list from;		/* of struct cidr */
	bool broken;			/* its conditions are not known */
};

struct draft_key {
	struct given given;
	struct word name;
	struct conf_key out;
};

struct draft_client {
	struct given given;
	struct word name;
	struct conf_client out;
	struct conf_pin sha256;
};

struct draft {
	struct given given;
	struct conf out;
	struct words sealed;
	struct word user, group;
	struct list listeners, upstreams, routes, keys, clients;
	struct list admin;		/* of struct draft_listener */
};

/* The i-th object of a list of such objects. */
static inline struct draft_object *
draft_object(const struct list *list, enum group_id group, size_t i)
{
	return (struct draft_object *)(void *)((uint8_t *)list->v +
	    i * option_groups[group].size);
}

static inline struct draft_listener *
draft_listener(const struct draft *d, size_t i)
{
	return (struct draft_listener *)d->listeners.v + i;
}

static inline struct draft_listener *
draft_admin(const struct draft *d, size_t i)
{
	return (struct draft_listener *)d->admin.v + i;
}

/* Those of clients and then those of the admin process, all in a row. */
static inline size_t
draft_n_sockets(const struct draft *d)
{
	return d->listeners.n + d->admin.n;
}

static inline struct draft_listener *
draft_socket(const struct draft *d, size_t i)
{
	return i < d->listeners.n ? draft_listener(d, i) :
	    draft_admin(d, i - d->listeners.n);
}

static inline struct draft_upstream *
draft_upstream(const struct draft *d, size_t i)
{
	return (struct draft_upstream *)d->upstreams.v + i;
}

static inline struct draft_route *
draft_route(const struct draft *d, size_t i)
{
	return (struct draft_route *)d->routes.v + i;
}

static inline struct draft_key *
draft_key(const struct draft *d, size_t i)
{
	return (struct draft_key *)d->keys.v + i;
}

static inline struct draft_client *
draft_client(const struct draft *d, size_t i)
{
	return (struct draft_client *)d->clients.v + i;
}

static inline bool
was_given(const struct given *g, enum option_id id)
{
	return g->option[id].line != 0;
}

#endif
