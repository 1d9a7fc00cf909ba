/*
 * A client's certificate that a verb is given.
 */
#ifndef CLI_CERTIFICATE_H
#define CLI_CERTIFICATE_H

#include "conf/conf.h"
#include "policy/principal.h"

/*
 * Gives the principal the names in the first certificate of a PEM file; "-" is
 * standard input.  Those behind it are what the client sends with it.  NULL, or
 * the reason why that listener, which asks for certificates, would refuse it in
 * a handshake, to be freed.
 */
char	*certificate_take(struct principal *, const struct conf_listener *,
	    const char *file);

#endif
