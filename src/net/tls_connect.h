/*
 * The handshake of a client, to its end, and the verification of the other
 * side; private to net/.  Time and descriptor are the caller's.
 */
#ifndef NET_TLS_CONNECT_H
#define NET_TLS_CONNECT_H

#include "net/loop.h"
#include "net/tls.h"

struct tls_connect;

enum tls_connect_result {
	TLS_CONNECT_OK,		/* verified */
	TLS_CONNECT_LOST,	/* the connection ended, or TLS around it
				   failed */
	TLS_CONNECT_UNFIT,	/* who answers is not the host, or does not
				   speak TLS as we do */
};

/* why is one line, such as "TLS handshake: connection closed". */
typedef void	 tls_connect_done(void *owner, enum tls_connect_result,
		    const char *why);

/*
 * Begins it on an SSL of tls_client_ssl(), or of tls_client_ssl_within() for
 * whose socket fd is; both stay the caller's.  done is called once, from the
 * loop, never from within this call.
 */
struct tls_connect *tls_connect_start(struct loop *, struct tls_client *,
		    SSL *, int fd, tls_connect_done *done, void *owner);

/* To be called before done was; nothing is called after it.  NULL is fine. */
void		 tls_connect_cancel(struct tls_connect *);

#endif
