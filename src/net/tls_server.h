/*
 * TLS of a listener: what is spoken with clients, and whose certificates are
 * accepted.  One tls_server per listener and worker; a renewed certificate is a
 * new one.
 */
#ifndef NET_TLS_SERVER_H
#define NET_TLS_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "cert/names.h"
#include "net/tls_server_conf.h"

typedef struct ssl_st SSL;
struct tls_server;

/*
 * NULL on failure, with the reason in why (why_size bytes).  The tickets must
 * outlive it; no later call opens a file.
 */
struct tls_server	*tls_server_new(const struct tls_server_conf *,
			    char *why, size_t why_size);

/*
 * One more user of it, who frees it too: a handshake ends as it began, though
 * the certificate was renewed meanwhile.  Returns its argument.
 */
struct tls_server	*tls_server_share(struct tls_server *);

/*
 * NULL is fine.  When all users have freed it, SSLs whose handshake has ended
 * may live on; others fail.
 */
void			 tls_server_free(struct tls_server *);

/* An SSL ready for SSL_accept() on fd; NULL when OpenSSL refuses. */
SSL			*tls_server_ssl(struct tls_server *, int fd);

/* What is known of a client after the handshake. */
enum tls_client_proof {
	TLS_CLIENT_ANYBODY,	/* it has no certificate, and needs none */
	TLS_CLIENT_NAMED,	/* by a certificate that was verified */
	TLS_CLIENT_REFUSED,	/* nothing may be served to it */
};

/*
 * The names are set where the client is TLS_CLIENT_NAMED, and the caller's to
 * release; they end with what they were verified by.  A handshake with a client
 * that is to be refused has failed already; this asks once more.
 */
enum tls_client_proof	 tls_server_names(struct tls_server *, SSL *,
			    struct cert_names *);

#endif
