/*
 * For tests: a pool of connections to one upstream over the network in
 * memory, with the options' defaults, but for two connections at a time.
 */
#ifndef TESTS_UNIT_UPSTREAM_POOL_RIG_H
#define TESTS_UNIT_UPSTREAM_POOL_RIG_H

#include "../../sim/memory.h"
#include "upstream/pool.h"

struct pool_rig {
	struct loop *loop;
	struct conf_upstream upstream;
	struct fields scratch;
	struct codec_shared codec;
	struct stats_connections counts;
	struct tls_client *tls;
	struct contact *contact;
	struct pool *pool;
};

/* The upstream alone. */
struct conf_upstream	pool_rig_upstream(void);

void	pool_rig_start(struct pool_rig *);

/* No connection is lent any more. */
void	pool_rig_end(struct pool_rig *);

#endif
