/*
 * What is trusted and how it is verified, of net/ only: root certificates,
 * name or IP address, pins.
 */
#ifndef NET_TLS_VERIFY_H
#define NET_TLS_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include "base/digest.h"
#include "net/tls_conf.h"

/* Digests that must occur in a verified chain, any one of them. */
struct tls_pins {
	uint8_t (*v)[DIGEST_SIZE];
	size_t n;		/* 0: whatever was verified will do */
};

/* Copies the pins. */
void	tls_pins_init(struct tls_pins *, const struct tls_client_conf *);
void	tls_pins_release(struct tls_pins *);

/*
 * Makes every handshake of ctx fail that is not with conf->host, under one of
 * the roots, with one of the pins (which must outlive ctx).  Reads all the
 * files that will be needed.  False with the reason.
 */
bool	tls_verify_set(SSL_CTX *, const struct tls_client_conf *,
	    const struct tls_pins *, char *why, size_t why_size);

/* No further handshake of ctx succeeds; the pins may go. */
void	tls_verify_end(SSL_CTX *);

/* The host is an IP literal: nothing to be said by SNI. */
bool	tls_host_is_ip(const char *host);

/* What X509_V_ERR_... means here. */
const char *tls_verify_text(long error);

#endif
