/*
 * Which of many routes a request can have at all: a table of what routes ask
 * for, so that the last of ten thousand costs what the first does.  It knows
 * listener, host, client_key and path; whether a route that it names does
 * hold, the other conditions included, is for the caller to say, and a name
 * too many does no harm.  Never changes once made.  Called by route.
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

/* Some route asks for a client by a bare word; by a digest. */
bool			 route_index_has_words(const struct route_index *);
bool			 route_index_has_digests(const struct route_index *);

/* "::1" of "[::1]": how hosts are compared. */
struct text		 route_index_host(struct text);

struct route_question {
	size_t listener;
	struct text host;		/* by route_index_host() */
	const struct readings *readings;
	struct text token;		/* of the client; empty: none */
	const uint8_t *sha256;		/* of the token; may be NULL where
					   no digest is asked for */
};

/*
 * The first of those routes for which holds() does, as an index into
 * conf->routes, or CONF_NONE.  holds() is called for a few routes, in no
 * order; where it says yes again, it is for an earlier one.
 */
size_t			 route_index_first(const struct route_index *,
			    const struct route_question *,
			    bool (*holds)(void *ctx, size_t route), void *ctx);

#endif
