/*
 * Proxies on the way to upstreams: one at the other end of each connection by
 * which a tunnel is to be made.  Some open it, most of those to whom they were
 * asked to; some answer with what is no tunnel, or lead nowhere.
 */
#ifndef TESTS_SIM_PROXY_H
#define TESTS_SIM_PROXY_H

#include <stdbool.h>
#include <stddef.h>

#include "wire.h"

/* In what proxies say, but for status codes; nobody else may hear it. */
#define PROXY_MARK	"proxysays"

/* Takes the other end of the wire, in TLS or not. */
void		 proxy_begin(struct wire *, bool tls);

/* The handshake with it has ended well. */
void		 proxy_shook(struct wire *);

/* Somebody else has the other end from now on. */
void		 proxy_end(struct wire *);

/* What has been said to it so far, and must be all. */
struct proxy_said {
	uint64_t n;			/* bytes of its answer that were read */
	uint64_t opens_at;		/* bytes after which there is a tunnel;
					   UINT64_MAX: never */
	unsigned status;		/* of a final head; 0: none */
};
struct proxy_said proxy_said(const struct wire *);

/* Where a tunnel leads. */
enum proxy_leads {
	PROXY_TO_HOST,
	PROXY_ASTRAY,			/* to another one */
	PROXY_NOWHERE,
};

/* The proxy itself, before there is a tunnel, is the host it says. */
enum proxy_leads proxy_leads(const struct wire *);

void		 proxies_begin(void);
void		 proxies_end(void);

#endif
