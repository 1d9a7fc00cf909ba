/*
 * A brief as bytes and back; see admin_brief.h.  Each put_ has its get_ beside
 * it, with the same members in the same order.
 */
#include "pages/admin_brief.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "conf/memory.h"
#include "conf/source.h"
#include "pages/packed.h"
#include "pages/route_clients.h"
#include "stats/counts.h"

/* Of a configuration with many thousand routes. */
#define BRIEF_MOST	((size_t)64 * 1024 * 1024)

/* -- lists -- */

static void
put_texts(struct buf *b, const struct conf_texts *t)
{
	pack_u64(b, t->n);
	for (size_t i = 0; i < t->n; i++)
		pack_str(b, t->v[i]);
}

static void
get_texts(struct unpacking *u, struct conf_texts *t)
{
	t->n = unpack_count(u, sizeof(uint64_t));
	t->v = arena_alloc(u->arena, t->n * sizeof(*t->v));
	for (size_t i = 0; i < t->n; i++) {
		t->v[i] = unpack_str(u);
		u->bad |= t->v[i] == NULL;
	}
}

/* A file, for commands that people type in another folder. */
static void
put_path(struct buf *b, const char *path)
{
	char *all = strcmp(path, SOURCE_STANDARD) == 0 ?
	    xstrdup(path) : file_absolute(path);

	pack_str(b, all);
	free(all);
}

/* Plain elements, of which each is as large here as there. */
static void
put_array(struct buf *b, const void *v, size_t n, size_t size)
{
	pack_u64(b, n);
	pack_bytes(b, v, n * size);
}

static void *
get_array(struct unpacking *u, size_t *n, size_t size)
{
	void *v;

	*n = unpack_count(u, size);
	v = arena_alloc(u->arena, *n * size);
	unpack_bytes(u, v, *n * size);
	return v;
}

/* -- listeners -- */

static void
put_listener(struct buf *b, const struct conf_listener *l)
{
	pack_str(b, l->name);
	pack_bytes(b, &l->address, sizeof(l->address));
	pack_str(b, l->address_text);
	put_texts(b, &l->hosts);
	put_texts(b, &l->upstream_hosts);
	pack_u64(b, l->any_host);
	put_array(b, l->users.v, l->users.n, sizeof(*l->users.v));
	put_array(b, l->groups.v, l->groups.n, sizeof(*l->groups.v));
	put_array(b, l->from, l->n_from, sizeof(*l->from));
	pack_u64(b, l->clients);
	pack_u64(b, l->tls.certificate.p != NULL);
}

static void
get_listener(struct unpacking *u, struct conf_listener *l)
{
	l->name = unpack_str(u);
	unpack_bytes(u, &l->address, sizeof(l->address));
	l->address_text = unpack_str(u);
	get_texts(u, &l->hosts);
	get_texts(u, &l->upstream_hosts);
	l->any_host = unpack_u64(u) != 0;
	l->users.v = get_array(u, &l->users.n, sizeof(*l->users.v));
	l->groups.v = get_array(u, &l->groups.n, sizeof(*l->groups.v));
	l->from = get_array(u, &l->n_from, sizeof(*l->from));
	l->clients = (uint32_t)unpack_u64(u);
	/* It is known that there is one, and that is all. */
	if (unpack_u64(u) != 0)
		l->tls.certificate = TEXT("");
	u->bad |= l->name == NULL || l->address_text == NULL;
}

static void
put_listeners(struct buf *b, const struct conf_listener *v, size_t n)
{
	pack_u64(b, n);
	for (size_t i = 0; i < n; i++)
		put_listener(b, &v[i]);
}

static struct conf_listener *
get_listeners(struct unpacking *u, size_t *n)
{
	struct conf_listener *v;

	*n = unpack_count(u, sizeof(struct addr));
	v = arena_zalloc(u->arena, *n * sizeof(*v));
	for (size_t i = 0; i < *n; i++)
		get_listener(u, &v[i]);
	return v;
}

