/*
 * Queries to name servers by c-ares, without blocking; private to net/. The
 * name servers are read from a file (resolv.conf(5)).  When a query failed, it
 * is found out whether that file has changed, by reading it again or by
 * somebody else, as a process in a sandbox cannot; the query is then repeated.
 * Where it cannot be read any more, the earlier name servers stay.  Of a
 * changed file name servers only apply.  Options of that file or the
 * environment that would ask for another name than the given one do not apply.
 * Callers keep answers themselves.
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
 * Finds out whether the file has changed.  If so, the name servers that it
 * names now are asked, and queries under way are sent anew.  Must not be called
 * within a dns_done.
 */
void		 dns_renew(struct dns *);

/* Called when that was found out, perhaps from within dns_renew(). */
void		 dns_set_renewed(struct dns *, void (*renewed)(void *owner),
		    void *owner);

/*
 * From now on look() is called for that, and dns_looked() must answer each
 * call, from within it or later: with the servers of name_servers_news().
 * After a second without an answer nothing has changed.
 */
typedef void	 dns_look(void *owner);
void		 dns_set_look(struct dns *, dns_look *, void *owner);
void		 dns_looked(struct dns *, const char *servers);

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
