/*
 * Session tickets that listeners give to clients (RFC 5077; RFC 8446 section
 * 4.6.1), and their keys: a set that the parent makes and all workers share, so
 * that a session goes on with whichever worker takes the connection.
 *
 * A ticket is good for a day, and for no longer than what its client was
 * verified by (client_verified_until()), however many times it was resumed and
 * renewed since.
 */
#ifndef NET_TLS_TICKETS_H
#define NET_TLS_TICKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

/*
 * The previous key, the current one and the next, as plain bytes, to be kept in
 * memory of secrets.  The next one opens tickets before any is sealed with it:
 * workers may hear of a rotation one after the other.
 */
#define TLS_TICKET_KEYS	240

/*
 * Three new keys; or the next one becomes current, and a new one is next.
 * A ticket whose key is in no set any more is of no use, to a thief of keys
 * either.
 * False where there is no randomness; the set is unchanged then.
 */
bool	tls_ticket_keys_make(uint8_t keys[TLS_TICKET_KEYS]) MUST_CHECK;
bool	tls_ticket_keys_rotate(uint8_t keys[TLS_TICKET_KEYS]) MUST_CHECK;

/* A worker's copy of the set, for all of its listeners. */
struct tls_tickets;
struct tls_tickets *tls_tickets_new(const uint8_t keys[TLS_TICKET_KEYS]);
void	tls_tickets_renew(struct tls_tickets *,
	    const uint8_t keys[TLS_TICKET_KEYS]);

/* Wipes them; the contexts that use them must have gone.  NULL is fine. */
void	tls_tickets_free(struct tls_tickets *);

/* -- of net/ only -- */

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;

/* Has a context give tickets, of its sessions only; NULL: none. */
bool	tls_tickets_use(struct tls_tickets *, SSL_CTX *);

/*
 * A client was verified, within a handshake, by what is good until then (s
 * since 1970): its session and all that it is resumed by keep that, whether
 * tickets are given or not.  False: there is no memory for that.
 */
bool	tls_tickets_verified(SSL *, int64_t until) MUST_CHECK;

/* The same after a handshake, also of a resumed session.  False: it was not. */
bool	tls_tickets_until(SSL *, int64_t *until) MUST_CHECK;

#endif
