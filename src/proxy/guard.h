/*
 * The guard at the door: may this client say this to this listener?  Pure:
 * configuration, principal and head in, a fault out.  Comes before any route
 * is looked up and any key is touched.
 */
#ifndef PROXY_GUARD_H
#define PROXY_GUARD_H

#include <stdbool.h>

#include "conf/conf.h"
#include "http/head.h"
#include "proxy/fault.h"
#include "proxy/principal.h"

/*
 * May this client use the listener at all: users, groups, from.  detail says
 * which rule refused, a static text.
 */
enum fault	guard_client(const struct conf_listener *,
		    const struct principal *, const char **detail);

/*
 * May this request be made: method, no WebSocket, target that can be read in
 * one way only, no field that overrides method or target, Host among the
 * listener's, not sent by a web page.
 *
 * Any Host will do, or an empty or none, where a client came through a Unix
 * socket whose listener lists none: no web page and no name of DNS leads
 * there.  An absolute target must even then name an upstream.
 */
enum fault	guard_request(const struct conf_listener *,
		    const struct principal *, const struct head *,
		    const char **detail);

/*
 * Is this one of the calls that create or reveal credentials?  target is what
 * goes upstream, after a prefix was stripped.  Prefixes that were not, case,
 * percent-encoding, parameters and slashes do not hide it.  GET, HEAD, OPTIONS
 * and DELETE never are.
 */
bool		guard_is_minting(struct text method, struct text target);

#endif
