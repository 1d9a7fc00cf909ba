/*
 * Where responses lead clients.  Location and Content-Location that point at
 * the route's upstream become the target that the client has to ask us for: a
 * path without scheme and host, with the prefix that the route takes off.
 * Values that point elsewhere, or to what another route would serve, are left
 * alone.
 *
 * Pure.  Called by forward for each response.
 */
#ifndef CLIENT_REDIRECT_H
#define CLIENT_REDIRECT_H

#include "base/arena.h"
#include "conf/conf.h"
#include "http/head.h"
#include "policy/judge.h"

/* The exchange whose response it is. */
struct redirect {
	struct judge_case request;	/* as the client made it */
	const struct conf_route *route;
	struct text target;		/* that went upstream */
	struct arena *arena;
	const char *astray;		/* set where a field points at the
					   upstream, but the route would not
					   serve it: its name */
};

/*
 * The head for the client: response itself, or, where a field is changed, out
 * with the fields in list, which is emptied first.  They refer to bytes in
 * response and in the arena.
 */
const struct head	*redirect_apply(struct redirect *,
			    const struct head *response, struct head *out,
			    struct fields *list);

#endif
