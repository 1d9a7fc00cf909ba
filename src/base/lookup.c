/*
 * Names to indexes; see lookup.h.  Open addressing, at most half full.
 */
#include "base/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define FIRST_SLOTS	16

struct lookup_slot {
	const char *name;	/* NULL: free */
	uint64_t hash;
	size_t index;
};

/* FNV-1a, with its upper bits mixed into the lower ones, which are used. */
static uint64_t
hash_name(const char *name)
{
	uint64_t h = 0xcbf29ce484222325;

	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * 0x100000001b3;
	return h ^ h >> 32;
}

/* The slot of a name, or the free one where it would be. */
static struct lookup_slot *
find_slot(const struct lookup *l, const char *name, uint64_t hash,
    uint64_t *n_looks)
{
	size_t i = (size_t)hash & (l->n_slots - 1);

	for (;; i = (i + 1) & (l->n_slots - 1)) {
		struct lookup_slot *s = &l->slots[i];

		++*n_looks;
		if (s->name == NULL ||
		    (s->hash == hash && strcmp(s->name, name) == 0))
			return s;
	}
}

static void
grow(struct lookup *l)
{
	struct lookup_slot *old = l->slots;
	size_t n = l->n_slots;

	l->n_slots = n != 0 ? n * 2 : FIRST_SLOTS;
	l->slots = xcalloc(l->n_slots, sizeof(*l->slots));
	for (size_t i = 0; i < n; i++) {
		if (old[i].name != NULL)
			*find_slot(l, old[i].name, old[i].hash,
			    &l->n_looks) = old[i];
	}
	free(old);
}

void
lookup_free(struct lookup *l)
{
	free(l->slots);
	*l = (struct lookup){ .slots = NULL };
}

size_t
lookup_add(struct lookup *l, const char *name, size_t index)
{
	uint64_t hash = hash_name(name);
	struct lookup_slot *s;

	if (l->n >= l->n_slots / 2)
		grow(l);
	s = find_slot(l, name, hash, &l->n_looks);
	if (s->name != NULL)
		return s->index;
	*s = (struct lookup_slot){ .name = name, .hash = hash,
		.index = index };
	l->n++;
	return LOOKUP_NONE;
}

size_t
lookup_find(const struct lookup *l, const char *name)
{
	const struct lookup_slot *s;
	uint64_t n_looks = 0;

	if (l->n_slots == 0)
		return LOOKUP_NONE;
	s = find_slot(l, name, hash_name(name), &n_looks);
	return s->name != NULL ? s->index : LOOKUP_NONE;
}
