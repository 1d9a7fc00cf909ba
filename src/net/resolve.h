/*
 * Names to addresses, without blocking.  The hosts file is read once; whom
 * else to ask is known to dns.h.
 *
 * Answers are kept as long as their TTL says; the last good answer is used
 * again when a later look-up fails or takes over a second.  Where there is
 * none yet, IPv4 alone will do then.
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "net/loop.h"

struct resolver;
struct resolve;			/* one look-up under way */

struct resolver	*resolver_new(struct loop *, char *why, size_t why_size);
void		 resolver_free(struct resolver *);

/*
 * Asks these name servers instead of the system's: "127.0.0.1:5353,...".
 * False where the text is not understood.
 */
bool		 resolver_set_servers(struct resolver *, const char *servers);

/*
 * n addresses in the order to try them (RFC 8305 section 4: families
 * interleaved), with the port set; n == 0: why says what failed.
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

#endif
