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
 * How often what certificates of its clients are verified by was renewed:
 * client_ca, client_crl.
 */
uint32_t	 tls_servers_turns(const struct tls_servers *, size_t listener);

/*
 * Another process has what they are verified by now: counted as a renewal, for
 * those on their way.  Nobody is let in by the listener any more.
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
