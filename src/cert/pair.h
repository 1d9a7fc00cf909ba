/*
 * A certificate of our own and its private key: for upstreams that require
 * client certificates, and for listeners.
 */
#ifndef CERT_PAIR_H
#define CERT_PAIR_H

#include <stdbool.h>

#include "base/text.h"
#include "cert/report.h"
#include "cert/span.h"

typedef struct x509_st X509;
typedef struct evp_pkey_st EVP_PKEY;
struct stack_st_X509;

/*
 * Check a PEM file with the certificate, which comes first and which the rest
 * of the chain may follow, up to a root; and the file with its key.  The span
 * is the time in which all of the chain is valid.
 */
void	cert_check_chain(struct text pem, struct cert_span *,
	    struct cert_report *);

/*
 * The same for the certificate of a listener, which must be valid now, in
 * seconds since 1970: else no client would accept it.
 */
void	cert_check_server_chain(struct text pem, int64_t now,
	    struct cert_span *, struct cert_report *);
void	cert_check_key(struct text pem, struct text chain,
	    struct cert_report *);

struct cert_pair {
	X509 *cert;
	struct stack_st_X509 *chain;	/* without cert; may be empty */
	EVP_PKEY *key;
};

/* False where the checks would report a fault. */
bool	cert_pair_read(struct cert_pair *, struct text chain,
	    struct text key);
void	cert_pair_release(struct cert_pair *);

#endif
