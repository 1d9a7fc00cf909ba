/*
 * Lines that repeat; see repeats.h.
 */
#include "base/repeats.h"

#include <inttypes.h>
#include <stdio.h>
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

/* It is told now, and so is what was left out. */
static uint64_t
take(struct repeat *r, int64_t now)
{
	uint64_t left_out = r->left_out;

	r->left_out = 0;
	r->told = true;
	r->told_ns = now;
	return left_out;
}

bool
repeats_take(struct repeats *all, const char *why, int64_t now,
    uint64_t *left_out)
{
	struct repeat *r = find(all, why);

	if (r == NULL)
		r = add(all, why, now);
	if (is_recent(r, now)) {
		r->left_out++;
		return false;
	}
	*left_out = take(r, now);
	return true;
}

bool
repeats_tell(struct repeats *all, const char *why, int64_t now,
    char more[REPEATS_WORDS])
{
	uint64_t left_out;

	if (!repeats_take(all, why, now, &left_out))
		return false;
	more[0] = '\0';
	if (left_out != 0)
		(void)snprintf(more, REPEATS_WORDS, "; %" PRIu64 " more "
		    "times since the last such line", left_out);
	return true;
}

bool
repeats_sum(struct repeats *all, int64_t now, bool at_once, const char **why,
    uint64_t *n)
{
	for (size_t i = 0; i <= REPEATS_REASONS; i++) {
		struct repeat *r = &all->v[i];

		if (r->left_out == 0 || (is_recent(r, now) && !at_once))
			continue;
		*why = r->why;
		*n = take(r, now);
		return true;
	}
	return false;
}

int64_t
repeats_due(const struct repeats *all)
{
	int64_t due = INT64_MAX;

	for (size_t i = 0; i <= REPEATS_REASONS; i++) {
		const struct repeat *r = &all->v[i];
		int64_t its = r->told ? r->told_ns + REPEATS_AGAIN_NS : 0;

		if (r->left_out != 0)
			due = clock_earlier(due, its);
	}
	return due;
}

void
repeats_release(struct repeats *all)
{
	for (size_t i = 0; i < REPEATS_REASONS; i++)
		free(all->v[i].why);
}
