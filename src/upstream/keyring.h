/*
 * The keys of this generation, and the choice among a route's keys.  The known
 * expiry of a key is in the shared stats, so that all workers choose alike;
 * the time in the sealed file counts until a response tells a better one.
 */
#ifndef UPSTREAM_KEYRING_H
#define UPSTREAM_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "http/head.h"
#include "stats/stats.h"
#include "upstream/expiry.h"

struct keyring {
	const struct conf *conf;
	struct stats *stats;
};

/*
 * The first key of the route that has not expired, as an index into
 * conf->keys, or CONF_NONE.  now is seconds since 1970.
 *
 * If all have, a key whose expiry is in doubt is better than none: the API told
 * the time, and accepted the key after it; or it is the beginning of today, as
 * a date alone is read, while it may mean the day's end.
 */
size_t	keyring_pick(const struct keyring *, const struct conf_route *,
	    int64_t now);

/* Whether the key may be sent to this host: its sealed file must name it. */
bool	keyring_allows(const struct keyring *, size_t key, const char *host);

/*
 * The expiry of a key in a response; the event key-expiration-seen is logged by
 * the one worker that saw it, or a change of it, first.  now is when the
 * request was made, in seconds since 1970.
 */
struct keyring_expiry {
	enum expiry_result result;
	int64_t seconds;
	struct text raw;	/* borrowed from the fields, or empty */
};
struct keyring_expiry keyring_learn(const struct keyring *, size_t key,
	    const char *upstream, const struct head *response, int64_t now);

#endif
