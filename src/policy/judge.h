/*
 * The verdict on a request: may this client send it here, which route does it
 * get, which target goes upstream.  Only this module knows the order of the
 * checks: guard, size, target, route, minting.  Pure: configuration, principal
 * and head in, a verdict out; the daemon and `explain` call the same function.
 */
#ifndef POLICY_JUDGE_H
#define POLICY_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "http/head.h"
#include "policy/fault.h"
#include "policy/principal.h"
#include "policy/route_index.h"

/* The client, its request, and the listener. */
struct judge_case {
	const struct conf *conf;
	const struct route_index *index; /* of conf, or NULL: see route.h */
	size_t listener;		/* into conf->listeners */
	const struct principal *who;
	const struct head *head;	/* its target by target_encode() */
};

struct verdict {
	enum fault fault;		/* FAULT_NONE: it may go upstream */
	const char *detail;		/* the rule that refused, and the part;
					   may be NULL; static or in the
					   arena */
	const struct conf_route *route;	/* NULL where none was found; may be
					   set with a fault, too */
	struct text target;		/* that goes upstream; empty with a
					   fault; borrowed or in the arena */
};

/* The route has the keys that the request may be given; keyring chooses one. */
void	judge(const struct judge_case *, struct arena *, struct verdict *);

/*
 * The first of these steps alone, for listeners without routes: may this client
 * make such a request there?  detail, which may become NULL, is as in a
 * verdict.
 */
enum fault	judge_admits(const struct conf_listener *,
		    const struct principal *, const struct head *,
		    struct arena *, const char **detail);

/*
 * A GET of this target ("/path?query", as a client would send it) would pass
 * and get this very route, however its target is read.  Client, fields,
 * listener and Host are those of the case; its method, target and body do not
 * count.
 */
bool	judge_serves(const struct judge_case *, const struct conf_route *,
	    struct text target, struct arena *);

#endif
