/*
 * The table of routes; see route_index.h.
 *
 * A route is entered under one key made of all its conditions.  It is not known
 * which facts of a request its route has conditions on, so each combination
 * that some route has is looked up: a shape.
 *
 * Of a path with one reading, each prefix is looked up.  Where there are
 * several readings, a route's path can be found in one of them only if each of
 * its names is somewhere in the completely decoded path; so the route is
 * entered under its rarest name, too, and all names are looked up.  Only hashes
 * are compared: where two agree by chance, the result includes a route that
 * does not hold.
 */
#include "policy/route_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* The part of a path in a key, and the start value of its hash. */
enum part { PART_NONE, PART_WHOLE, PART_NAME, PARTS };

/* Shapes: the sum of these, at most. */
#define BY_LISTENER	1U
#define BY_HOST		2U
#define BY_WORD		4U
#define BY_DIGEST	8U
#define SHAPES		12

struct slot {
	uint64_t key;
	size_t first, n;		/* of routes; n is 0 in an empty one */
};

struct route_index {
	size_t n_routes;
	size_t *routes;			/* ascending within a slot */
	struct slot *slots;
	size_t mask;			/* their number, a power of two, less
					   one */
	unsigned shapes[PARTS];		/* shapes that occur: bits */
	unsigned by;			/* all conditions that occur */
	size_t longest;			/* path, bytes */
};

/* -- keys -- */

static uint64_t
mix(uint64_t a, uint64_t b)
{
	a = (a ^ b) * UINT64_C(0x9e3779b97f4a7c15);
	return a ^ a >> 29;
}

/* One more byte of a text (FNV-1a). */
static uint64_t
hash_byte(uint64_t hash, char c)
{
	return (hash ^ (uint8_t)c) * UINT64_C(0x100000001b3);
}

static uint64_t
hash_text(uint64_t hash, struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		hash = hash_byte(hash, t.p[i]);
	return hash;
}

static uint64_t
hash_host(struct text t)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < t.n; i++)
		hash = hash_byte(hash, ascii_lower(t.p[i]));
	return hash;
}

static uint64_t
hash_digest(const uint8_t *sha256)
{
	uint64_t hash;

	memcpy(&hash, sha256, sizeof(hash));
	return hash;
}

/* The conditions of a route, or the facts of a request. */
struct facts {
	uint64_t listener, host, word, digest;
};

static uint64_t
base_of(unsigned shape, const struct facts *f)
{
	uint64_t base = shape;

	if (shape & BY_LISTENER)
		base = mix(base, f->listener);
	if (shape & BY_HOST)
		base = mix(base, f->host);
	if (shape & BY_WORD)
		base = mix(base, f->word);
	if (shape & BY_DIGEST)
		base = mix(base, f->digest);
	return base;
}

struct text
route_index_host(struct text host)
{
	if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		return (struct text){ .p = host.p + 1, .n = host.n - 2 };
	return host;
}

/* -- names, and how rare they are -- */

struct names {
	uint64_t *v;			/* hashes; sorted when all are in */
	size_t n, room;
};

/* The next name of a path; start with the path without its first slash. */
static bool
next_name(struct text *left, uint64_t *hash)
{
	struct text name;

	if (!text_split(left, '/', &name))
		return false;
	*hash = hash_text(PART_NAME, name);
	return true;
}

static void
names_add(struct names *names, const char *path)
{
	struct text left = text_of(path + 1);
	uint64_t hash;

	while (next_name(&left, &hash)) {
		if (names->n == names->room) {
			names->room = 2 * names->room + 64;
			names->v = xreallocarray(names->v, names->room,
			    sizeof(*names->v));
		}
		names->v[names->n++] = hash;
	}
}

