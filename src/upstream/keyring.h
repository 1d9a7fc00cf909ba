/*
 * The keys of this generation: which of a route's keys an exchange gets.
 * What is known of a key's expiry lives in the shared stats, so that all
 * workers choose alike; the sealed file's own word counts until a response
 * said better.
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
 * Where all have, one whose expiry is in doubt is better than none: the API
 * told it, and accepted the key after that time; or it is the beginning of
 * today, which is how a date alone reads, and a date may mean its end.
 */
size_t	keyring_pick(const struct keyring *, const struct conf_route *,
	    int64_t now);

/* The key may be sent to this host: its sealed file names it. */
bool	keyring_allows(const struct keyring *, size_t key, const char *host);

/*
 * What a response told of a key's expiry; the event key-expiration-seen is
 * logged by the one worker that saw it first, or saw it change.
 */
struct keyring_expiry {
	enum expiry_result result;
	int64_t seconds;
	struct text raw;	/* borrowed from the fields, or empty */
};
struct keyring_expiry keyring_learn(const struct keyring *, size_t key,
	    const char *upstream, const struct head *response);

#endif
