/*
 * TLS of the load generator's connections: a client that trusts any server,
 * for it is a load and holds nothing.
 */
#ifndef BENCH_LOAD_TLS_H
#define BENCH_LOAD_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <openssl/ssl.h>

struct load_tls {
	SSL_CTX *ctx;
	bool resumes;			/* sessions, where there is one */
	uint64_t full, resumed;		/* handshakes */
};

/* A connection's; of a connection that is no more, its session is left. */
struct load_tls_conn {
	SSL *ssl;			/* NULL: none */
	SSL_SESSION *session;		/* the latest of this connection's; NULL:
					   none */
	bool shaken;			/* the handshake is over, or failed */
};

void	load_tls_init(struct load_tls *, bool resumes);
void	load_tls_free(struct load_tls *);

/* On a connected socket, from which no call of these waits. */
void	load_tls_start(struct load_tls *, struct load_tls_conn *, int fd);

/*
 * Goes on with the handshake.  1: it is over; 0: it waits for bytes; -1: it
 * failed.
 */
int	load_tls_shake(struct load_tls *, struct load_tls_conn *);

/* As recv() and send(); send() takes all or fails. */
ssize_t	load_tls_recv(struct load_tls_conn *, void *, size_t);
bool	load_tls_send(struct load_tls_conn *, const void *, size_t);

/* Says that no more is sent.  The session stays until it is forgotten. */
void	load_tls_end(struct load_tls_conn *);
void	load_tls_forget(struct load_tls_conn *);

#endif
