/*
 * Routes that can never match, because earlier ones take every request that
 * meets their conditions; see check.h.
 *
 * A request comes to one listener with one method.  So a route is out of reach
 * when, for each of its listeners and methods, some earlier route takes every
 * request: that is so where the later route's other conditions imply the
 * earlier one's.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/lookup.h"
#include "conf/check.h"
#include "conf/value.h"

static bool
has_index(const size_t *v, size_t n, size_t i)
{
	for (size_t at = 0; at < n; at++) {
		if (v[at] == i)
			return true;
	}
	return false;
}

static bool
has_text(const struct conf_texts *t, const char *s)
{
	for (size_t i = 0; i < t->n; i++) {
		if (strcmp(t->v[i], s) == 0)
			return true;
	}
	return false;
}

static bool
has_ids(const struct conf_ids *all, const struct conf_ids *some)
{
	for (size_t i = 0; i < some->n; i++) {
		size_t at = 0;

		while (at < all->n && all->v[at] != some->v[i])
			at++;
		if (at == all->n)
			return false;
	}
	return true;
}

static bool
is_prefix(const char *prefix, const char *path)
{
	size_t n = strlen(prefix);

	return strncmp(path, prefix, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/');
}

/* Two conditions; each holds for the ids it names. */
static bool
covers_ids(const struct conf_ids *a, const struct conf_ids *b)
{
	return a->n == 0 || (b->n != 0 && has_ids(a, b));
}

/* Two conditions; each holds for the addresses of its ranges. */
static bool
covers_addresses(const struct list *a, const struct list *b)
{
	const struct cidr *all = a->v, *some = b->v;

	for (size_t i = 0; a->n != 0 && i < b->n; i++) {
		size_t at = 0;

		while (at < a->n && !cidr_covers(&all[at], &some[i]))
			at++;
		if (at == a->n)
			return false;
	}
	return a->n == 0 || b->n != 0;
}

/* Two conditions; each holds for the names that its rules mean. */
static bool
covers_names(const struct conf_texts *a, const struct conf_texts *b)
{
	for (size_t i = 0; a->n != 0 && i < b->n; i++) {
		size_t at = 0;

		while (at < a->n && !value_certificate_covers(
		    text_of(a->v[at]), text_of(b->v[i])))
			at++;
		if (at == a->n)
			return false;
	}
	return a->n == 0 || b->n != 0;
}

static bool
same_client(const struct draft_route *a, const struct draft_route *b)
{
	if (a->client_key.text == NULL)
		return true;
	return b->client_key.text != NULL &&
	    strcmp(a->client_key.text, b->client_key.text) == 0;
}

/*
 * The earlier route a takes every request of b that comes to this listener
 * with this method; NULL: with any method.
 */
static bool
covers(const struct draft_route *a, const struct draft_route *b,
    size_t listener, const char *method)
{
	const struct conf_route *ca = &a->out, *cb = &b->out;

	if (ca->n_listeners != 0 &&
	    !has_index(ca->listeners, ca->n_listeners, listener))
		return false;
	if (ca->methods.n != 0 &&
	    (method == NULL || !has_text(&ca->methods, method)))
		return false;
	if (ca->host != NULL &&
	    (cb->host == NULL || strcmp(ca->host, cb->host) != 0))
		return false;
	if (ca->path != NULL &&
	    (cb->path == NULL || !is_prefix(ca->path, cb->path)))
		return false;
	return same_client(a, b) && covers_ids(&ca->users, &cb->users) &&
	    covers_ids(&ca->groups, &cb->groups) &&
	    covers_addresses(&a->from, &b->from) &&
	    covers_names(&ca->certificate, &cb->certificate);
}

/*
 * Earlier routes by the conditions that must be the same or missing for one to
 * cover another: listener, host, client; and by path, of which a later one has
 * only few prefixes.  A configuration may have thousands of routes.
 */

#define ANY		SIZE_MAX
#define NO_ENTRY	SIZE_MAX

/* One route under one listener, and the next one with the same conditions. */
struct entry {
	size_t route;
	size_t next;
};

/* The entries with the same conditions, by route. */
struct chain {
	size_t first, last;
};

struct index {
	struct reader *r;
	const struct draft *d;
	struct lookup keys;
	struct chain *chains;
	struct entry *entries;
	size_t n_chains, n_entries;
};

/* The conditions to look for; a text that is NULL: no such condition. */
struct conditions {
	size_t listener;
	const char *host, *client;
	struct text path;	/* .p may be NULL */
};

static char *
make_key(const struct conditions *c)
{
	return xasprintf("%zu\n%s%s\n%s%s\n%s%.*s", c->listener,
	    c->host != NULL ? "=" : "", c->host != NULL ? c->host : "",
	    c->client != NULL ? "=" : "", c->client != NULL ? c->client : "",
	    c->path.p != NULL ? "=" : "", (int)c->path.n,
	    c->path.p != NULL ? c->path.p : "");
}

/* Room for one more, by doubling. */
static void *
grow(void *v, size_t n, size_t size)
{
	return (n & (n - 1)) == 0 ?
	    xreallocarray(v, n != 0 ? n * 2 : 1, size) : v;
}

static void
append(struct index *x, struct chain *c, size_t route)
{
	size_t at = x->n_entries;

	x->entries = grow(x->entries, at, sizeof(*x->entries));
	x->entries[at] = (struct entry){ .route = route, .next = NO_ENTRY };
	x->n_entries++;
	if (c->first == NO_ENTRY)
		c->first = at;
	else
		x->entries[c->last].next = at;
	c->last = at;
}