/* -- upstreams, keys and routes: what is told of them -- */

static void
put_upstream(struct buf *b, const struct conf_upstream *s)
{
	pack_str(b, s->name);
	pack_str(b, s->url);
	pack_str(b, s->host);
	pack_str(b, s->proxy.url);
	pack_str(b, s->proxy.host);
	pack_u64(b, s->proxy.port);
	pack_u64(b, s->proxy.key);
	pack_str(b, s->probe_path);
}

static void
get_upstream(struct unpacking *u, struct conf_upstream *s)
{
	s->name = unpack_str(u);
	s->url = unpack_str(u);
	s->host = unpack_str(u);
	s->proxy.url = unpack_str(u);
	s->proxy.host = unpack_str(u);
	s->proxy.port = (uint16_t)unpack_u64(u);
	s->proxy.key = (size_t)unpack_u64(u);
	s->probe_path = unpack_str(u);
	u->bad |= s->name == NULL || s->url == NULL || s->host == NULL ||
	    s->probe_path == NULL;
}

/* Their texts are for the log of the parent. */
static void
put_thresholds(struct buf *b, const struct conf_thresholds *all)
{
	pack_u64(b, all->n);
	for (size_t i = 0; i < all->n; i++) {
		pack_u64(b, (uint64_t)all->v[i].before);
		pack_u64(b, all->v[i].part);
		pack_u64(b, all->v[i].of);
	}
}

static void
get_thresholds(struct unpacking *u, struct conf_thresholds *all)
{
	all->n = unpack_count(u, 3 * sizeof(uint64_t));
	all->v = arena_zalloc(u->arena, all->n * sizeof(*all->v));
	for (size_t i = 0; i < all->n; i++) {
		struct conf_threshold *t = &all->v[i];

		t->before = (int64_t)unpack_u64(u);
		t->part = (uint32_t)unpack_u64(u);
		t->of = (uint32_t)unpack_u64(u);
		u->bad |= t->before < 0 || (t->before == 0 && t->of == 0);
	}
}

static void
put_key(struct buf *b, const struct conf_key *k)
{
	pack_str(b, k->name);
	put_path(b, k->where.file);
	put_texts(b, &k->hosts);
	pack_str(b, k->field);
	pack_str(b, k->scheme);
	pack_u64(b, k->plain);
	pack_u64(b, (uint64_t)k->expires);
	pack_u64(b, (uint64_t)k->created);
}

static void
get_key(struct unpacking *u, struct conf_key *k)
{
	k->name = unpack_str(u);
	k->where.file = unpack_str(u);
	get_texts(u, &k->hosts);
	k->field = unpack_str(u);
	k->scheme = unpack_str(u);
	k->plain = unpack_u64(u) != 0;
	k->expires = (int64_t)unpack_u64(u);
	k->created = (int64_t)unpack_u64(u);
	u->bad |= k->name == NULL || k->where.file == NULL;
}

static void
put_route(struct buf *b, const struct conf_route *t)
{
	pack_str(b, t->name);
	pack_u64(b, t->upstream);
	put_array(b, t->keys, t->n_keys, sizeof(*t->keys));
}

/* Keys came after upstreams. */
static bool
has_key_of_proxy(const struct conf_upstream *s, const struct conf *c)
{
	return s->proxy.url == NULL || s->proxy.key == CONF_NONE ||
	    s->proxy.key < c->n_keys;
}

/* Upstreams and keys came before. */
static void
get_route(struct unpacking *u, struct conf_route *t, const struct conf *c)
{
	t->name = unpack_str(u);
	t->upstream = (size_t)unpack_u64(u);
	t->keys = get_array(u, &t->n_keys, sizeof(*t->keys));
	t->client = CONF_NONE;
	u->bad |= t->name == NULL || t->upstream >= c->n_upstreams ||
	    t->n_keys == 0;
	for (size_t i = 0; i < t->n_keys; i++)
		u->bad |= t->keys[i] >= c->n_keys;
}

