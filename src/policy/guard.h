/*
 * The first checks: may this client send this request to this listener? Pure:
 * configuration, principal and head in, a fault out.  They come before any
 * route is looked up and any key is touched.
 */
#ifndef POLICY_GUARD_H
#define POLICY_GUARD_H

#include <stdbool.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "http/head.h"
#include "policy/fault.h"
#include "policy/principal.h"
#include "policy/readings.h"

/*
 * May this client use the listener at all: users, groups, from, certificate.
 * A certificate whose names no rule means, of the listener or of any of its
 * routes, is refused.  detail says which rule refused, a static text.
 */
enum fault	guard_client(const struct conf_listener *,
		    const struct principal *, const char **detail);

/*
 * May this request be made: method, no WebSocket, no field that overrides
 * method or target, Host among the listener's, not sent by a web page.
 *
 * Any Host is accepted, also an empty one or none, from a client on a Unix
 * socket whose listener lists none: no web page and no DNS name leads there.
 * An absolute target must even then name an upstream.
 */
enum fault	guard_request(const struct conf_listener *,
		    const struct principal *, const struct head *,
		    const char **detail);

/*
 * The detail of a host_refused followed by the refused Host, cut if it is very
 * long; in the arena.
 */
const char	*guard_name_host(const struct head *, const char *detail,
		    struct arena *);

enum guard_minting {
	GUARD_HARMLESS,
	GUARD_MINTS,
	GUARD_MAY_MINT,		/* for a server that reads the path
				   differently */
};

/*
 * Is this one of the calls of minting.tbl, which create or reveal credentials?
 * path and query are those of the target that goes upstream; the query is
 * without its "?".  A prefix that was not stripped, the case of letters, and
 * encoding do not hide a call.  detail names the call, a static text.
 */
enum guard_minting guard_minting(struct text method, const struct readings *,
		    struct text query, const char **detail);

#endif