static void
index_add_one(struct index *x, const struct conditions *c, size_t route)
{
	char *key = make_key(c);
	size_t i = lookup_find(&x->keys, key);

	if (i == LOOKUP_NONE) {
		i = x->n_chains;
		(void)lookup_add(&x->keys,
		    arena_cstr(x->r->scratch, text_of(key)), i);
		x->chains = grow(x->chains, i, sizeof(*x->chains));
		x->chains[i] = (struct chain){ NO_ENTRY, NO_ENTRY };
		x->n_chains++;
	}
	free(key);
	assert(x->chains != NULL);
	append(x, &x->chains[i], route);
}

static void
index_add(struct index *x, size_t route)
{
	const struct draft_route *t = draft_route(x->d, route);
	struct conditions c = { .listener = ANY, .host = t->out.host,
		.client = t->client_key.text };

	if (t->out.path != NULL)
		c.path = text_of(t->out.path);
	if (t->out.n_listeners == 0)
		index_add_one(x, &c, route);
	for (size_t i = 0; i < t->out.n_listeners; i++) {
		c.listener = t->out.listeners[i];
		index_add_one(x, &c, route);
	}
}

/* The route to be covered, for one listener and method. */
struct wanted {
	size_t route;
	size_t listener;	/* ANY: by a route that has none */
	const char *method;
};

/* The first route with these conditions, if it comes before best. */
static size_t
find_in_chain(struct index *x, const struct conditions *c,
    const struct wanted *w, size_t best)
{
	char *key = make_key(c);
	size_t i = lookup_find(&x->keys, key), at;

	free(key);
	at = i != LOOKUP_NONE ? x->chains[i].first : NO_ENTRY;
	for (; at != NO_ENTRY; at = x->entries[at].next) {
		size_t a = x->entries[at].route;

		if (a >= best)
			break;
		if (covers(draft_route(x->d, a), draft_route(x->d, w->route),
		    w->listener, w->method))
			return a;
	}
	return best;
}

/* The same for each prefix of the path. */
static size_t
find_by_path(struct index *x, struct conditions c, const char *path,
    const struct wanted *w, size_t best)
{
	c.path = (struct text){ .p = NULL };
	best = find_in_chain(x, &c, w, best);
	for (size_t n = 0; path != NULL && n <= strlen(path); n++) {
		if (path[n] != '/' && path[n] != '\0')
			continue;
		c.path = (struct text){ .p = path, .n = n };
		best = find_in_chain(x, &c, w, best);
	}
	return best;
}

/* The first route that covers the wanted one, or NULL. */
static const struct draft_route *
find_cover(struct index *x, const struct wanted *w)
{
	const struct draft_route *t = draft_route(x->d, w->route);
	size_t best = w->route;

	/* The earlier route has the same condition, or none. */
	for (unsigned i = 0; i < 8; i++) {
		const struct conditions c = {
			.listener = i & 1 ? ANY : w->listener,
			.host = i & 2 ? NULL : t->out.host,
			.client = i & 4 ? NULL : t->client_key.text,
		};

		if (((i & 1) && w->listener == ANY) ||
		    ((i & 2) && t->out.host == NULL) ||
		    ((i & 4) && t->client_key.text == NULL))
			continue;
		best = find_by_path(x, c, t->out.path, w, best);
	}
	return best < w->route ? draft_route(x->d, best) : NULL;
}

/* For every method the route has; *first is one of those that cover it. */
static bool
covered_on(struct index *x, size_t b, size_t listener,
    const struct draft_route **first)
{
	const struct conf_texts *methods = &draft_route(x->d, b)->out.methods;
	const struct draft_route *a;

	for (size_t i = 0; i < methods->n || i == 0; i++) {
		const struct wanted w = { .route = b, .listener = listener,
			.method = methods->n != 0 ? methods->v[i] : NULL };

		a = find_cover(x, &w);
		if (a == NULL)
			return false;
		if (*first == NULL)
			*first = a;
	}
	return true;
}

static bool
is_covered(struct index *x, size_t b, const struct draft_route **first)
{
	const struct conf_route *t = &draft_route(x->d, b)->out;
	size_t n = t->n_listeners != 0 ? t->n_listeners : x->d->listeners.n;

	*first = NULL;
	for (size_t i = 0; i < n; i++) {
		size_t l = t->n_listeners != 0 ? t->listeners[i] : i;

		if (!covered_on(x, b, l, first))
			return false;
		/*
		 * If routes for all listeners cover it, the other listeners are
		 * the same.
		 */
		if (i == 0 && covered_on(x, b, ANY, first))
			return true;
	}
	return *first != NULL;
}

static void
report(struct reader *r, const struct draft_route *t,
    const struct draft_route *first)
{
	conf_error(r->diagnostics, t->given.at.file, t->given.at.line,
	    "route '%s' can never match: its requests are taken by route "
	    "'%s', at %s:%u", t->name.text != NULL ? t->name.text : "?",
	    first->name.text != NULL ? first->name.text : "?",
	    first->given.at.file, first->given.at.line);
}

void
check_cover(struct reader *r, const struct draft *d)
{
	struct index x = { .r = r, .d = d };

	for (size_t i = 0; i < d->routes.n; i++) {
		const struct draft_route *t = draft_route(d, i), *first;

		if (t->broken)
			continue;
		if (is_covered(&x, i, &first))
			report(r, t, first);
		index_add(&x, i);
	}
	lookup_free(&x.keys);
	free(x.chains);
	free(x.entries);
}
