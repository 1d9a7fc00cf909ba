/*
 * The waiters for a connection of one pool, in the order in which their time
 * ends.  The pool embeds the list.  Pure.
 */
#ifndef UPSTREAM_WAITERS_H
#define UPSTREAM_WAITERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/fault.h"
#include "upstream/connection.h"

struct pool;

/* A waiter; see pool_wait(). */
struct pool_waiter {
	void *owner;
	bool once;	/* as of pool_take() */
	bool fresh;	/* only a connection that was never used will do */
	int64_t until_ns;	/* by loop_now(); failed() is called then */
	void (*ready)(void *owner, struct connection *);
	void (*failed)(void *owner, enum fault, const char *why);
	struct pool *pool;		/* the rest is the pool's */
	int64_t since_ns;
	struct pool_waiter *next, **prev;
};

struct waiters {
	struct pool_waiter *first;	/* NULL: there is none */
	struct pool_waiter **last;
	size_t n;
	int64_t latest_ns;		/* no .until_ns of them is later */
};

void			waiters_init(struct waiters *);

/* Inserts it by its until_ns. */
void			waiters_add(struct waiters *, struct pool_waiter *);
void			waiters_remove(struct waiters *,
			    struct pool_waiter *);

/* The first waiter that can take a connection, used before or not; or NULL. */
struct pool_waiter	*waiters_next(const struct waiters *, bool used);

/*
 * Whether there are too many for one more first-time waiter, with that many
 * connections.
 */
bool			waiters_are_too_many(const struct waiters *,
			    size_t max_connections);

#endif
