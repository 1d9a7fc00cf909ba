/*
 * Trying all keys; see probe.h.
 */
#include "upstream/probe.h"

#include <stdlib.h>

#include "base/alloc.h"

struct probe {
	struct probes *all;
	struct key_probe_of of;
	struct key_probe *one;
};

struct probes {
	const struct conf *conf;
	struct loop *loop;
	void (*report)(void *owner, const struct key_probe_result *);
	void (*done)(void *owner);
	void *owner;
	struct deferred finished;
	struct probe *v;
	size_t n, n_left;
};

static void
probe_on_done(void *owner, const struct key_probe_result *result)
{
	struct probe *p = owner;
	struct probes *all = p->all;

	all->report(all->owner, result);
	if (--all->n_left == 0)
		deferred_queue(all->loop, &all->finished);
}

static bool
is_known(const struct probes *all, size_t upstream, size_t key)
{
	for (size_t i = 0; i < all->n; i++) {
		if (all->v[i].of.upstream == upstream &&
		    all->v[i].of.key == key)
			return true;
	}
	return false;
}

static void
add(struct probes *all, size_t upstream, size_t key)
{
	all->v = xreallocarray(all->v, all->n + 1, sizeof(*all->v));
	all->v[all->n] = (struct probe){
		.all = all,
		.of = { .upstream = upstream, .key = key,
		    .target = all->conf->upstreams[upstream].probe_path },
	};
	all->n++;
}

static void
collect(struct probes *all)
{
	const struct conf *conf = all->conf;

	for (size_t r = 0; r < conf->n_routes; r++) {
		const struct conf_route *route = &conf->routes[r];

		for (size_t k = 0; k < route->n_keys; k++) {
			if (!is_known(all, route->upstream, route->keys[k]))
				add(all, route->upstream, route->keys[k]);
		}
	}
}

static void
tell_done(void *owner)
{
	struct probes *all = owner;

	all->done(all->owner);
}

struct probes *
probes_start(const struct conf *conf, struct loop *loop,
    struct caller *caller, void (*report)(void *owner,
    const struct key_probe_result *), void (*done)(void *owner), void *owner)
{
	struct probes *all = xcalloc(1, sizeof(*all));

	all->conf = conf;
	all->loop = loop;
	all->report = report;
	all->done = done;
	all->owner = owner;
	deferred_init(&all->finished, LOOP_LATE, tell_done, all);
	collect(all);
	all->n_left = all->n;
	for (size_t i = 0; i < all->n; i++)
		all->v[i].one = key_probe_start(caller, loop, &all->v[i].of,
		    probe_on_done, &all->v[i]);
	if (all->n == 0)
		deferred_queue(loop, &all->finished);
	return all;
}

void
probes_free(struct probes *all)
{
	if (all == NULL)
		return;
	for (size_t i = 0; i < all->n; i++)
		key_probe_free(all->v[i].one);
	deferred_cancel(&all->finished);
	free(all->v);
	free(all);
}