/* -- the whole -- */

static void
put_process(struct buf *b, const struct conf *c)
{
	put_path(b, c->file);
	pack_str(b, c->user);
	pack_u64(b, c->uid);
	pack_u64(b, c->gid);
	pack_u64(b, c->workers);
	pack_u64(b, c->sandbox);
	pack_u64(b, c->log.level);
	pack_u64(b, c->log.format);
	pack_bytes(b, &c->timeouts, sizeof(c->timeouts));
	pack_bytes(b, &c->limits, sizeof(c->limits));
}

static void
get_process(struct unpacking *u, struct conf *c)
{
	c->file = unpack_str(u);
	c->user = unpack_str(u);
	c->uid = (uint32_t)unpack_u64(u);
	c->gid = (uint32_t)unpack_u64(u);
	c->workers = (uint32_t)unpack_u64(u);
	c->sandbox = (enum conf_sandbox)unpack_u64(u);
	c->log.level = (enum log_level)unpack_u64(u);
	c->log.format = (enum log_format)unpack_u64(u);
	unpack_bytes(u, &c->timeouts, sizeof(c->timeouts));
	unpack_bytes(u, &c->limits, sizeof(c->limits));
	u->bad |= c->file == NULL;
}

static void
put_conf(struct buf *b, const struct conf *c)
{
	put_process(b, c);
	put_thresholds(b, &c->expiry.warn);
	put_listeners(b, c->listeners, c->n_listeners);
	put_listeners(b, c->admin, c->n_admin);
	pack_u64(b, c->n_upstreams);
	for (size_t i = 0; i < c->n_upstreams; i++)
		put_upstream(b, &c->upstreams[i]);
	pack_u64(b, c->n_keys);
	for (size_t i = 0; i < c->n_keys; i++)
		put_key(b, &c->keys[i]);
	pack_u64(b, c->n_routes);
	for (size_t i = 0; i < c->n_routes; i++)
		put_route(b, &c->routes[i]);
}

static void
get_conf(struct unpacking *u, struct conf *c)
{
	get_process(u, c);
	get_thresholds(u, &c->expiry.warn);
	c->listeners = get_listeners(u, &c->n_listeners);
	c->admin = get_listeners(u, &c->n_admin);
	c->n_upstreams = unpack_count(u, 7 * sizeof(uint64_t));
	c->upstreams = arena_zalloc(u->arena,
	    c->n_upstreams * sizeof(*c->upstreams));
	for (size_t i = 0; i < c->n_upstreams; i++)
		get_upstream(u, &c->upstreams[i]);
	c->n_keys = unpack_count(u, 8 * sizeof(uint64_t));
	c->keys = arena_zalloc(u->arena, c->n_keys * sizeof(*c->keys));
	for (size_t i = 0; i < c->n_keys; i++)
		get_key(u, &c->keys[i]);
	for (size_t i = 0; i < c->n_upstreams; i++)
		u->bad |= !has_key_of_proxy(&c->upstreams[i], c);
	c->n_routes = unpack_count(u, 3 * sizeof(uint64_t));
	c->routes = arena_zalloc(u->arena, c->n_routes * sizeof(*c->routes));
	for (size_t i = 0; i < c->n_routes; i++)
		get_route(u, &c->routes[i], c);
}

/* -- numbers of the shared memory -- */

static void
put_numbers(struct buf *b, const struct stats_numbers *n)
{
	put_array(b, n->keys, n->n_keys, sizeof(*n->keys));
	put_array(b, n->listeners, n->n_listeners, sizeof(*n->listeners));
	put_array(b, n->routes, n->n_routes, sizeof(*n->routes));
	put_array(b, n->upstreams, n->n_upstreams, sizeof(*n->upstreams));
}

