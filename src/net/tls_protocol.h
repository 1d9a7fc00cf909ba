/*
 * What TLS may be spoken, towards upstreams as with clients; private to net/.
 */
#ifndef NET_TLS_PROTOCOL_H
#define NET_TLS_PROTOCOL_H

#include <stdbool.h>

typedef struct ssl_ctx_st SSL_CTX;

/*
 * TLS 1.2 and 1.3 (or 1.3 only) with ephemeral keys and authenticated
 * encryption, without compression and renegotiation; reads several records at a
 * time.  Fetches what handshakes will use; false if OpenSSL refuses.
 */
bool	tls_protocol_set(SSL_CTX *, bool tls_1_3_only);

#endif