static int
compare_hashes(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The number of hashes below this one, or, with_it, not above it. */
static size_t
names_below(const struct names *names, uint64_t hash, bool with_it)
{
	size_t low = 0, high = names->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint64_t v = names->v[middle];

		if (v < hash || (v == hash && with_it))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint64_t
rarest_name(const struct names *names, const char *path)
{
	struct text left = text_of(path + 1);
	size_t least = SIZE_MAX;
	uint64_t hash, rarest = 0;

	while (next_name(&left, &hash)) {
		size_t n = names_below(names, hash, true) -
		    names_below(names, hash, false);

		if (n < least) {
			least = n;
			rarest = hash;
		}
	}
	return rarest;
}

/* -- making it -- */

struct pair {
	uint64_t key;
	size_t route;
};

struct maker {
	struct route_index *x;
	const struct conf *conf;
	struct names names;
	struct pair *pairs;
	size_t n, room;
};

static void
add_pair(struct maker *m, enum part part, unsigned shape, uint64_t key,
    size_t route)
{
	if (m->n == m->room) {
		m->room = 2 * m->room + 64;
		m->pairs = xreallocarray(m->pairs, m->room, sizeof(*m->pairs));
	}
	m->pairs[m->n++] = (struct pair){ .key = key, .route = route };
	m->x->shapes[part] |= 1U << shape;
	m->x->by |= shape;
}

static void
add_under(struct maker *m, size_t route, unsigned shape,
    const struct facts *f)
{
	const char *path = m->conf->routes[route].path;
	uint64_t base = base_of(shape, f);

	if (path == NULL) {
		add_pair(m, PART_NONE, shape, mix(base, PART_NONE), route);
		return;
	}
	if (strlen(path) > m->x->longest)
		m->x->longest = strlen(path);
	add_pair(m, PART_WHOLE, shape,
	    mix(base, hash_text(PART_WHOLE, text_of(path))), route);
	add_pair(m, PART_NAME, shape,
	    mix(base, rarest_name(&m->names, path)), route);
}

static void
add_route(struct maker *m, size_t route)
{
	const struct conf_route *c = &m->conf->routes[route];
	struct facts f = { .listener = 0 };
	unsigned shape = 0;

	if (c->host != NULL) {
		shape |= BY_HOST;
		f.host = hash_host(route_index_host(text_of(c->host)));
	}
	if (c->client != CONF_NONE && m->conf->clients[c->client].bare) {
		shape |= BY_WORD;
		f.word = hash_text(0,
		    text_of(m->conf->clients[c->client].name));
	} else if (c->client != CONF_NONE) {
		shape |= BY_DIGEST;
		f.digest = hash_digest(m->conf->clients[c->client].sha256);
	}
	if (c->n_listeners == 0)
		add_under(m, route, shape, &f);
	for (size_t i = 0; i < c->n_listeners; i++) {
		f.listener = c->listeners[i];
		add_under(m, route, shape | BY_LISTENER, &f);
	}
}

static int
compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->route > y->route) - (x->route < y->route);
}

/* The slot with this key, or the empty one where it belongs. */
static struct slot *
slot_of(const struct route_index *x, uint64_t key)
{
	size_t at = key & x->mask;

	while (x->slots[at].n != 0 && x->slots[at].key != key)
		at = (at + 1) & x->mask;
	return &x->slots[at];
}

static void
fill_slots(struct route_index *x, const struct maker *m)
{
	size_t n = 16;

	while (n < 2 * m->n)
		n *= 2;
	x->slots = xcalloc(n, sizeof(*x->slots));
	x->mask = n - 1;
	x->routes = xcalloc(m->n + 1, sizeof(*x->routes));
	for (size_t i = 0; i < m->n; i++) {
		struct slot *slot = slot_of(x, m->pairs[i].key);

		if (slot->n++ == 0) {
			slot->key = m->pairs[i].key;
			slot->first = i;
		}
		x->routes[i] = m->pairs[i].route;
	}
}

struct route_index *
route_index_new(const struct conf *conf)
{
	struct route_index *x = xcalloc(1, sizeof(*x));
	struct maker m = { .x = x, .conf = conf };

	x->n_routes = conf->n_routes;
	for (size_t i = 0; i < conf->n_routes; i++) {
		if (conf->routes[i].path != NULL)
			names_add(&m.names, conf->routes[i].path);
	}
	if (m.names.n != 0)
		qsort(m.names.v, m.names.n, sizeof(*m.names.v),
		    compare_hashes);
	for (size_t i = 0; i < conf->n_routes; i++)
		add_route(&m, i);
	if (m.n != 0)
		qsort(m.pairs, m.n, sizeof(*m.pairs), compare_pairs);
	fill_slots(x, &m);
	free(m.names.v);
	free(m.pairs);
	return x;
}

