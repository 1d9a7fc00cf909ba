/*
 * The pages of stats/memory; see stats_pages.h.  They are large and mostly
 * empty, so that only what a world can have written is wiped.  Now and then all
 * of them are looked through for what was not.
 */
#include "stats_pages.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "history.h"
#include "stats/layout.h"
#include "stats/mapping.h"

/* A world has fewer routes, keys, upstreams and listeners in its life. */
#define NUMBERS		64

#define WORLDS_UNSEEN	1000

bool	__real_stats_mapping_make(struct stats_mapping *, size_t, size_t);
bool	__wrap_stats_mapping_make(struct stats_mapping *, size_t, size_t);
void	__wrap_stats_mapping_end(struct stats_mapping *);

static struct stats_mapping pages;
static unsigned worlds;

#define WIPE(part)		memset(&(part), 0, sizeof(part))
#define WIPE_NUMBERS(array)	memset(&(array), 0, NUMBERS * sizeof(*(array)))
_Static_assert(NUMBERS <= STATS_KEYS && NUMBERS <= STATS_ROUTES &&
    NUMBERS <= STATS_UPSTREAMS && NUMBERS <= STATS_LISTENERS,
    "there are as many");

static void
wipe_decided(struct stats_decided *d)
{
	memset(d, 0, offsetof(struct stats_decided, before));
	WIPE_NUMBERS(d->before);
	WIPE_NUMBERS(d->probed);
	WIPE(d->changes);
	WIPE_NUMBERS(d->keys);
	WIPE_NUMBERS(d->said);
	WIPE(d->lets_in);
	WIPE_NUMBERS(d->trust);
	WIPE(d->seed);
}

static void
wipe_known(struct stats_known *k)
{
	WIPE(k->clients);
	WIPE_NUMBERS(k->keys);
	WIPE_NUMBERS(k->routes);
	WIPE_NUMBERS(k->proxies);
	WIPE_NUMBERS(k->astray);
}

static void
wipe_held(struct stats_held *h)
{
	WIPE_NUMBERS(h->routes);
	WIPE(h->clients);
	WIPE_NUMBERS(h->waiters);
}

static void
wipe_slot(struct stats_slot *s)
{
	memset(s, 0, offsetof(struct stats_slot, clients));
	WIPE_NUMBERS(s->clients);
	WIPE_NUMBERS(s->upstreams);
	WIPE_NUMBERS(s->keys);
	WIPE_NUMBERS(s->route_counts);
	WIPE(s->route_counts[NO_ROUTE]);
	memset(s->counts, 0, (atomic_load(&s->n_counts) + 1) *
	    sizeof(*s->counts));
	WIPE(s->n_counts);
	memset(s->series, 0, (atomic_load(&s->n_series) + 1) *
	    sizeof(*s->series));
	WIPE(s->n_series);
}

static void
nothing_is_left(void)
{
	for (size_t i = 0; i < pages.size; i++) {
		if (pages.shared[i] != 0)
			finding("byte %zu of the statistics was not wiped", i);
	}
}

void
stats_pages_wipe(struct stats_memory *m)
{
	uint32_t slots = atomic_load(&stats_memory_decided(m)->slots);

	for (uint32_t i = 0; i < slots; i++) {
		wipe_held(stats_memory_held(m, i));
		wipe_slot(stats_memory_slot(m, i));
	}
	wipe_known(stats_memory_known(m));
	wipe_decided(stats_memory_decide(m));
	if (worlds++ % WORLDS_UNSEEN == 0)
		nothing_is_left();
}

bool
__wrap_stats_mapping_make(struct stats_mapping *m, size_t decided, size_t size)
{
	if (pages.shared == NULL &&
	    !__real_stats_mapping_make(&pages, decided, size))
		return false;
	must(pages.size == size, "the statistics had %zu bytes, and now %zu",
	    pages.size, size);
	*m = pages;
	return true;
}

void
__wrap_stats_mapping_end(struct stats_mapping *m)
{
	(void)m;
}
