/*
 * Passing requests on: the handler of listeners whose clients want to reach an
 * upstream.  It judges a request, has the half that holds keys ask it, and
 * passes bodies both ways, each as fast as the other side takes it.
 */
#ifndef CLIENT_FORWARD_H
#define CLIENT_FORWARD_H

#include <stddef.h>

#include "client/env.h"
#include "client/handler.h"
#include "net/resolve.h"

struct caller;
struct forward;

/*
 * One per worker; all is borrowed until freed.  NULL on failure, with the
 * reason.
 */
struct forward		*forward_new(struct env *, struct stats *, char *why,
			    size_t why_size);

/* No exchange may be running.  NULL is fine. */
void			 forward_free(struct forward *);

const struct handler	*forward_handler(const struct forward *);

/* The half that holds keys. */
struct caller		*forward_caller(const struct forward *);

/* Who looks names of upstreams up. */
struct resolver		*forward_resolver(const struct forward *);

#endif