void
route_index_free(struct route_index *x)
{
	if (x == NULL)
		return;
	free(x->routes);
	free(x->slots);
	free(x);
}

bool
route_index_has_words(const struct route_index *x)
{
	return (x->by & BY_WORD) != 0;
}

bool
route_index_has_digests(const struct route_index *x)
{
	return (x->by & BY_DIGEST) != 0;
}

/* -- looking something up -- */

struct search {
	const struct route_index *x;
	unsigned shapes;		/* shapes that the request can have:
					   bits */
	uint64_t bases[SHAPES];
	uint8_t *tried;			/* bits; NULL where no route is found
					   twice */
	bool (*holds)(void *ctx, size_t route);
	void *ctx;
	size_t best;
};

static void
search_init(struct search *s, const struct route_question *q)
{
	const struct route_index *x = s->x;
	const unsigned occur = x->shapes[PART_NONE] | x->shapes[PART_WHOLE];
	const struct facts f = {
		.listener = q->listener,
		.host = x->by & BY_HOST ? hash_host(q->host) : 0,
		.word = x->by & BY_WORD ? hash_text(0, q->token) : 0,
		.digest = q->sha256 != NULL ? hash_digest(q->sha256) : 0,
	};

	for (unsigned shape = 0; occur >> shape != 0; shape++) {
		if ((occur >> shape & 1) == 0 ||
		    ((shape & BY_WORD) && q->token.n == 0) ||
		    ((shape & BY_DIGEST) && q->sha256 == NULL))
			continue;
		s->shapes |= 1U << shape;
		s->bases[shape] = base_of(shape, &f);
	}
}

static bool
is_new(struct search *s, size_t route)
{
	uint8_t bit = (uint8_t)(1U << route % 8);

	if (s->tried == NULL)
		return true;
	if (s->tried[route / 8] & bit)
		return false;
	s->tried[route / 8] |= bit;
	return true;
}

static void
try_slot(struct search *s, const struct slot *slot)
{
	for (size_t i = 0; i < slot->n; i++) {
		size_t route = s->x->routes[slot->first + i];

		if (route >= s->best)
			return;
		if (is_new(s, route) && s->holds(s->ctx, route)) {
			s->best = route;
			return;
		}
	}
}

static void
try_part(struct search *s, enum part part, uint64_t hash)
{
	unsigned left = s->shapes & s->x->shapes[part];

	for (unsigned shape = 0; left >> shape != 0; shape++) {
		if ((left >> shape & 1) != 0)
			try_slot(s, slot_of(s->x,
			    mix(s->bases[shape], hash)));
	}
}

static void
try_beginnings(struct search *s, struct text path)
{
	uint64_t hash = PART_WHOLE;

	for (size_t i = 0; i <= path.n && i <= s->x->longest; i++) {
		if (i != 0 && (i == path.n || path.p[i] == '/'))
			try_part(s, PART_WHOLE, hash);
		if (i < path.n)
			hash = hash_byte(hash, path.p[i]);
	}
}

/* A server that cuts parameters may end a name here. */
static bool
may_end(char c)
{
	return c == ';' || c == '#' || c == '\0';
}

static void
try_names(struct search *s, const struct readings *readings)
{
	struct text bare = readings_bare(readings);
	uint64_t hash = PART_NAME;

	s->tried = arena_alloc(readings->arena, s->x->n_routes / 8 + 1);
	memset(s->tried, 0, s->x->n_routes / 8 + 1);
	for (size_t i = 0; i < bare.n; i++) {
		char c = bare.p[i];

		if (c == '/' || may_end(c))
			try_part(s, PART_NAME, hash);
		hash = c == '/' ? PART_NAME : hash_byte(hash, c);
	}
	try_part(s, PART_NAME, hash);
}

size_t
route_index_first(const struct route_index *x, const struct route_question *q,
    bool (*holds)(void *ctx, size_t route), void *ctx)
{
	struct search s = {
		.x = x, .holds = holds, .ctx = ctx, .best = CONF_NONE,
	};

	search_init(&s, q);
	try_part(&s, PART_NONE, PART_NONE);
	if (x->shapes[PART_WHOLE] == 0)
		return s.best;
	if (q->readings->plain)
		try_beginnings(&s, q->readings->path);
	else
		try_names(&s, q->readings);
	return s.best;
}
