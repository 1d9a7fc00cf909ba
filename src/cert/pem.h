/*
 * The blocks of a PEM file, one after the other: text around them is skipped,
 * as everywhere (RFC 7468 section 2).  Also the helpers that all readers of
 * certificates need.  Private to cert/.
 */
#ifndef CERT_PEM_H
#define CERT_PEM_H

#include <stdbool.h>

#include <openssl/x509.h>

#include "base/text.h"
#include "cert/span.h"

struct pem {
	struct text left;	/* not looked at yet */
	unsigned line;		/* on which it begins */
};

enum pem_kind {
	PEM_KIND_CERTIFICATE,
	PEM_KIND_TRUSTED,	/* a certificate, with OpenSSL's own ideas */
	PEM_KIND_CRL,
	PEM_KIND_KEY,		/* a private key, in any form */
	PEM_KIND_OTHER,
};

struct pem_block {
	enum pem_kind kind;
	unsigned line;		/* of its first line */
	unsigned char *der;	/* NULL: the block is broken, and the last */
	long n;
};

void	pem_begin(struct pem *, struct text);

/* False: there are no more.  pem_block_free() each. */
bool	pem_next(struct pem *, struct pem_block *);
void	pem_block_free(struct pem_block *);

/* The certificate or list of a block; NULL: it is broken. */
X509	*pem_certificate(const struct pem_block *);
X509_CRL *pem_crl(const struct pem_block *);

void	pem_name(const X509_NAME *, char name[CERT_NAME]);

#endif
