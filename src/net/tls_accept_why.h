/*
 * Why a handshake with a client failed, in words for people who do not know
 * OpenSSL; private to net/.
 */
#ifndef NET_TLS_ACCEPT_WHY_H
#define NET_TLS_ACCEPT_WHY_H

#include <stddef.h>

typedef struct ssl_st SSL;

/*
 * One line about the last call, which returned this; it shows nothing that the
 * client sent.  Clears OpenSSL's queue of errors.
 */
void	tls_accept_why(SSL *, int ssl_result, char *why, size_t why_size);

#endif
