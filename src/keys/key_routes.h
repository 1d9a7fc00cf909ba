/*
 * Which routes have no usable key: a warning once when a route loses its last
 * one, and a line when it has one again, whatever reloads come between.
 */
#ifndef KEYS_KEY_ROUTES_H
#define KEYS_KEY_ROUTES_H

#include <stdint.h>

#include "base/buf.h"
#include "conf/conf.h"
#include "stats/stats.h"

struct key_routes;

struct key_routes	*key_routes_new(void);
void			 key_routes_free(struct key_routes *);

/*
 * Looks at the routes of a configuration that serves.  Returns when to look
 * again though nothing was decided (clock_boot()), or INT64_MAX: a key that was
 * rejected may still serve for a while.
 */
int64_t			 key_routes_look(struct key_routes *,
			    const struct conf *, struct stats *,
			    int64_t now_boot);

/*
 * Appends what keeps requests of a route from going out: "key a is expired, key
 * b is disabled".
 */
void			 key_routes_why(const struct conf *,
			    struct stats *, const struct conf_route *,
			    struct buf *);

#endif
