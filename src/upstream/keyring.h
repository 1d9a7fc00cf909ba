/*
 * The keys of this generation, and the choice among a route's keys, by what the
 * parent decided of their values (stats/decided.h), so that all workers choose
 * alike.  What responses tell of a key's expiry is noted for the parent.
 */
#ifndef UPSTREAM_KEYRING_H
#define UPSTREAM_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "http/head.h"
#include "stats/stats.h"
#include "upstream/expiry.h"

struct keyring {
	const struct conf *conf;
	struct stats *stats;
	bool keys_alone;	/* what is asked is about keys, not whether
				   there is a way for them */
};

/*
 * How long a route's last usable key still serves when it was rejected: one
 * after whose rejection no other key of the route went off, which would have
 * been the last one.
 */
#define KEYRING_GRACE_NS	(60 * NS_PER_S)

/*
 * The key that requests of the route get, as an index into conf->keys, or
 * CONF_NONE: of those that are not off the one promoted last, else the first in
 * the route's order.  If all are off, a key that has expired, but whose expiry
 * is in doubt, is better than none; and so is one that was rejected only, for a
 * while: the upstream may have a bad minute.  One that is disabled never is.
 * None is picked where the way to the upstream is barred, unless keys_alone.
 *
 * now_boot is clock_boot().  The value of the key except, or CONF_NONE, is not
 * picked under any name.
 */
size_t	keyring_pick(const struct keyring *, const struct conf_route *,
	    int64_t now_boot, size_t except);

/* Whether the key may go nowhere at all. */
bool	keyring_is_disabled(const struct keyring *, size_t key);

/*
 * Why the upstream may not be reached, as its proxy is not sent its key:
 * KEY_OFF_DISABLED or KEY_OFF_EXPIRED; 0: it may.
 */
unsigned	keyring_bars_way(const struct keyring *,
		    const struct conf_upstream *);

/* Whether all that goes that way ends, too: a person switched the key off. */
bool	keyring_cuts_way(const struct keyring *,
	    const struct conf_upstream *);

/*
 * The only key of a route that is made to try it: whatever its state is, but
 * CONF_NONE if it is disabled, or the way to the upstream is barred.
 */
size_t	keyring_only(const struct keyring *, const struct conf_route *);

/*
 * Why keyring_pick() has none for the route, in words that last: "all are
 * expired", or "the key of its proxy is disabled".
 */
const char	*keyring_why_none(const struct keyring *,
		    const struct conf_route *);

/*
 * What holds for each of conf->keys, with what depends on the configuration:
 * whether routes list it, and whether it serves one.  Whether it was used is
 * not told.
 */
void	keyring_facts(const struct keyring *, int64_t now_boot,
	    unsigned *facts);

/* Whether the key may be sent to this host: its sealed file must name it. */
bool	keyring_allows(const struct keyring *, size_t key, const char *host);

/*
 * The expiry of a key in a response; the event key-expiration-seen is logged by
 * the one worker that saw it, or a change of it, first.  Where responses cannot
 * agree on it, few changes count (stats_note_expiry).  now is when the request
 * was made, in seconds since 1970.
 *
 * A failure that says that the key is over may come from a service behind the
 * API.  Unless the request was a probe, which asked the API itself, nothing is
 * noted of that, and the key is suspect.
 */
struct keyring_expiry {
	enum expiry_result result;
	int64_t seconds;
	struct text raw;	/* borrowed from the fields, or empty */
	bool learnt;		/* something that nobody knew */
	bool suspect;
};
struct keyring_expiry keyring_learn(const struct keyring *, size_t key,
	    const char *upstream, const struct head *response, int64_t now,
	    bool probe);

#endif
