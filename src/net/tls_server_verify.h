/*
 * Whom a listener accepts by certificate, and how it is verified; private to
 * net/.
 */
#ifndef NET_TLS_SERVER_VERIFY_H
#define NET_TLS_SERVER_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include "net/tls_server_conf.h"

/* Bytes of the certificates that a client may send. */
#define TLS_CLIENT_CHAIN_MOST	(64 * 1024)

/*
 * Has handshakes of ctx ask for a certificate under one of the authorities, and
 * fail where it is not, or where there is none and one is required.  False with
 * the reason.
 */
bool	tls_server_verify_set(SSL_CTX *, const struct tls_server_conf *,
	    char *why, size_t why_size);

/*
 * Why the certificate of this client was refused, in words; NULL: it was not.
 */
const char *tls_server_verify_text(SSL *);

#endif
