/*
 * A certificate and what is sent with it, out of PEM.
 */
#ifndef CERT_CHAIN_H
#define CERT_CHAIN_H

#include <openssl/x509.h>

#include "base/text.h"
#include "cert/span.h"

/*
 * All certificates of a text in its order, of which there is one at least, to
 * be freed by sk_X509_pop_free(); what else is in it is passed over.  NULL with
 * the reason, a static text.
 */
STACK_OF(X509)	*cert_chain_read(struct text pem, const char **why);

/* What a certificate is called. */
void		 cert_subject(const X509 *, char name[CERT_NAME]);

#endif
