/*
 * From a name to a verified TLS link: look the name up, race IPv6 and IPv4 (RFC
 * 8305), connect, say the preface if there is one, in TLS of its own where that
 * is wanted, shake hands, verify.  An attempt that fails within connect_ms is
 * made once more, with addresses that were looked up again, unless it failed at
 * the preface: who refused it, or was silent, would only do so again.
 */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include <stddef.h>
#include <stdint.h>

#include "net/link.h"
#include "net/loop.h"
#include "net/preface.h"
#include "net/resolve.h"
#include "net/tls.h"

struct dial;

struct dial_conf {
	struct resolver *resolver;
	struct tls_client *tls;
	struct tls_sessions *sessions;	/* of the key; NULL: none */
	const char *host;		/* where to connect to */
	uint16_t port;
	int64_t connect_ms;		/* for look-ups and TCP together */
	int64_t handshake_ms;		/* for each of two */
	/*
	 * Said to that host before TLS; the handshake is with who is reached
	 * by it then.  NULL: none.
	 */
	const struct preface *preface;
	/*
	 * In which it is said, when the other end is verified, and within
	 * which the handshake is then.  NULL: in the clear.
	 */
	struct tls_client *preface_tls;
	int64_t preface_ms;		/* until its answer is whole */
	/*
	 * Told, as done is, of a peer that is not the host while other
	 * addresses of it are tried.  NULL: nobody wants to know.
	 */
	void (*unfit)(void *owner, const char *why);
};

enum dial_result {
	DIAL_OK,
	DIAL_UNREACHABLE,	/* no address, refused, no route; or the
				   preface was refused, or TLS around it
				   failed */
	DIAL_TLS,		/* handshake or verification failed */
	DIAL_TIMEOUT,
	DIAL_STALLED,		/* no answer to the preface in time, or to
				   the handshake for it */
};

/*
 * On DIAL_OK ssl and fd are the receiver's, ready for link_new_tls(); otherwise
 * ssl is NULL, fd is -1 and why is one line for the log, without the host's
 * name.
 */
typedef void	 dial_done(void *owner, enum dial_result, SSL *ssl, int fd,
		    const char *why);

/* done is called once, never from within this call. */
struct dial	*dial_start(struct loop *, const struct dial_conf *,
		    dial_done *done, void *owner);

/* To be called before done was; nothing is called after it.  NULL is fine. */
void		 dial_cancel(struct dial *);

#endif
