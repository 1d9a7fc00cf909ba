/*
 * The upstreams of one worker: their TLS clients, and a pool for each key
 * that is used at each of them.  Called by call.
 */
#ifndef UPSTREAM_UPSTREAMS_H
#define UPSTREAM_UPSTREAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "http/codec.h"
#include "net/loop.h"
#include "net/resolve.h"
#include "upstream/pool.h"

struct stats;
struct upstreams;

/*
 * Sets up TLS for every upstream that a route uses.  NULL on failure, with the
 * reason; all is borrowed until freed.
 */
struct upstreams	*upstreams_new(const struct conf *, struct loop *,
			    struct stats *, const struct codec_limits *,
			    char *why, size_t why_size);

/*
 * Adds an error, with its place in the configuration, for each upstream for
 * which upstreams_new() would fail.
 */
void			 upstreams_check(const struct conf *,
			    struct conf_diagnostics *);

/* Called when no connection is in use; NULL is fine. */
void			 upstreams_free(struct upstreams *);

/* Who looks their names up. */
struct resolver		*upstreams_resolver(const struct upstreams *);

/*
 * Closes the connections of a key, to each upstream where none is in use or
 * waited for.
 */
void			 upstreams_close_key(struct upstreams *, size_t key,
			    const char *reason);

/* Closes those to an upstream, as above, with whichever key. */
void			 upstreams_close(struct upstreams *, size_t upstream,
			    const char *reason);

/* A route uses that upstream: it has a TLS client here. */
bool			 upstreams_use(const struct upstreams *,
			    size_t upstream);

/*
 * Indices of the configuration, of an upstream that is used; a pool is made
 * when it is first asked for.
 */
struct pool		*upstreams_pool(struct upstreams *, size_t upstream,
			    size_t key);

#endif
