/*
 * Which upstreams look at a key before they look at what is asked; see
 * key_keeper_parts.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "keys/key_keeper_parts.h"

/* What is asked for there when a key is tried; NULL: it serves no more. */
static const char *
path_at(const struct key_keeper *k, uint32_t upstream)
{
	const struct conf *conf = k->serving;

	for (size_t i = 0; conf != NULL && i < conf->n_upstreams; i++) {
		if (stats_numbers(k->stats)->upstreams[i] == upstream)
			return conf->upstreams[i].probe_path;
	}
	return NULL;
}

static bool
is_at(const struct key_check *c, uint32_t upstream, const char *path)
{
	return c->upstream == upstream && path != NULL &&
	    strcmp(c->path, path) == 0;
}

static bool
checks(const struct key_keeper *k, uint32_t upstream)
{
	const char *path = path_at(k, upstream);

	for (size_t i = 0; i < k->n_checks; i++) {
		if (is_at(&k->checks[i], upstream, path))
			return true;
	}
	return false;
}

void
key_keeper_note_check(struct key_keeper *k, uint32_t key)
{
	struct key_value *v = &k->values[key];
	const char *path = path_at(k, v->upstream);

	v->refused = true;
	if (path == NULL || checks(k, v->upstream))
		return;
	k->checks = xreallocarray(k->checks, k->n_checks + 1,
	    sizeof(*k->checks));
	k->checks[k->n_checks++] = (struct key_check){
		.upstream = v->upstream, .path = xstrdup(path),
	};
}

bool
key_keeper_is_let_in(const struct key_keeper *k, uint32_t key)
{
	const struct key_value *v = &k->values[key];
	bool rejected = (key_keeper_facts(k, key) & KEY_OFF_REJECTED) != 0;

	return (rejected && !v->refused) || checks(k, v->upstream);
}

void
key_keeper_forget_checks(struct key_keeper *k)
{
	for (size_t i = 0; i < k->n_checks; i++)
		free(k->checks[i].path);
	free(k->checks);
	k->checks = NULL;
	k->n_checks = 0;
}

/* What that configuration has asked for when keys are tried. */
static bool
asks(const struct conf *conf, const struct stats *stats,
    const struct key_check *c)
{
	for (size_t i = 0; conf != NULL && i < conf->n_upstreams; i++) {
		if (is_at(c, stats_numbers(stats)->upstreams[i],
		    conf->upstreams[i].probe_path))
			return true;
	}
	return false;
}

static bool
is_of_use(const struct key_keeper *k, const struct key_check *c)
{
	bool found = asks(k->serving, k->stats, c);

	for (size_t i = 0; i < k->n_served && !found; i++)
		found = asks(k->served[i].conf, k->served[i].stats, c);
	return found;
}

void
key_keeper_drop_checks(struct key_keeper *k)
{
	size_t n = 0;

	for (size_t i = 0; i < k->n_checks; i++) {
		if (is_of_use(k, &k->checks[i]))
			k->checks[n++] = k->checks[i];
		else
			free(k->checks[i].path);
	}
	k->n_checks = n;
}

/* What is asked there is another path now. */
static void
ask_anew(struct key_keeper *k, uint32_t upstream)
{
	for (uint32_t i = 0; i < k->n; i++) {
		if (k->values[i].upstream == upstream)
			key_keeper_unask(k, i);
		key_keeper_clear_up(k, i, upstream);
	}
}

void
key_keeper_review_checks(struct key_keeper *k, const struct conf *before,
    const struct stats_numbers *numbers)
{
	for (size_t i = 0; i < before->n_upstreams; i++) {
		const char *path = path_at(k, numbers->upstreams[i]);
		const char *was = before->upstreams[i].probe_path;

		if (path != NULL && was != NULL && strcmp(path, was) != 0)
			ask_anew(k, numbers->upstreams[i]);
	}
}
