/*
 * What is wrong with the certificate of a client: the one decision, which a
 * handshake asks for (tls_server_verify.c), and who asks what a handshake would
 * say (client_judge.c).  Private to net/.
 */
#ifndef NET_CLIENT_VERIFY_H
#define NET_CLIENT_VERIFY_H

#include <openssl/x509_vfy.h>

/*
 * In place of X509_verify_cert(), in a context that has authorities, lists and
 * requirements: verifies the chain, and that its names can be read in one way
 * only.  NULL, or why the certificate is refused, a static text; the context
 * has the error then.
 */
const char	*client_verify(X509_STORE_CTX *);

#endif
