/*
 * The fields of a head on its way through.  Pure.  The fields of the request
 * sent upstream are chosen here, from parsed parts; the key's field is not
 * among them: credential_value() makes it, last.
 */
#ifndef UPSTREAM_CREDENTIAL_H
#define UPSTREAM_CREDENTIAL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/secret.h"
#include "conf/conf.h"
#include "http/head.h"

/* The route, upstream and key of a request. */
struct credential_use {
	const struct conf_route *route;
	const struct conf_upstream *upstream;
	const struct conf_key *key;
};

/*
 * Appends to out the end-to-end fields of a client's request that may go
 * upstream.  These are none that Connection names, no hop-by-hop fields, no
 * Host, no framing fields, not the field of the key, and no credential or
 * identity of the client (Authorization, Cookie, es-secondary-authorization,
 * ... and names that fold to these), except those that the route lets pass, by
 * their exact names.  Accept-Encoding is ours if the upstream must not encode.
 */
void	credential_request_fields(const struct head *,
	    const struct credential_use *, struct fields *out);

/*
 * Appends the end-to-end fields of a response, an interim one, or trailers from
 * an upstream; these go to the client.
 */
void	credential_response_fields(const struct head *, struct fields *out);

/*
 * "SCHEME VALUE" of a key, or the value alone, of *n bytes, in the arena; the
 * caller wipes it after use.
 */
char		*credential_value(const struct conf_key *, struct arena *,
		    size_t *n);

/* Appends the key's field, with that text. */
void		credential_add(const struct conf_key *, struct text value,
		    struct fields *out);

#endif
