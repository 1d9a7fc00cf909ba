/*
 * Names to addresses, without blocking.  The hosts file is read once; dns.h
 * asks name servers.
 *
 * IPv4 and IPv6 are asked for at the same time.  Once the addresses of IPv4 are
 * there, those of IPv6 have 50 ms (RFC 8305 section 3); those that come later
 * are kept for the next look-up.
 *
 * Answers are kept as long as their TTL says, an hour at most.  For 30 s more
 * they are given without delay while a new one is asked for.  After that,
 * callers wait for the new one; where it takes over a second, or where the
 * look-up fails, the last good answer is used, up to a day after its TTL (RFC
 * 8767).  A name without addresses is an answer, too.  A name whose look-up
 * failed is not asked for again within two seconds, unless the name servers
 * have changed.
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "net/loop.h"

struct resolver;
struct resolve;			/* a look-up under way */

struct resolver	*resolver_new(struct loop *, char *why, size_t why_size);
void		 resolver_free(struct resolver *);

/*
 * Asks these name servers instead of the system's: "127.0.0.1:5353,...".  False
 * where the text cannot be parsed.
 */
bool		 resolver_set_servers(struct resolver *, const char *servers);

/*
 * Has another process find out whether the system's name servers have changed;
 * see dns_set_look() in dns.h.
 */
void		 resolver_set_look(struct resolver *, void (*look)(void *owner),
		    void *owner);
void		 resolver_looked(struct resolver *, const char *servers);

/* The file that names them. */
#define RESOLVER_SERVERS_FILE	"/etc/resolv.conf"

/*
 * n addresses in the order to try them (RFC 8305 section 4: families
 * interleaved), with the port set; n == 0: why is the reason.
 */
typedef void	 resolve_done(void *owner, const struct addr *, size_t n,
		    const char *why);

/*
 * Looks host up, an IP literal too.  done is called once, never from within
 * this call, unless the look-up is cancelled first.
 */
struct resolve	*resolve_start(struct resolver *, const char *host,
		    uint16_t port, resolve_done *done, void *owner);
void		 resolve_cancel(struct resolve *);

/*
 * The addresses of host led nowhere, or to another host: the next caller waits
 * for new ones, whatever the TTL says.  At most one look-up in five seconds is
 * made for that.
 */
void		 resolve_doubt(struct resolver *, const char *host);

#endif
