/*
 * The clients of routes that limit each of their clients: a table of bounded
 * size in the memory that all workers share.  One who comes anew takes the
 * place of the one that has had nothing for longest, and runs nothing.  For
 * stats/quota only.
 */
#ifndef STATS_QUOTA_CLIENTS_H
#define STATS_QUOTA_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/client_id.h"
#include "stats/view.h"

/* What a client of a route is called in the table; never 0. */
uint64_t	quota_clients_tag(const struct stats *, uint32_t route,
		    const struct client_id *);

/*
 * Its index into the table, where it is put if need be.  False: everybody whose
 * place it could take is running something.
 */
bool		quota_clients_find(struct stats *, uint64_t tag, size_t *i);

/* It is still that client's, and the only one that is found. */
bool		quota_clients_have(const struct stats *, size_t i,
		    uint64_t tag);

#endif
