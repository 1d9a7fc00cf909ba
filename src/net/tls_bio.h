/*
 * The BIO between OpenSSL and a socket, of net/ only.
 *
 * Reading can be limited to a number of recv() calls, so that draining what
 * one call brought does not end in a call that only says EAGAIN.  Writing
 * always succeeds: what the socket does not take is kept, at most a few
 * records, so that OpenSSL never asks for a write to be repeated.  Errors and
 * the end are remembered here; OpenSSL sees a failure without a reason.
 */
#ifndef NET_TLS_BIO_H
#define NET_TLS_BIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "base/buf.h"

/*
 * Puts one between ssl and fd, in place of what was there; it goes with the
 * SSL, the descriptor stays the caller's.
 */
BIO		*tls_bio_attach(SSL *, int fd);

/* The one of ssl, or NULL. */
BIO		*tls_bio_of(SSL *);

#define TLS_BIO_UNLIMITED	-1
void		 tls_bio_allow_reads(BIO *, int n);

/*
 * Handshake messages, tickets, new keys, requests to begin anew: each costs
 * much more than it says, and a server, verified or not, may send them without
 * end.  So many may come; behind one more nothing is read.
 */
#define TLS_BIO_MESSAGES_MAX	100
void		 tls_bio_allow_message(BIO *);	/* another one */
bool		 tls_bio_is_flooded(const BIO *);

/* The alert that came last; TLS_ALERT_CLOSE_NOTIFY: that, or none. */
uint8_t		 tls_bio_alert(const BIO *);

/* What waits for the socket to take more; the owner may take it over. */
struct buf	*tls_bio_pending(BIO *);

/* Sends it: 0 when nothing is left, EAGAIN, or what errno said. */
int		 tls_bio_flush(BIO *);

/* All that was ever written, what waits included. */
uint64_t	 tls_bio_written(const BIO *);

/* recv() said that no more will come. */
bool		 tls_bio_eof(const BIO *);

/* errno of the last call that failed, 0 if none did. */
int		 tls_bio_errno(const BIO *);

#endif
