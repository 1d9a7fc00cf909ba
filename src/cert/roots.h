/*
 * Authorities that are trusted: those of a file, or the system's.
 */
#ifndef CERT_ROOTS_H
#define CERT_ROOTS_H

#include <stdbool.h>

#include "base/text.h"
#include "cert/report.h"
#include "cert/span.h"

typedef struct x509_store_st X509_STORE;

/* What a file of authorities is for. */
struct cert_roots_use {
	/*
	 * They vouch for clients, each of them for some: the first end of one
	 * that is still valid counts, an end that is past is told, and at least
	 * one must be valid now.  Otherwise they are those of servers, of which
	 * any may do, and the last end counts, past or not.
	 */
	bool of_clients;
	bool revocable;		/* lists of revoked certificates are read from
				   elsewhere: one in this file is no mistake */
};

/*
 * Checks a PEM file of authorities and reports everything that is wrong: each
 * block in it must be of use.  The span, set where nothing is a fault, is that
 * of the authority whose end counts.
 */
void	cert_check_roots(struct text pem, const struct cert_roots_use *,
	    struct cert_span *, struct cert_report *);

/* Puts the certificates of such a file into the store; false: it has none. */
bool	cert_add_roots(X509_STORE *, struct text pem);

/*
 * Puts all authorities of the system into the store.  A worker may not open
 * files later, so OpenSSL's look-up of single files in a directory is of no
 * use.  False: the system has none.
 */
bool	cert_add_system_roots(X509_STORE *);

/* The message for that. */
#define CERT_NO_SYSTEM_ROOTS \
	"the system has no root certificates (is the package " \
	"ca-certificates installed?)"

#endif
