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

/*
 * On TLS_ACCEPT_OK ssl and fd are the receiver's, ready for link_new_tls() and
 * tls_server_names(); on TLS_ACCEPT_PLAIN the fd is, of which nothing was read,
 * for an answer in plain HTTP.  Otherwise ssl is NULL and fd is -1.  why is one
 * line for the log.
 */
typedef void	 tls_accept_done(void *owner, enum tls_accept_result, SSL *ssl,
		    int fd, const char *why);

/*
 * Takes fd, which is not blocking.  done is called once, never from within this
 * call.
 */
struct tls_accept *tls_accept_start(struct loop *, struct tls_server *,
		    int fd, int64_t ms, tls_accept_done *done, void *owner);

/*
 * To be called before done was; the descriptor is closed and nothing is called
 * after it.  NULL is fine.
 */
void		 tls_accept_cancel(struct tls_accept *);

#endif
