/*
 * Routes without a key; see key_routes.h.
 */
#include "keys/key_routes.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "policy/key_state.h"
#include "stats/counts.h"
#include "stats/decided.h"
#include "upstream/keyring.h"

struct key_routes {
	bool lacking[STATS_ROUTES];	/* by the routes' numbers */
};

struct key_routes *
key_routes_new(void)
{
	return xcalloc(1, sizeof(struct key_routes));
}

void
key_routes_free(struct key_routes *r)
{
	free(r);
}

void
key_routes_why(const struct conf *conf, struct stats *stats,
    const struct conf_route *route, struct buf *out)
{
	const struct keyring keyring = { .conf = conf, .stats = stats };
	const struct conf_upstream *u = &conf->upstreams[route->upstream];
	unsigned barred = keyring_bars_way(&keyring, u);

	if (barred != 0)
		buf_printf(out, "key %s of its proxy is %s",
		    conf->keys[u->proxy.key].name,
		    key_state_name(key_state_of(barred)));
	for (size_t i = 0; i < route->n_keys; i++) {
		size_t key = route->keys[i];
		unsigned off = stats_key_off(stats, key);

		if (off != 0)
			buf_printf(out, "%skey %s is %s",
			    buf_len(out) != 0 ? ", " : "",
			    conf->keys[key].name, key_state_name(
			    key_state_of(off)));
	}
}

static void
warn(const struct conf *conf, struct stats *stats,
    const struct conf_route *route)
{
	struct buf why;

	buf_init(&why, NULL);
	key_routes_why(conf, stats, route, &why);
	log_warn("route %s has no usable key, and its requests are answered "
	    "503: %.*s", route->name, TEXT_ARG(buf_text(&why)));
	buf_release(&why);
}

/* When a key of the route ceases to serve that is rejected. */
static int64_t
grace_end(const struct stats *stats, const struct conf_route *route,
    int64_t now)
{
	int64_t end = INT64_MAX;

	for (size_t i = 0; i < route->n_keys; i++) {
		int64_t at = stats_key_rejected_ns(stats, route->keys[i]) +
		    KEYRING_GRACE_NS;

		if (stats_key_off(stats, route->keys[i]) == KEY_OFF_REJECTED &&
		    at > now)
			end = clock_earlier(end, at);
	}
	return end;
}

int64_t
key_routes_look(struct key_routes *r, const struct conf *conf,
    struct stats *stats, int64_t now)
{
	const struct keyring keyring = { .conf = conf, .stats = stats };
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < conf->n_routes; i++) {
		const struct conf_route *route = &conf->routes[i];
		bool *lacking = &r->lacking[stats_numbers(stats)->routes[i]];
		bool lacks = keyring_pick(&keyring, route, now, CONF_NONE) ==
		    CONF_NONE;

		if (lacks && !*lacking)
			warn(conf, stats, route);
		else if (!lacks && *lacking)
			log_info("route %s has a usable key again",
			    route->name);
		*lacking = lacks;
		next = clock_earlier(next, grace_end(stats, route, now));
	}
	return next;
}
