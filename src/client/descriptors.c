/*
 * The sharing out of descriptors; see descriptors.h.
 */
#include "client/descriptors.h"

#include "client/turn_away.h"
#include "net/linger.h"

/* Logs, the event loop, the parent, name look-ups: not counted one by one. */
#define OWN		(32 + LINGERS)

static bool
pair_is_used(const struct conf *c, size_t upstream, size_t key)
{
	for (size_t i = 0; i < c->n_routes; i++) {
		const struct conf_route *r = &c->routes[i];

		for (size_t k = 0; r->upstream == upstream && k < r->n_keys;
		    k++) {
			if (r->keys[k] == key)
				return true;
		}
	}
	return false;
}

/* There is a pool per upstream and key. */
static uint64_t
connections(const struct conf *c)
{
	uint64_t n = 0;

	for (size_t u = 0; u < c->n_upstreams; u++) {
		for (size_t k = 0; k < c->n_keys; k++) {
			if (pair_is_used(c, u, k))
				n += c->upstreams[u].max_connections;
		}
	}
	return n;
}

/* Where descriptors are few, half of them are left to clients and upstreams. */
static uint64_t
share_of_own(uint64_t own, uint64_t most)
{
	return own < most / 2 ? own : most / 2;
}

static uint64_t
fixed(const struct conf *c)
{
	return OWN + c->n_listeners + c->workers;
}

unsigned
descriptors_turned_away(const struct conf *c, uint64_t most)
{
	uint64_t n = fixed(c), own = share_of_own(n + TURNED_AWAY, most);

	return own > n ? (unsigned)(own - n) : 1;
}

uint32_t
descriptors_clients(const struct conf *c, uint64_t most)
{
	uint64_t rest, wanted;

	rest = most - share_of_own(fixed(c) + TURNED_AWAY, most);
	/* An exchange needs two: one of the client, one of the upstream. */
	wanted = connections(c);
	rest -= wanted < rest / 2 ? wanted : rest / 2;
	if (rest == 0)
		return 1;
	return rest < c->limits.clients ? (uint32_t)rest : c->limits.clients;
}