/* As many as there are things, each with a place in the memory. */
static uint32_t *
get_some(struct unpacking *u, size_t *n, size_t wanted, uint32_t places)
{
	uint32_t *v = get_array(u, n, sizeof(*v));

	u->bad |= *n != wanted;
	for (size_t i = 0; i < *n; i++)
		u->bad |= v[i] >= places;
	return v;
}

static void
get_numbers(struct unpacking *u, struct stats_numbers *n, const struct conf *c)
{
	n->keys = get_some(u, &n->n_keys, c->n_keys, STATS_KEYS);
	n->listeners = get_some(u, &n->n_listeners, c->n_listeners,
	    STATS_LISTENERS);
	n->routes = get_some(u, &n->n_routes, c->n_routes, STATS_ROUTES);
	n->upstreams = get_some(u, &n->n_upstreams, c->n_upstreams,
	    STATS_UPSTREAMS);
}

/* Its texts end, whatever came. */
static void
get_sandbox(struct unpacking *u, struct sandbox_report *r)
{
	unpack_bytes(u, r, sizeof(*r));
	r->holds[sizeof(r->holds) - 1] = '\0';
	r->reason[sizeof(r->reason) - 1] = '\0';
	u->bad |= r->option > CONF_SANDBOX_REQUIRED;
}

static void
put_clients(struct buf *b, const struct conf *c)
{
	for (size_t i = 0; i < c->n_routes; i++) {
		struct route_clients found;

		route_clients_find(&found, c, &c->routes[i]);
		put_texts(b, &(struct conf_texts){ .v = found.v,
		    .n = found.n });
		route_clients_release(&found);
	}
}

int
admin_brief_write(const struct admin_brief *brief)
{
	struct buf b;
	int fd;

	buf_init(&b, NULL);
	pack_u64(&b, (uint64_t)brief->started);
	put_conf(&b, brief->conf);
	put_numbers(&b, &brief->numbers);
	pack_bytes(&b, &brief->sandbox, sizeof(brief->sandbox));
	for (size_t i = 0; i < brief->conf->n_listeners; i++)
		pack_str(&b, brief->bound[i]);
	put_clients(&b, brief->conf);
	fd = pack_to_fd(&b);
	buf_release(&b);
	return fd;
}

static struct admin_brief *
read_bytes(struct text bytes)
{
	struct admin_brief *brief = xcalloc(1, sizeof(*brief));
	struct conf *c = xcalloc(1, sizeof(*c));
	struct unpacking u = { .rest = bytes };

	brief->conf = c;
	c->memory = conf_memory_new();
	u.arena = &c->memory->arena;
	brief->started = (int64_t)unpack_u64(&u);
	get_conf(&u, c);
	get_numbers(&u, &brief->numbers, c);
	get_sandbox(&u, &brief->sandbox);
	brief->bound = arena_zalloc(u.arena,
	    c->n_listeners * sizeof(*brief->bound));
	for (size_t i = 0; i < c->n_listeners; i++) {
		brief->bound[i] = unpack_str(&u);
		u.bad |= brief->bound[i] == NULL;
	}
	brief->clients = arena_zalloc(u.arena,
	    c->n_routes * sizeof(*brief->clients));
	for (size_t i = 0; i < c->n_routes; i++)
		get_texts(&u, &brief->clients[i]);
	if (unpack_is_whole(&u))
		return brief;
	admin_brief_free(brief);
	return NULL;
}

struct admin_brief *
admin_brief_read(int fd)
{
	struct admin_brief *brief = NULL;
	struct buf b;

	buf_init(&b, NULL);
	if (unpack_from_fd(fd, BRIEF_MOST, &b))
		brief = read_bytes(buf_text(&b));
	buf_release(&b);
	return brief;
}

void
admin_brief_free(struct admin_brief *brief)
{
	if (brief == NULL)
		return;
	conf_free(brief->conf);
	free(brief);
}
