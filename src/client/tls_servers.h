/*
 * TLS of the listeners of a worker: for each that speaks it, what is spoken and
 * who is let in.
 */
#ifndef CLIENT_TLS_SERVERS_H
#define CLIENT_TLS_SERVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "net/tls_server.h"
#include "net/tls_tickets.h"
#include "stats/stats.h"

struct tls_servers;

/*
 * Reads certificates and keys of a configuration, which is borrowed.  NULL on
 * failure, with the reason in why (why_size bytes).
 */
struct tls_servers *tls_servers_new(const struct conf *, char *why,
		    size_t why_size);

/* When no client is on its way in any more.  NULL is fine. */
void		 tls_servers_free(struct tls_servers *);

/* NULL: that listener speaks plain HTTP; so do all where there are none. */
struct tls_server *tls_servers_of(const struct tls_servers *, size_t listener);

/*
 * The keys of session tickets that all workers share.  Before it is called, a
 * ticket is good for this worker only.
 */
void		 tls_servers_use_keys(struct tls_servers *,
		    const uint8_t keys[TLS_TICKET_KEYS]);

/*
 * How often what certificates of its clients are judged by was renewed
 * (tls_servers_trust()).
 */
uint32_t	 tls_servers_turns(const struct tls_servers *, size_t listener);

/*
 * What stands for all by which a listener with these authorities and lists
 * judges who may connect: them, which names may, and, in its last bit, whether
 * a certificate is required.  0: OpenSSL failed.
 */
uint64_t	 tls_servers_trust(const struct conf_listener *,
		    struct text client_ca, struct text client_crl);

/*
 * Whether a client that was let in by that, whose certificate was verified or
 * who has none, may still be, by the parent's word: a renewal may be under way
 * to this worker, or a later generation has something else.
 */
bool		 tls_servers_trusts(const struct tls_servers *,
		    size_t listener, bool verified, const struct stats *);

/*
 * Another process has what they are judged by now: counted as a renewal, for
 * those on their way.
 */
void		 tls_servers_distrust(struct tls_servers *, size_t listener);

/*
 * What a listener has was renewed, as net/tls_server_conf.h has it but for the
 * tickets: clients that come from now on meet that.  False with the reason in
 * why (why_size bytes): nothing has changed.
 */
bool		 tls_servers_renew(struct tls_servers *, size_t listener,
		    const struct tls_server_conf *, char *why, size_t why_size);

#endif
