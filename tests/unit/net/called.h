/*
 * For tests of TLS with clients: a server of ours and a client of OpenSSL's in
 * one process, which shake hands.
 */
#ifndef TESTS_UNIT_NET_CALLED_H
#define TESTS_UNIT_NET_CALLED_H

#include <stdbool.h>

#include "../../lib/certs.h"
#include "net/tls_server.h"

/* The client, and what became of the handshake. */
struct called {
	/* To be set by the test; all may be left as they are. */
	const struct cert *cert;	/* the client's */
	const struct cert *chain[12];	/* what it sends behind it */
	int version;			/* the only one it speaks; 0: any */
	const unsigned char *alpn;	/* as on the wire */
	unsigned alpn_n;
	SSL_SESSION *session;		/* to be resumed; it takes it over */
	void (*adjust)(SSL *client);	/* before the handshake */

	/* Set by called_shake_hands(). */
	SSL_CTX *ctx;
	SSL *client, *server;
	int fds[2];
	bool good;			/* for both, and proof is set */
	enum tls_client_proof proof;
	struct cert_names names;
	bool resumed;
	char why[256];			/* of the server, where it failed */
	SSL_SESSION *got;		/* the newest session */
};

/* The ends stay connected until called_end(), which keeps what was got. */
void	called_shake_hands(struct called *, struct tls_server *);
void	called_end(struct called *);

/* Forgets the session that was got, too. */
void	called_release(struct called *);

#endif
