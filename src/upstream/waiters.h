/*
 * Those who wait for a connection, in the order in which their time ends, of
 * one pool, which embeds the list.  Pure.
 */
#ifndef UPSTREAM_WAITERS_H
#define UPSTREAM_WAITERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/fault.h"
#include "upstream/connection.h"

struct pool;

/* Somebody who waits; see pool_wait(). */
struct pool_waiter {
	void *owner;
	bool once;	/* as of pool_take() */
	bool fresh;	/* only a connection that was never used will do */
	int64_t until_ns;	/* loop_now(): failed() is called then */
	void (*ready)(void *owner, struct connection *);
	void (*failed)(void *owner, enum fault, const char *why);
	struct pool *pool;		/* the rest is the pool's */
	int64_t since_ns;
	struct pool_waiter *next, **prev;
};

struct waiters {
	struct pool_waiter *first;	/* NULL: nobody waits */
	struct pool_waiter **last;
	size_t n;
	int64_t latest_ns;		/* no .until_ns of them is later */
};

void			waiters_init(struct waiters *);

/* .until_ns says where. */
void			waiters_add(struct waiters *, struct pool_waiter *);
void			waiters_remove(struct waiters *,
			    struct pool_waiter *);

/* The first who a connection will do for, used before or not; or NULL. */
struct pool_waiter	*waiters_next(const struct waiters *, bool used);

/* Who waits for the first time should not, with so many connections. */
bool			waiters_are_too_many(const struct waiters *,
			    size_t max_connections);

#endif
