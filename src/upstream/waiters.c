/*
 * Waiters for a connection; see waiters.h.
 */
#include "upstream/waiters.h"

/*
 * How many may wait for each connection that is allowed, and how many in any
 * case.  A burst of clients finds a place; with more waiters before it, a
 * request would hardly be served in time.
 */
#define PER_CONNECTION	16
#define LEAST		1024

void
waiters_init(struct waiters *l)
{
	*l = (struct waiters){ .last = &l->first };
}

/*
 * The latest nearly always has the most time; one that had a connection before
 * has less.
 */
static struct pool_waiter **
place_of(struct waiters *l, const struct pool_waiter *w)
{
	struct pool_waiter **at = &l->first;

	if (l->n == 0 || l->latest_ns <= w->until_ns)
		return l->last;
	while (*at != NULL && (*at)->until_ns <= w->until_ns)
		at = &(*at)->next;
	return at;
}

void
waiters_add(struct waiters *l, struct pool_waiter *w)
{
	struct pool_waiter **at = place_of(l, w);

	if (l->n == 0 || l->latest_ns < w->until_ns)
		l->latest_ns = w->until_ns;
	w->next = *at;
	w->prev = at;
	*at = w;
	if (w->next != NULL)
		w->next->prev = &w->next;
	else
		l->last = &w->next;
	l->n++;
}

void
waiters_remove(struct waiters *l, struct pool_waiter *w)
{
	*w->prev = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
	else
		l->last = w->prev;
	l->n--;
}

struct pool_waiter *
waiters_next(const struct waiters *l, bool used)
{
	struct pool_waiter *w = l->first;

	while (w != NULL && w->fresh && used)
		w = w->next;
	return w;
}

bool
waiters_are_too_many(const struct waiters *l, size_t max_connections)
{
	return l->n >= LEAST && l->n / PER_CONNECTION >= max_connections;
}
