/*
 * From an accepted descriptor to a TLS link with a client: the handshake, in a
 * time that was given.  Nothing is allocated for TLS before the first bytes
 * came and look like it.
 */
#ifndef NET_TLS_ACCEPT_H
#define NET_TLS_ACCEPT_H

#include <stdint.h>

#include "net/loop.h"
#include "net/tls_server.h"

struct tls_accept;

enum tls_accept_result {
	TLS_ACCEPT_OK,
	TLS_ACCEPT_PLAIN,	/* the client speaks plain HTTP */
	TLS_ACCEPT_FAILED,	/* no TLS, or none with this client */
	TLS_ACCEPT_TIMEOUT,
	TLS_ACCEPT_GONE,	/* it closed before it sent anything */
};

/* What has become of a client; one line for the log in why. */
struct tls_accepted {
	enum tls_accept_result result;
	SSL *ssl;
	int fd;
	struct cert_names *names;
	const char *why;
};

/*
 * On TLS_ACCEPT_OK ssl and fd are the receiver's, ready for link_new_tls(), and
 * the names are those of the client's verified certificate, which the receiver
 * may take, leaving zeros; NULL: it has none, and needs none.  The receiver
 * does not close that fd before it returns.  On TLS_ACCEPT_PLAIN the fd is the
 * receiver's, and nothing of it was read.  Otherwise ssl and names are NULL and
 * fd is -1.
 */
typedef void	 tls_accept_done(void *owner, const struct tls_accepted *);

/*
 * Takes fd, which is not blocking.  done is called once, never from within this
 * call.  The server may be freed meanwhile; clients that come later need a new
 * one.
 */
struct tls_accept *tls_accept_start(struct loop *, struct tls_server *,
		    int fd, int64_t ms, tls_accept_done *done, void *owner);

/*
 * The receiver of a TLS_ACCEPT_OK does not want the client after all: closes
 * its connection, in order, and frees ssl.  To be called before it returns.
 */
void		 tls_accept_undo(struct loop *, const struct tls_accepted *);

/*
 * To be called before done was; the descriptor is closed and nothing is called
 * after it.  NULL is fine.
 */
void		 tls_accept_cancel(struct tls_accept *);

#endif
