/*
 * Sessions to resume, so that a new connection costs a fraction of a whole
 * handshake.  Each may be used only for the upstream that it was verified for,
 * and for one key, so the pool of an upstream and key has a store of its own.
 *
 * A server is not verified again when a session is resumed, and each resumption
 * brings a new ticket (RFC 8446 section 4.6.1).  So every session, however many
 * resumptions later, has the end that was set when its chain was verified: the
 * earliest notAfter of that chain, and a day at most.
 */
#ifndef NET_TLS_SESSIONS_H
#define NET_TLS_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>

struct tls_sessions;

/* Keeps the newest sessions, at most that many, at least one. */
struct tls_sessions	*tls_sessions_new(size_t most);

/* Earlier connections may live on, and add no more sessions.  NULL is fine. */
void			 tls_sessions_free(struct tls_sessions *);

/* -- of net/ only -- */

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
struct stack_st_X509;

/* Makes the SSLs of a context report the sessions they get. */
void	tls_sessions_enable(SSL_CTX *);

/*
 * Keeps the sessions that ssl gets, and has it resume one of these if one is
 * still valid.  False without memory.
 */
bool	tls_sessions_use(struct tls_sessions *, SSL *);

/* The chain of ssl was verified just now: its sessions last as long as it. */
void	tls_sessions_verified(SSL *, const struct stack_st_X509 *chain);

#endif
