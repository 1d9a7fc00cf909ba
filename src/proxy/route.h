/*
 * (listener, principal, authority, method, target, client key) to a route.
 * Pure: the daemon and `explain` use the same function.
 */
#ifndef PROXY_ROUTE_H
#define PROXY_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "http/head.h"
#include "proxy/principal.h"

/*
 * The first route whose every condition holds, or NULL.  A route's path holds
 * for itself and what follows it after "/" or "?", in every spelling that RFC
 * 3986 section 6.2.2 calls the same; what the guard refuses aside, none is
 * left that finds another route.  users and groups are one condition each.
 * client_key is matched against the client's Authorization: ApiKey NAME,
 * Bearer NAME, or the password of Basic, in constant time.
 */
const struct conf_route	*route_find(const struct conf *, size_t listener,
			    const struct principal *, const struct head *);

/*
 * The option of this route that keeps it from being the request's, "methods",
 * or NULL where every condition holds.  For people: `explain` says it.
 */
const char		*route_unmet(const struct conf *, size_t listener,
			    const struct principal *, const struct head *,
			    const struct conf_route *);

/*
 * The route knows the token of its client by a digest only: then it is a
 * secret, unlike a bare word.
 */
bool			 route_token_is_secret(const struct conf *,
			    const struct conf_route *);

/*
 * The text holds the token that the client presents in this head.  One of
 * fewer than eight characters stands in texts by chance, and is not looked
 * for.
 */
bool			 route_token_is_in(const struct head *, struct text);

/*
 * The target that goes upstream: without the route's path where it strips,
 * never empty ("/billing" becomes "/").  A strip that would make the target
 * ambiguous ("/billing//x") never happens: the guard refused it.
 */
struct text		 route_target(const struct conf_route *,
			    struct text target, struct arena *);

#endif
