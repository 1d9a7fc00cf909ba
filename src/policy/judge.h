/*
 * What becomes of a request: may this client say this here, which route is
 * it, what goes upstream.  The one place that knows in which order that is
 * asked: guard, size, target, route, minting.  Pure: configuration, principal
 * and head in, a verdict out; the daemon, `explain` and whoever wonders what
 * another request would get ask the same function.
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

/* Who asks for what, and where. */
struct judge_case {
	const struct conf *conf;
	const struct route_index *index; /* of conf, or NULL: see route.h */
	size_t listener;		/* into conf->listeners */
	const struct principal *who;
	const struct head *head;	/* its target by target_encode() */
};

struct verdict {
	enum fault fault;		/* FAULT_NONE: it may go upstream */
	const char *detail;		/* which rule refused, and the part; may
					   be NULL; static or in the arena */
	const struct conf_route *route;	/* NULL where none was found; may be
					   set with a fault, too */
	struct text target;		/* that goes upstream; empty with a
					   fault; borrowed or in the arena */
};

/* Says which keys a request may be given, but not which of them serves. */
void	judge(const struct judge_case *, struct arena *, struct verdict *);

/*
 * A GET of this target ("/path?query", as a client would send it) by the same
 * client, with the same fields, to the same listener and Host as the request
 * of the case would pass, and get this very route, however its target is
 * read.  Of the case's head the method, the target and the body do not count.
 */
bool	judge_serves(const struct judge_case *, const struct conf_route *,
	    struct text target, struct arena *);

#endif
