/*
 * Authorities that are trusted: those of a file, or the system's.
 */
#ifndef CERT_ROOTS_H
#define CERT_ROOTS_H

#include <stdbool.h>

#include "base/text.h"
#include "cert/report.h"

typedef struct x509_store_st X509_STORE;

/*
 * Looks into a PEM file of authorities, and tells of everything that is not
 * as it should be: whatever is in it must count.  revocable: a list of revoked
 * certificates is read from elsewhere, so that one in here is no mistake.
 */
void	cert_check_roots(struct text pem, bool revocable,
	    struct cert_report *);

/* Puts the certificates of such a file into the store; false: none. */
bool	cert_add_roots(X509_STORE *, struct text pem);

/*
 * Those of the system, all of them: who has them may open no file later, so
 * OpenSSL's look-up of single files in a directory is of no use.  False: it
 * has none.
 */
bool	cert_add_system_roots(X509_STORE *);

/* What that means, for people. */
#define CERT_NO_SYSTEM_ROOTS \
	"the system has no root certificates (is the package " \
	"ca-certificates installed?)"

#endif
