/*
 * What becomes of a head on its way through.  Pure.  The fields of the
 * request sent upstream are chosen here, from parsed parts; the key's field
 * is not among them: credential_value() makes it, last.
 */
#ifndef UPSTREAM_CREDENTIAL_H
#define UPSTREAM_CREDENTIAL_H

#include <stdbool.h>

#include "base/secret.h"
#include "conf/conf.h"
#include "http/head.h"

/* By whom a request is sent, and with which key. */
struct credential_use {
	const struct conf_route *route;
	const struct conf_upstream *upstream;
	const struct conf_key *key;
};

/*
 * Appends to out the end-to-end fields of a client's request that may go
 * upstream: none that Connection names, hop-by-hop ones, Host, framing ones,
 * nor the one that the key stands in, nor any credential or identity of the
 * client (Authorization, Cookie, es-secondary-authorization, ... and names
 * that fold to these) but those that the route lets pass, by their very
 * names.  Accept-Encoding is ours where the upstream shall not encode.
 */
void	credential_request_fields(const struct head *,
	    const struct credential_use *, struct fields *out);

/*
 * Appends the end-to-end fields, which are the client's, of what an upstream
 * sends: a response, an interim one, or trailers.
 */
void	credential_response_fields(const struct head *, struct fields *out);

/*
 * Writes "SCHEME VALUE" of a key, or the value alone, into buf, which takes
 * credential_size() bytes, and returns the text over it; the caller wipes buf
 * after use.
 */
size_t		credential_size(const struct conf_key *);
struct text	credential_value(const struct conf_key *, char *buf);

/* Appends the field that a key stands in, with that text. */
void		credential_add(const struct conf_key *, struct text value,
		    struct fields *out);

#endif
