/*
 * Keys and certificates for tests, made when they are needed.
 */
#ifndef TESTS_LIB_CERTS_H
#define TESTS_LIB_CERTS_H

#include <stdint.h>
#include <stdlib.h>

#include <openssl/ssl.h>

#include "base/text.h"

struct cert {
	EVP_PKEY *key;
	X509 *x509;
};

/*
 * An authority that issuer vouches for; NULL: it vouches for itself.  It is
 * valid from .. until seconds from now.
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

/* A client's certificate, with this name. */
void	cert_make_client(struct cert *, const struct cert *root,
	    const char *name, long from, long until);

/* A server's certificate that vouches for itself and is no authority. */
void	cert_make_alone(struct cert *, const char *names);

/* A field of a certificate: NID_subject_alt_name, "DNS:api.test". */
struct cert_field {
	int nid;		/* 0: the end of a list of them */
	const char *value;	/* as in openssl.cnf; "DER:" and its bytes */
};

/*
 * One with these fields and nothing else, for a day; issuer NULL: it vouches
 * for itself.
 */
void	cert_make(struct cert *, const struct cert *issuer, const char *name,
	    const struct cert_field *);

/* Signs it once more, with another digest. */
void	cert_sign_again(struct cert *, const struct cert *issuer,
	    const EVP_MD *);

void	cert_free(struct cert *);

/* SHA-256 of its SubjectPublicKeyInfo. */
void	cert_digest(const struct cert *, uint8_t digest[32]);

/* In PEM; to be freed.  Passphrase NULL: the key is not encrypted. */
struct text cert_text(const struct cert *);
struct text cert_key_text(const struct cert *, const char *passphrase);

/*
 * The list of an authority that is valid from .. until seconds from now, and
 * revokes one certificate, or NULL: none.
 */
struct text cert_crl_text(const struct cert *issuer, long from, long until,
	    const struct cert *revoked);

static inline void
cert_text_free(struct text t)
{
	free((void *)(uintptr_t)t.p);
}

#endif
