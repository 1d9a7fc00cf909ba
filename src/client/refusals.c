/*
 * Refusals that are told; see refusals.h.
 */
#include "client/refusals.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static bool
is_recent(const struct refusal *r, int64_t now)
{
	return r->told && now - r->told_ns < REFUSALS_AGAIN_NS;
}

static struct refusal *
find(struct refusals *all, const char *why)
{
	for (size_t i = 0; i < REFUSALS_REASONS; i++) {
		struct refusal *r = &all->v[i];

		if (r->why != NULL && strcmp(r->why, why) == 0)
			return r;
	}
	return NULL;
}

/* The one that was told longest ago, or that was never used. */
static struct refusal *
oldest(struct refusals *all)
{
	struct refusal *found = &all->v[0];

	for (size_t i = 1; i < REFUSALS_REASONS; i++) {
		struct refusal *r = &all->v[i];

		if (found->told && (!r->told || r->told_ns < found->told_ns))
			found = r;
	}
	return found;
}

/* What was left out of the reason that goes stays counted. */
static struct refusal *
add(struct refusals *all, const char *why, int64_t now)
{
	struct refusal *shared = &all->v[REFUSALS_REASONS];
	struct refusal *r = oldest(all);

	if (is_recent(r, now))
		return shared;
	shared->left_out += r->left_out;
	free(r->why);
	*r = (struct refusal){ .why = xstrdup(why) };
	return r;
}

bool
refusals_tell(struct refusals *all, const char *why, int64_t now,
    uint64_t *left_out)
{
	struct refusal *r = find(all, why);

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
refusals_release(struct refusals *all)
{
	for (size_t i = 0; i < REFUSALS_REASONS; i++)
		free(all->v[i].why);
}
