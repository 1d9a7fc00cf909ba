/*
 * What is wrong with the certificate of a client: the one decision, which a
 * handshake asks for (tls_server_verify.c), and who asks what a handshake would
 * say (client_judge.c).  Private to net/.
 */
#ifndef NET_CLIENT_VERIFY_H
#define NET_CLIENT_VERIFY_H

#include <stdint.h>

#include <openssl/x509_vfy.h>

/*
 * What OpenSSL makes of certificates takes ten times their bytes where they are
 * small, so that these are bounded, too: how many a client may send, and the
 * bytes of its own, which OpenSSL keeps as long as the connection.
 */
#define CLIENT_CERTS_MOST	16
#define CLIENT_CERT_MOST	(16 * 1024)

/*
 * In place of X509_verify_cert(), in a context that has authorities, lists and
 * requirements: verifies the chain, and that its names can be read in one way
 * only.  NULL, or why the certificate is refused, a static text; the context
 * has the error then.
 */
const char	*client_verify(X509_STORE_CTX *);

/*
 * Of one that is good: when it would no longer be, in seconds since 1970.  That
 * is the earliest end of the chain, root included, and of the lists of revoked
 * certificates.  began is the time before it was verified.
 */
int64_t		 client_verified_until(const X509_STORE_CTX *, int64_t began);

#endif
