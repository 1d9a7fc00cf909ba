/*
 * The secret patterns of one or two keys; see secret_set.h.
 */
#include "upstream/secret_set.h"

size_t
secret_set_reach(const struct secret_set *s)
{
	size_t reach = s->v[0]->reach;

	for (size_t i = 1; i < s->n; i++) {
		if (s->v[i]->reach > reach)
			reach = s->v[i]->reach;
	}
	return reach;
}

struct sighting
secret_set_search(const struct secret_set *s, struct text t)
{
	struct sighting all = secret_patterns_search(s->v[0], t), one;

	for (size_t i = 1; i < s->n; i++) {
		one = secret_patterns_search(s->v[i], t);
		all.found |= one.found;
		if (one.suspect < all.suspect)
			all.suspect = one.suspect;
	}
	return all;
}

bool
secret_set_found(const struct secret_set *s, struct text t)
{
	for (size_t i = 0; i < s->n; i++) {
		if (secret_patterns_found(s->v[i], t))
			return true;
	}
	return false;
}

bool
secret_set_touch(const struct secret_set *s, struct text t)
{
	for (size_t i = 0; i < s->n; i++) {
		if (secret_patterns_touch(s->v[i], t))
			return true;
	}
	return false;
}
