/*
 * Queries to name servers by c-ares, without blocking, of net/ only.  Which
 * name servers there are is read from a file (resolv.conf(5)), and again when
 * a query failed and that file has changed: the query is then repeated.
 * Where none can be opened any more, those of before stay.  Of what else that
 * file or the environment say, nothing applies that would ask for another
 * name than the one that was given.  What is remembered of answers is the
 * caller's.
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

/* NULL is fine.  Queries under way end without a word. */
void		 dns_free(struct dns *);

/*
 * Asks these name servers instead of the file's: "127.0.0.1:5353,...".
 * False where the text is not understood.
 */
bool		 dns_set_servers(struct dns *, const char *servers);

/*
 * Looks whether the file has changed and asks the name servers that it names
 * now, if it has; what is under way is asked anew.  Not within a dns_done.
 */
void		 dns_renew(struct dns *);

/* How often that was so: what was learnt before may be out of date. */
unsigned	 dns_generation(const struct dns *);

/*
 * Valid during the call that brings it.  Whoever forges one could name
 * thousands of addresses, each of which would be connected to.
 */
#define DNS_ADDRS_MAX	16

struct dns_answer {
	const struct addr *addrs;	/* port 0 */
	size_t n;
	int ttl;			/* the least of theirs, s */
	const char *why;		/* n == 0: what failed */
	bool none;			/* n == 0: so say the name servers */
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
