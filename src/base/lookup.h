/*
 * Names to indexes: a hash table for names that users write into their own
 * files.  The hash has no secret, so it must not hold names from a network.
 */
#ifndef BASE_LOOKUP_H
#define BASE_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#define LOOKUP_NONE	SIZE_MAX

struct lookup_slot;

struct lookup {
	struct lookup_slot *slots;
	size_t n_slots;		/* a power of two, or 0 */
	size_t n;
	uint64_t n_looks;	/* slots that lookup_add() has looked at */
};

/* All zero is an empty one. */
void	lookup_free(struct lookup *);

/*
 * Adds a name, which is borrowed, with its index.  LOOKUP_NONE, or the index of
 * the same name if it was there already; that one stays.
 */
size_t	lookup_add(struct lookup *, const char *name, size_t index);

/* The index of a name, or LOOKUP_NONE. */
size_t	lookup_find(const struct lookup *, const char *name);

#endif
