/*
 * What all workers know of the proxies of upstreams: which of them refuse the
 * key that they are sent, so that none is asked again and again, and people
 * are told.
 */
#ifndef STATS_PROXIES_H
#define STATS_PROXIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/proxy_gate.h"
#include "stats/stats.h"

/*
 * Upstreams are indices into the view's configuration, which is given; they
 * have a proxy.
 */

/* The gate of the upstream's proxy; shared by all workers. */
struct proxy_gate	*stats_proxy_gate(struct stats *, size_t upstream);

/* Who asks there: the proxy and the key's value, as one number. */
uint64_t		 stats_proxy_user(const struct stats *,
			    const struct conf *, size_t upstream);

/* It refused, when it was asked last. */
bool			 stats_proxy_refuses(const struct stats *,
			    const struct conf *, size_t upstream);

#endif
