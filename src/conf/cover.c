/*
 * Routes that can never match, because earlier ones take every request that
 * meets their conditions; see check.h.
 *
 * A request comes to one listener with one method.  So a route is out of
 * reach when, for each of its listeners and methods, some earlier route
 * leaves nothing: that holds where the later route's other conditions imply
 * the earlier one's.
 */
#include <string.h>

#include "conf/check.h"

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

/* Two conditions; each holds for those it names. */
static bool
covers_ids(const struct conf_ids *a, const struct conf_ids *b)
{
	return a->n == 0 || (b->n != 0 && has_ids(a, b));
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

	if (a->broken)
		return false;
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
	    covers_ids(&ca->groups, &cb->groups);
}

/* The first route before b that does, or NULL. */
static const struct draft_route *
find_cover(const struct draft *d, size_t b, size_t listener,
    const char *method)
{
	for (size_t a = 0; a < b; a++) {
		if (covers(draft_route(d, a), draft_route(d, b), listener,
		    method))
			return draft_route(d, a);
	}
	return NULL;
}

/* For every method the route has; *first is one of those that cover it. */
static bool
covered_on(const struct draft *d, size_t b, size_t listener,
    const struct draft_route **first)
{
	const struct conf_texts *methods = &draft_route(d, b)->out.methods;
	const struct draft_route *a;

	for (size_t i = 0; i < methods->n || i == 0; i++) {
		a = find_cover(d, b, listener,
		    methods->n != 0 ? methods->v[i] : NULL);
		if (a == NULL)
			return false;
		if (*first == NULL)
			*first = a;
	}
	return true;
}

static bool
is_covered(const struct draft *d, size_t b, const struct draft_route **first)
{
	const struct conf_route *t = &draft_route(d, b)->out;
	size_t n = t->n_listeners != 0 ? t->n_listeners : d->listeners.n;

	*first = NULL;
	for (size_t i = 0; i < n; i++) {
		size_t l = t->n_listeners != 0 ? t->listeners[i] : i;

		if (!covered_on(d, b, l, first))
			return false;
	}
	return *first != NULL;
}

void
check_cover(struct reader *r, const struct draft *d)
{
	for (size_t i = 0; i < d->routes.n; i++) {
		const struct draft_route *t = draft_route(d, i), *first;

		if (t->broken || !is_covered(d, i, &first))
			continue;
		conf_fault(r->faults, t->given.at.file, t->given.at.line,
		    "route '%s' can never match: its requests are taken by "
		    "route '%s', at %s:%u",
		    t->name.text != NULL ? t->name.text : "?",
		    first->name.text != NULL ? first->name.text : "?",
		    first->given.at.file, first->given.at.line);
	}
}
