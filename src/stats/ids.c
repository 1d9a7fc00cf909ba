/*
 * Numbers for names; see ids.h.  An array in the order of the names: it changes
 * at a reload only.
 */
#include "stats/ids.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct entry {
	char *name;			/* owned; no NUL at its end */
	size_t n;
	uint32_t id;
};

struct ids {
	struct entry *v;
	uint32_t n, most;
	size_t room;			/* of v */
};

struct ids *
ids_new(uint32_t most)
{
	struct ids *ids = xcalloc(1, sizeof(*ids));

	ids->most = most;
	return ids;
}

void
ids_free(struct ids *ids)
{
	if (ids == NULL)
		return;
	ids_keep(ids, 0);
	free(ids->v);
	free(ids);
}

static struct text
name_of(const struct entry *e)
{
	return (struct text){ .p = e->name, .n = e->n };
}

static int
compare(struct text a, struct text b)
{
	int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

/* The place of a name: the first entry that is not before it. */
static size_t
place_of(const struct ids *ids, struct text name)
{
	size_t low = 0, high = ids->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(name_of(&ids->v[middle]), name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
insert(struct ids *ids, size_t place, struct text name)
{
	struct entry *e;

	if (ids->n == ids->room) {
		ids->room = ids->room * 2 + 16;
		ids->v = xreallocarray(ids->v, ids->room, sizeof(*ids->v));
	}
	memmove(ids->v + place + 1, ids->v + place,
	    (ids->n - place) * sizeof(*ids->v));
	e = &ids->v[place];
	*e = (struct entry){
		.name = xmalloc(name.n), .n = name.n, .id = ids->n++,
	};
	memcpy(e->name, name.p, name.n);
}

static bool
is_at(const struct ids *ids, size_t place, struct text name)
{
	return place < ids->n && text_eq(name_of(&ids->v[place]), name);
}

bool
ids_add(struct ids *ids, struct text name, uint32_t *id)
{
	size_t place = place_of(ids, name);

	if (!is_at(ids, place, name)) {
		if (ids->n == ids->most)
			return false;
		insert(ids, place, name);
	}
	*id = ids->v[place].id;
	return true;
}

bool
ids_find(const struct ids *ids, struct text name, uint32_t *id)
{
	size_t place = place_of(ids, name);

	if (!is_at(ids, place, name))
		return false;
	*id = ids->v[place].id;
	return true;
}

uint32_t
ids_count(const struct ids *ids)
{
	return ids->n;
}

void
ids_keep(struct ids *ids, uint32_t n)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < ids->n; i++) {
		if (ids->v[i].id < n)
			ids->v[kept++] = ids->v[i];
		else
			free(ids->v[i].name);
	}
	ids->n = kept;
}
