/*
 * Queries to name servers by c-ares, without blocking; private to net/. The
 * name servers are read from a file (resolv.conf(5)), and again when a query
 * failed and that file has changed: the query is then repeated.  Where the file
 * cannot be opened any more, the earlier name servers stay.  Options of that
 * file or the environment that would ask for another name than the given one do
 * not apply.  Callers keep answers themselves.
 */
#ifndef NET_DNS_H
#define NET_DNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "net/loop.h"

struct dns;

/* The version of c-ares. */
const char	*dns_library(void);

/* NULL with the reason. */
struct dns	*dns_new(struct loop *, const char *servers_file, char *why,
		    size_t why_size);

/* NULL is fine.  Queries under way end without done being called. */
void		 dns_free(struct dns *);

/*
 * Asks these name servers instead of the file's: "127.0.0.1:5353,...".  False
 * where the text cannot be parsed.
 */
bool		 dns_set_servers(struct dns *, const char *servers);

/*
 * If the file has changed, asks the name servers that it names now; queries
 * under way are sent anew.  Must not be called within a dns_done.
 */
void		 dns_renew(struct dns *);

/*
 * How often the name servers have changed: earlier answers may be out of date.
 */
unsigned	 dns_generation(const struct dns *);

/*
 * Valid during the call that brings it.  A forged answer could name thousands
 * of addresses, each of which would be connected to.
 */
#define DNS_ADDRS_MAX	16

struct dns_answer {
	const struct addr *addrs;	/* port 0 */
	size_t n;
	int ttl;			/* the lowest of all, s */
	const char *why;		/* n == 0: the failure */
	bool none;			/* n == 0, as the name servers say */
};
typedef void	 dns_done(void *owner, const struct dns_answer *);

enum dns_family { DNS_IPV4, DNS_IPV6 };
#define DNS_FAMILIES	2

/*
 * Asks for the addresses of host, which must live until done was called or
 * dns_free().  done is called once, perhaps from within this call.
 */
void		 dns_ask(struct dns *, const char *host, enum dns_family,
		    dns_done *done, void *owner);

#endif
