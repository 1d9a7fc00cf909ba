/*
 * Pieces of memory in use; see heap.h.  Memory that a library allocated and the
 * program frees, such as vasprintf()'s, is in no table and does not count.
 */
#include "heap.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PLACES		(UINT32_C(1) << 16)

struct piece {
	void *p;
	size_t size;
	uint64_t serial;
	unsigned owner;
};

static struct piece table[PLACES];
static size_t in_use;
static uint64_t serial;
static unsigned present;
static size_t owned[HEAP_OWNERS];

void	*__real_malloc(size_t);
void	*__real_calloc(size_t, size_t);
void	*__real_realloc(void *, size_t);
void	 __real_free(void *);
void	*__wrap_malloc(size_t);
void	*__wrap_calloc(size_t, size_t);
void	*__wrap_realloc(void *, size_t);
void	 __wrap_free(void *);

static size_t
place_of(const void *p)
{
	uint64_t h = (uintptr_t)p >> 4;

	return (size_t)(h * UINT64_C(0x9E3779B97F4A7C15) >> 48) % PLACES;
}

static void *
add(void *p, size_t size)
{
	size_t at = place_of(p);

	if (p == NULL)
		return NULL;
	/* One place stays free, because searches end there. */
	if (in_use + 1 == PLACES)
		abort();
	while (table[at].p != NULL)
		at = (at + 1) % PLACES;
	table[at] = (struct piece){ p, size, ++serial, present };
	in_use++;
	owned[present]++;
	return p;
}

/* Entries behind a place that becomes free move up. */
static void
close_gap(size_t gap)
{
	size_t at = gap, home;

	for (;;) {
		at = (at + 1) % PLACES;
		if (table[at].p == NULL)
			break;
		home = place_of(table[at].p);
		if ((at - home) % PLACES < (at - gap) % PLACES)
			continue;
		table[gap] = table[at];
		gap = at;
	}
	table[gap].p = NULL;
}

static void
take(const void *p)
{
	size_t at = place_of(p);

	if (p == NULL)
		return;
	while (table[at].p != p) {
		if (table[at].p == NULL)
			return;
		at = (at + 1) % PLACES;
	}
	owned[table[at].owner]--;
	close_gap(at);
	in_use--;
}

void *
__wrap_malloc(size_t size)
{
	return add(__real_malloc(size), size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return add(__real_calloc(n, size), n * size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	take(p);
	return add(__real_realloc(p, size), size);
}

void
__wrap_free(void *p)
{
	take(p);
	__real_free(p);
}

size_t
heap_in_use(void)
{
	return in_use;
}

void
heap_own(unsigned owner)
{
	present = owner;
}

size_t
heap_owned(unsigned owner)
{
	return owned[owner];
}

size_t
heap_oldest(void)
{
	const struct piece *oldest = NULL;

	for (size_t i = 0; i < PLACES; i++) {
		if (table[i].p != NULL && (oldest == NULL ||
		    table[i].serial < oldest->serial))
			oldest = &table[i];
	}
	return oldest != NULL ? oldest->size : 0;
}
