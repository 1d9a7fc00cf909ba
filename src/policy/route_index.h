/*
 * The routes that a request may have: a table by the conditions of routes, so
 * that finding the last of ten thousand costs no more than the first.  It knows
 * listener, host, client_key and path; the caller checks whether a route holds,
 * with all its conditions, so a route too many does no harm.  Never changes
 * once made.  Called by route.
 */
#ifndef POLICY_ROUTE_INDEX_H
#define POLICY_ROUTE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "conf/conf.h"
#include "policy/readings.h"

struct route_index;

/* The configuration need not outlive this call. */
struct route_index	*route_index_new(const struct conf *);
void			 route_index_free(struct route_index *);

/* Some route has a client that is a bare word; one with a digest. */
bool			 route_index_has_words(const struct route_index *);
bool			 route_index_has_digests(const struct route_index *);

/* "::1" of "[::1]": the form in which hosts are compared. */
struct text		 route_index_host(struct text);

struct route_question {
	size_t listener;
	struct text host;		/* by route_index_host() */
	const struct readings *readings;
	struct text token;		/* of the client; empty: none */
	const uint8_t *sha256;		/* of the token; may be NULL if no route
					   has a digest */
};

/*
 * The first of those routes for which holds() is true, as an index into
 * conf->routes, or CONF_NONE.  holds() is called for a few routes, in no order;
 * a later true is for an earlier route.
 */
size_t			 route_index_first(const struct route_index *,
			    const struct route_question *,
			    bool (*holds)(void *ctx, size_t route), void *ctx);

#endif
