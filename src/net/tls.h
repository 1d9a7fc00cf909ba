/*
 * TLS towards an upstream, or a proxy on the way there: what is offered and
 * what is verified.  One tls_client for each of these per worker; the sessions
 * to resume are kept per key, see tls_sessions.h.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/tls_conf.h"
#include "net/tls_sessions.h"

struct tls_client;

/* The version of OpenSSL. */
const char		*tls_library(void);

/*
 * NULL on failure, with the reason in why (why_size bytes).  Reads the
 * system's roots where none are given; no later call opens a file.
 */
struct tls_client	*tls_client_new(const struct tls_client_conf *,
			    char *why, size_t why_size);
/* NULL is fine.  SSLs made before may live on; they only read and write. */
void			 tls_client_free(struct tls_client *);

/*
 * An SSL ready for SSL_connect() on fd, with a session to resume if there is
 * one among these; NULL when OpenSSL refuses.  Where the sessions are NULL, or
 * revocation is checked, which must be done each time, none is resumed or kept.
 * The handshake itself fails where the chain, the name or the pins do not
 * verify.
 */
SSL			*tls_client_ssl(struct tls_client *,
			    struct tls_sessions *, int fd);

/*
 * The same within another TLS connection, whose other end was verified; takes
 * that SSL over, unless the result is NULL.
 */
SSL			*tls_client_ssl_within(struct tls_client *,
			    struct tls_sessions *, SSL *outer);

/*
 * After the handshake: certificate chain, name and pins were verified.  False
 * with the reason.  Nothing may be written to the SSL before this was true.
 */
bool			 tls_client_verified(struct tls_client *, SSL *,
			    char *why, size_t why_size);

/*
 * Why the last TLS call failed, one line: "certificate verify failed:
 * certificate has expired", "unsupported protocol", "connection closed".
 */
void			 tls_error_text(SSL *, int ssl_result, char *why,
			    size_t why_size);

#endif
