/*
 * For tests: keys and certificates, made when they are needed.
 */
#ifndef TESTS_LIB_CERTS_H
#define TESTS_LIB_CERTS_H

#include <stdint.h>

#include <openssl/ssl.h>

struct cert {
	EVP_PKEY *key;
	X509 *x509;
};

/*
 * An authority that another one vouches for, or NULL: that is its own; valid
 * from .. until seconds from now.
 */
void	cert_make_authority(struct cert *, const struct cert *issuer,
	    const char *name, long from, long until);

/* An authority of its own, for a day. */
void	cert_make_root(struct cert *, const char *name);

/*
 * A server's certificate: names as in "DNS:api.test,IP:127.0.0.1", valid
 * from .. until seconds from now.
 */
void	cert_make_server(struct cert *, const struct cert *root,
	    const char *names, long from, long until);

void	cert_free(struct cert *);

/* SHA-256 of its SubjectPublicKeyInfo. */
void	cert_digest(const struct cert *, uint8_t digest[32]);

/* PEM into a new file; path takes 64 bytes. */
void	cert_write(const struct cert *, char *path);

#endif
