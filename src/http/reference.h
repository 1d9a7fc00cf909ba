/*
 * References in the fields of a response, such as Location, resolved against
 * the target of the request (RFC 3986 section 5, RFC 9110 section 10.2.2).
 * Pure.
 */
#ifndef HTTP_REFERENCE_H
#define HTTP_REFERENCE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"
#include "http/rules.h"

/* A target at the server that sent the reference. */
struct reference {
	struct text target;	/* path and query; the path without dot
				   segments, one slash at its beginning */
	struct text fragment;	/* with its "#", or empty */
};

/*
 * Resolves value, found in the response to a request that was sent over TLS to
 * server for the target base.  False where it leads to another scheme, host or
 * port, where it has userinfo, or where clients disagree on where it leads:
 * with a backslash, a control, a blank, a byte that is not ASCII, or "//" at
 * the beginning of its path.  The texts point into value or the arena.
 */
bool	reference_resolve(struct text value, struct text base,
	    const struct authority *server, struct arena *,
	    struct reference *);

#endif
