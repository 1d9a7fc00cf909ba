/*
 * The way to an upstream through a proxy: what its dials say to the proxy, by
 * CONNECT (http/connect.h), before TLS with the upstream begins within.  One
 * for each upstream and worker; pools share it.
 *
 * The proxy's key goes into the field Proxy-Authorization of that request and
 * nowhere else, so it is sent to the proxy only; keys of routes go through TLS
 * with the upstream, whose name is verified as without a proxy.
 */
#ifndef UPSTREAM_TUNNEL_H
#define UPSTREAM_TUNNEL_H

#include "conf/conf.h"
#include "http/codec.h"
#include "net/dial.h"
#include "stats/stats.h"

struct tunnel;

/*
 * NULL where the upstream, an index, has no proxy.  All is borrowed until
 * freed.  tls is for a proxy that is spoken to in TLS, which is verified before
 * the request leaves; else NULL.  The view of the stats counts the use of the
 * proxy's key, and says whether it is disabled or expired, when it is not sent;
 * nor is it for a while when the proxy refused it (policy/proxy_gate.h).
 */
struct tunnel	*tunnel_new(const struct conf *, size_t upstream,
		    struct tls_client *tls, struct stats *,
		    const struct codec_limits *);

/* NULL is fine. */
void		 tunnel_free(struct tunnel *);

/*
 * Leads dials to the upstream through its proxy: host, port, and what is said.
 * Does nothing for NULL.
 */
void		 tunnel_lead(const struct tunnel *, struct dial_conf *);

#endif
