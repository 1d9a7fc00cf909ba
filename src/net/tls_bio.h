/*
 * The BIO between OpenSSL and a socket; private to net/.  Between an SSL and
 * the socket there may be another SSL, around it, for TLS within TLS.
 *
 * Reading can be limited to a number of recv() calls, so that draining the
 * bytes of one call does not end in a call that only says EAGAIN.  Writing
 * always succeeds: bytes that the socket does not take are kept, at most a few
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
 * Puts one between ssl and fd, in place of the earlier BIO; it is freed with
 * the SSL, the descriptor stays the caller's.
 */
BIO		*tls_bio_attach(SSL *, int fd);

/*
 * The same between ssl and another SSL of a finished handshake, which has such
 * a BIO itself; takes that SSL.  What is pending, written and allowed to be
 * read is then told of the socket.
 */
BIO		*tls_bio_attach_within(SSL *, SSL *outer);

/* The one of ssl, or NULL. */
BIO		*tls_bio_of(SSL *);

#define TLS_BIO_UNLIMITED	-1
void		 tls_bio_allow_reads(BIO *, int n);

/*
 * Handshake messages, tickets, key updates, requests for a new handshake: each
 * costs much more than its bytes, and a server, verified or not, may send them
 * without end.  So many may come; after one more nothing is read.
 */
#define TLS_BIO_MESSAGES_MAX	100
void		 tls_bio_allow_message(BIO *);	/* another one */
bool		 tls_bio_is_flooded(const BIO *);

/* The alert that came last; TLS_ALERT_CLOSE_NOTIFY: that, or none. */
uint8_t		 tls_bio_alert(const BIO *);

/* The bytes that wait for the socket; the owner may take them over. */
struct buf	*tls_bio_pending(BIO *);

/* Sends the pending bytes: 0 when none are left, EAGAIN, or another errno. */
int		 tls_bio_flush(BIO *);

/* All bytes ever written, pending ones included. */
uint64_t	 tls_bio_written(const BIO *);

/* recv() has returned the end, or TLS around this one has ended. */
bool		 tls_bio_eof(const BIO *);

/* errno of the last call that failed, 0 if none did. */
int		 tls_bio_errno(const BIO *);

/* -- TLS around it; without any, nothing is held or broken -- */

/* It has read ahead, perhaps the end. */
bool		 tls_bio_holds_input(const BIO *);

/* It has failed, by an alert or a broken record. */
bool		 tls_bio_is_broken(const BIO *);

/* Ends it by close_notify. */
void		 tls_bio_end_outer(BIO *);

/* Why TLS of this SSL, or around it, failed after the handshake: one line. */
void		 tls_bio_complaint(SSL *, char *why, size_t why_size);

#endif
