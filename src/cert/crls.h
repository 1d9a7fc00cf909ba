/*
 * Lists of revoked certificates (RFC 5280 section 5).
 */
#ifndef CERT_CRLS_H
#define CERT_CRLS_H

#include <stdbool.h>

#include "base/text.h"
#include "cert/report.h"
#include "cert/span.h"

typedef struct x509_store_st X509_STORE;

/*
 * Checks a PEM file of lists against that of the authorities (.p NULL: the
 * system's).  The span, set if there are lists, is the time in which all of
 * them are valid: until the first nextUpdate.
 */
void	cert_check_crls(struct text pem, struct text roots,
	    struct cert_span *, struct cert_report *);

/* Puts the lists of such a file into the store; false: it has none. */
bool	cert_add_crls(X509_STORE *, struct text pem);

#endif
