/*
 * What is trusted and how it is verified; private to net/: root certificates,
 * name or IP address, pins.
 */
#ifndef NET_TLS_VERIFY_H
#define NET_TLS_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include "base/digest.h"
#include "net/tls_conf.h"

/* Digests of which at least one must occur in a verified chain. */
struct tls_pins {
	uint8_t (*v)[DIGEST_SIZE];
	size_t n;		/* 0: any verified chain is accepted */
};

/* Copies the pins. */
void	tls_pins_init(struct tls_pins *, const struct tls_client_conf *);
void	tls_pins_release(struct tls_pins *);

/*
 * Makes handshakes of ctx fail unless they are with conf->host, under one of
 * the roots, and with one of the pins (which must outlive ctx).  Reads all the
 * files that will be needed.  False with the reason.
 */
bool	tls_verify_set(SSL_CTX *, const struct tls_client_conf *,
	    const struct tls_pins *, char *why, size_t why_size);

/* No further handshake of ctx succeeds; the pins may go. */
void	tls_verify_end(SSL_CTX *);

/*
 * For X509_STORE_CTX_set_verify_cb(): forgives the lack of formalities that say
 * nothing about who is trusted.
 */
int	tls_verify_tolerate(int good, X509_STORE_CTX *);

/* The host is an IP literal: no SNI is sent. */
bool	tls_host_is_ip(const char *host);

/* The meaning of X509_V_ERR_... here, of an upstream or of a proxy. */
const char *tls_verify_text(long error, bool is_proxy);

#endif
