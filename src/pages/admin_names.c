/*
 * Names and numbers beside each other; see admin_names.h.
 */
#include "pages/admin_names.h"

#include "config.h"

static void
name_keys(struct metrics_names *names, const struct admin_brief *b,
    struct arena *arena)
{
	size_t n = b->conf->n_keys;
	struct metrics_key *v = arena_alloc(arena, n * sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i] = (struct metrics_key){
			.name = b->conf->keys[i].name,
			.number = b->numbers.keys[i],
			.expires = b->conf->keys[i].expires,
		};
	names->keys = v;
	names->n_keys = n;
}

static struct metrics_name *
name_listeners(const struct admin_brief *b, struct arena *arena)
{
	size_t n = b->conf->n_listeners;
	struct metrics_name *v = arena_alloc(arena, n * sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i] = (struct metrics_name){ b->conf->listeners[i].name,
			b->numbers.listeners[i] };
	return v;
}

static struct metrics_name *
name_routes(const struct admin_brief *b, struct arena *arena)
{
	size_t n = b->conf->n_routes;
	struct metrics_name *v = arena_alloc(arena, n * sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i] = (struct metrics_name){ b->conf->routes[i].name,
			b->numbers.routes[i] };
	return v;
}

static struct metrics_name *
name_upstreams(const struct admin_brief *b, struct arena *arena)
{
	size_t n = b->conf->n_upstreams;
	struct metrics_name *v = arena_alloc(arena, n * sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i] = (struct metrics_name){ b->conf->upstreams[i].name,
			b->numbers.upstreams[i] };
	return v;
}

void
admin_names_make(struct metrics_names *names, const struct admin_brief *b,
    struct arena *arena)
{
	*names = (struct metrics_names){
		.version = PACKAGE_VERSION,
		.listeners = name_listeners(b, arena),
		.n_listeners = b->conf->n_listeners,
		.routes = name_routes(b, arena),
		.n_routes = b->conf->n_routes,
		.upstreams = name_upstreams(b, arena),
		.n_upstreams = b->conf->n_upstreams,
	};
	name_keys(names, b, arena);
}
