/*
 * Connections to one upstream for one key.  A connection never carries two
 * keys, so one team's connection never affects another team.  Every connection
 * here has finished a handshake that verified the upstream's name.
 *
 * Called by attempt.  Knows no routes and no clients.
 */
#ifndef UPSTREAM_POOL_H
#define UPSTREAM_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "http/codec.h"
#include "net/loop.h"
#include "net/resolve.h"
#include "net/tls.h"
#include "stats/counts.h"
#include "upstream/connection.h"
#include "upstream/contact.h"
#include "upstream/tunnel.h"
#include "upstream/waiters.h"

struct pool;

struct pool_conf {
	struct loop *loop;
	struct resolver *resolver;
	struct tls_client *tls;
	const struct conf_upstream *upstream;
	const struct tunnel *tunnel;	/* how it is reached; NULL: directly */
	const struct codec_shared *codec;
	struct stats_connections *counts;
	struct contact *contact;	/* told how dials end */
};

struct pool	*pool_new(const struct pool_conf *);

/* Called when no exchange is running; idle connections are closed. */
void		 pool_free(struct pool *);

/*
 * Lends an idle connection, the one that was used last, or returns NULL.  It
 * may have ended without our having noticed.  once: the request can be sent
 * only once, so the connection is checked, as it always is if it was never
 * used; and it must be one that the upstream will hardly close now, see
 * keeping.h.
 */
struct connection *pool_take(struct pool *, bool once);

/*
 * Waits for a connection.  Exactly one of the waiter's two functions is called
 * later, but not within pool_wait(), unless the waiter is cancelled first.
 * False, and no call, if there are too many waiters; never for fresh ones,
 * which had a connection before, or try a key.
 */
bool		 pool_wait(struct pool *, struct pool_waiter *)
		    __attribute__((warn_unused_result));
void		 pool_cancel(struct pool_waiter *);

/*
 * The user is done; no event comes after.  The connection is kept if its codec
 * says that it can be used again, else closed.
 */
void		 pool_release(struct connection *);

/* Closes it in any state: the reason is for the log. */
void		 pool_drop(struct connection *, const char *reason);

/*
 * Closes all connections, and those that are being made; none where somebody
 * uses one or waits.
 */
void		 pool_clear(struct pool *, const char *reason);

/* How many there are, in use and idle; for statistics. */
size_t		 pool_count(const struct pool *);
size_t		 pool_count_idle(const struct pool *);

#endif
