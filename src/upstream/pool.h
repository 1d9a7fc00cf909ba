/*
 * Connections to one upstream for one key.  A connection never carries two
 * keys, so what happens to one team's connection never reaches another team.
 * Every connection here has finished a handshake that verified the
 * upstream's name.
 *
 * Called by transfer.  Knows no routes and no clients.
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
#include "upstream/connection.h"
#include "upstream/waiters.h"

struct pool;

struct pool_conf {
	struct loop *loop;
	struct resolver *resolver;
	struct tls_client *tls;
	const struct conf_upstream *upstream;
	const struct codec_shared *codec;
};

struct pool	*pool_new(const struct pool_conf *);

/* No exchange may be running; idle connections are closed. */
void		 pool_free(struct pool *);

/*
 * An idle connection, the one that was used last, now the user's, or NULL.  It
 * may have ended without our having noticed yet.  once: the user has no second
 * chance, so that is looked for; as it always is where a connection was never
 * used.  Then, too, only one will do that the upstream will hardly close just
 * now, see keeping.h.
 */
struct connection *pool_take(struct pool *, bool once);

/*
 * Waits for one instead.  Exactly one of the waiter's two is called later, but
 * not within pool_wait(), unless the waiter is cancelled first.  False, and no
 * call, where too many wait already; never for fresh ones, whose users had a
 * connection before.
 */
bool		 pool_wait(struct pool *, struct pool_waiter *)
		    __attribute__((warn_unused_result));
void		 pool_cancel(struct pool_waiter *);

/*
 * The user is done; no event comes after.  The connection is kept where its
 * codec says that it can be used again, else closed.
 */
void		 pool_release(struct connection *);

/* Closes it whatever its state: the reason is for the log. */
void		 pool_drop(struct connection *, const char *reason);

/* How many there are, in use and idle; for statistics. */
size_t		 pool_count(const struct pool *);
size_t		 pool_count_idle(const struct pool *);

#endif
