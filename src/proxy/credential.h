/*
 * What becomes of a head on its way through.  Pure.  The fields of the
 * request sent upstream are chosen here, from parsed parts; the key's field
 * is not among them: credential_field() makes it, last.
 */
#ifndef PROXY_CREDENTIAL_H
#define PROXY_CREDENTIAL_H

#include <stdbool.h>

#include "base/secret.h"
#include "conf/conf.h"
#include "http/head.h"

/*
 * Appends to out the end-to-end fields of a client's request that may go
 * upstream: none that Connection names, hop-by-hop ones, Host, framing ones,
 * nor any credential or identity of the client (Authorization, Cookie,
 * es-secondary-authorization, ... and names that fold to these).
 */
void	credential_request_fields(const struct head *, struct fields *out);

/*
 * Appends the end-to-end fields of a response for the client.
 */
void	credential_response_fields(const struct head *, struct fields *out);

/*
 * Fields of trailers that may be passed on to the client.
 */
void	credential_trailer_fields(const struct head *, struct fields *out);

/*
 * Writes "SCHEME VALUE" of a key into buf, credential_size() bytes, and
 * returns the text over it; the caller wipes buf after use.
 */
size_t		credential_size(const struct conf_key *);
struct text	credential_value(const struct conf_key *, char *buf);

#endif
