/*
 * The names in a client's certificate.  Strict: a name that could be read in
 * two ways, or is longer than names are, has the certificate refused.
 */
#ifndef CERT_NAMES_H
#define CERT_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/text.h"

typedef struct x509_st X509;

/* Limits: bytes of a URI (a SPIFFE ID is no longer), and of other names. */
#define CERT_URI_MOST		2048
#define CERT_DNS_MOST		253
#define CERT_SUBJECT_MOST	1024
#define CERT_DNS_NAMES_MOST	32

/*
 * All of these are visible ASCII, with blanks in subjects.  That they are true
 * is known if the certificate was verified.
 */
struct cert_names {
	char *uri;		/* NULL: none */
	char **dns;		/* as they stand in it */
	size_t n_dns;
	char *subject, *issuer;	/* as in RFC 4514; may be "" */
	uint8_t sha256[DIGEST_SIZE];	/* of the whole certificate */
	int64_t until;		/* its notAfter, in seconds since 1970; of one
				   that was verified, the end of what it was
				   verified by, if that is earlier */
};

/*
 * NULL, or a static text, "it ...", that says why the certificate is refused;
 * there are no names then, and nothing to be released.  Names of other kinds,
 * such as addresses, are not read.
 */
const char	*cert_names_read(struct cert_names *, X509 *);

/* The same of the first certificate in a text of PEM. */
const char	*cert_names_read_pem(struct cert_names *, struct text);

void		 cert_names_release(struct cert_names *);

#endif
