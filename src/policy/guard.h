/*
 * The guard at the door: may this client say this to this listener?  Pure:
 * configuration, principal and head in, a fault out.  Comes before any route
 * is looked up and any key is touched.
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
 * May this client use the listener at all: users, groups, from.  detail says
 * which rule refused, a static text.
 */
enum fault	guard_client(const struct conf_listener *,
		    const struct principal *, const char **detail);

/*
 * May this request be made: method, no WebSocket, no field that overrides
 * method or target, Host among the listener's, not sent by a web page.
 *
 * Any Host will do, or an empty or none, where a client came through a Unix
 * socket whose listener lists none: no web page and no name of DNS leads
 * there.  An absolute target must even then name an upstream.
 */
enum fault	guard_request(const struct conf_listener *,
		    const struct principal *, const struct head *,
		    const char **detail);

/*
 * The detail of a host_refused with the Host that was refused behind it, as
 * far as that is not very long, in the arena.
 */
const char	*guard_name_host(const struct head *, const char *detail,
		    struct arena *);

enum guard_minting {
	GUARD_HARMLESS,
	GUARD_MINTS,
	GUARD_MAY_MINT,		/* to a server that reads the path otherwise */
};

/*
 * Is this one of the calls of minting.tbl, which create or reveal
 * credentials?  path and query are of the target that goes upstream; the
 * query's "?" is not in it.  A prefix that was not stripped, the case of
 * letters, and encoding do not hide it.  detail says which call it is, a
 * static text.
 */
enum guard_minting guard_minting(struct text method, const struct readings *,
		    struct text query, const char **detail);

#endif
