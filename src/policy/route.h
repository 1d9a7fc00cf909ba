/*
 * (listener, principal, authority, method, target, client key) to a route.
 * Pure: the daemon and `explain` use the same function.
 */
#ifndef POLICY_ROUTE_H
#define POLICY_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "http/head.h"
#include "policy/principal.h"
#include "policy/readings.h"
#include "policy/route_index.h"

enum route_doubt {
	ROUTE_CERTAIN,
	ROUTE_DIFFERS,		/* another reading has another route */
	ROUTE_PREFIX_DIFFERS,	/* the route would strip another part */
};

struct route_found {
	const struct conf_route *route;	/* NULL: there is none */
	size_t prefix;			/* bytes of the target that its path
					   takes; 0: it has none */
	enum route_doubt doubt;
};

/*
 * The first route whose every condition holds in some reading of the target.  A
 * route's path holds for that path, also when "/" or "?" follows it.  users,
 * groups, from and certificate are one condition each; from holds for no client
 * on a Unix socket.  client_key is matched against the client's
 * Authorization: ApiKey NAME, Bearer NAME, or the password of Basic, in
 * constant time.  The readings are those of the head's target, all of them or
 * some kinds.  The index is that of the configuration; NULL: its routes are
 * tried one by one, with the same result.
 */
struct route_found	 route_find(const struct conf *,
			    const struct route_index *, size_t listener,
			    const struct principal *, const struct head *,
			    struct readings *);

/*
 * The option of this route that does not hold for the request, such as
 * "methods", or NULL where every condition holds.  For `explain`.
 */
const char		*route_unmet(const struct conf *, size_t listener,
			    const struct principal *, const struct head *,
			    struct readings *, const struct conf_route *);

/*
 * The route knows the token of its client only by a digest: then it is a
 * secret, unlike a bare word.  NULL, where none was found: some route does.
 */
bool			 route_token_is_secret(const struct conf *,
			    const struct conf_route *);

/*
 * The text holds the token that the client presents in this head.  One of fewer
 * than eight characters can be in texts by chance, and is not searched for.
 */
bool			 route_token_is_in(const struct head *, struct text);

/*
 * The target that goes upstream: without the route's path where it strips,
 * never empty ("/billing" becomes "/").  The route must have been found for all
 * readings.
 */
struct text		 route_target(const struct route_found *,
			    struct text target, struct arena *);

#endif
