/*
 * What the parent decided about letting clients in, for the workers of all
 * generations: which generation does, and whose certificates are believed.  It
 * holds from when it is written, whatever messages a worker has not read yet.
 *
 * Reading is a load, as it is done for each client, and for each request of one
 * that has a certificate.
 */
#ifndef STATS_LETTING_IN_H
#define STATS_LETTING_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/stats.h"

/* The generation of this view lets clients in, and those before it none. */
void		 stats_let_in(struct stats *);

/* A later generation lets clients in. */
bool		 stats_is_followed(const struct stats *);

/*
 * What stands for all by which certificates of clients are judged at a
 * listener, an index into the view's configuration (client/tls_servers.h).  0:
 * that was not told; NONE: nothing is there to judge any.
 */
#define STATS_TRUST_NONE	(UINT64_MAX - 1)

void		 stats_set_trust(struct stats *, size_t listener, uint64_t);
uint64_t	 stats_trust(const struct stats *, size_t listener);

#endif
