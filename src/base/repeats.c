/*
 * Lines that repeat; see repeats.h.
 */
#include "base/repeats.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static bool
is_recent(const struct repeat *r, int64_t now)
{
	return r->told && now - r->told_ns < REPEATS_AGAIN_NS;
}

static struct repeat *
find(struct repeats *all, const char *why)
{
	for (size_t i = 0; i < REPEATS_REASONS; i++) {
		struct repeat *r = &all->v[i];

		if (r->why != NULL && strcmp(r->why, why) == 0)
			return r;
	}
	return NULL;
}

/* The one that was told longest ago, or that was never used. */
static struct repeat *
oldest(struct repeats *all)
{
	struct repeat *found = &all->v[0];

	for (size_t i = 1; i < REPEATS_REASONS; i++) {
		struct repeat *r = &all->v[i];

		if (found->told && (!r->told || r->told_ns < found->told_ns))
			found = r;
	}
	return found;
}

/* What was left out of the reason that goes stays counted. */
static struct repeat *
add(struct repeats *all, const char *why, int64_t now)
{
	struct repeat *shared = &all->v[REPEATS_REASONS];
	struct repeat *r = oldest(all);

	if (is_recent(r, now))
		return shared;
	shared->left_out += r->left_out;
	free(r->why);
	*r = (struct repeat){ .why = xstrdup(why) };
	return r;
}

bool
repeats_tell(struct repeats *all, const char *why, int64_t now,
    uint64_t *left_out)
{
	struct repeat *r = find(all, why);

	if (r == NULL)
		r = add(all, why, now);
	if (is_recent(r, now)) {
		r->left_out++;
		return false;
	}
	*left_out = r->left_out;
	r->left_out = 0;
	r->told = true;
	r->told_ns = now;
	return true;
}

void
repeats_release(struct repeats *all)
{
	for (size_t i = 0; i < REPEATS_REASONS; i++)
		free(all->v[i].why);
}
