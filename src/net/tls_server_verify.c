/*
 * Verification of clients; see tls_server_verify.h.  Called by tls_server.c
 * when a listener is set up, and by OpenSSL within a handshake.
 */
#include "net/tls_server_verify.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "cert/crls.h"
#include "cert/names.h"
#include "cert/roots.h"
#include "net/tls_verify.h"

/* Authorities between a client and a root; each costs a signature. */
#define DEPTH_MOST	8

/* The place in an SSL for the words of a refusal of ours, a static text. */
static int why_index;
static CRYPTO_ONCE why_once = CRYPTO_ONCE_STATIC_INIT;

static void
make_why_index(void)
{
	why_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	if (why_index == -1)
		abort();
}

/* -- what OpenSSL calls -- */

/*
 * A certificate that signs others is nobody's who calls (X.509-SVID 5.2).  Who
 * calls signs the handshake, which OpenSSL does not look for: it lets keys call
 * that are for agreements only (RFC 5280 section 4.2.1.3).
 */
static const char *
explain_leaf(X509 *leaf)
{
	struct cert_names names;
	const char *why;

	if (X509_check_ca(leaf) > 0)
		return "it is an authority's, and not a client's";
	if ((X509_get_key_usage(leaf) & X509v3_KU_DIGITAL_SIGNATURE) == 0)
		return "its key may not sign (keyUsage digitalSignature)";
	why = cert_names_read(&names, leaf);
	if (why == NULL)
		cert_names_release(&names);
	return why;
}

/* In place of X509_verify_cert(): its names must be read in one way only. */
static int
verify(X509_STORE_CTX *x, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(x,
	    SSL_get_ex_data_X509_STORE_CTX_idx());
	union { const char *in; void *out; } why;

	(void)arg;
	X509_STORE_CTX_set_verify_cb(x, tls_verify_tolerate);
	if (X509_verify_cert(x) != 1) {
		/*
		 * Verification leaves earlier errors in the queue before the
		 * reason.
		 */
		ERR_clear_error();
		return 0;
	}
	why.in = explain_leaf(X509_STORE_CTX_get0_cert(x));
	if (why.in == NULL)
		return 1;
	X509_STORE_CTX_set_error(x, X509_V_ERR_APPLICATION_VERIFICATION);
	(void)SSL_set_ex_data(ssl, why_index, why.out);
	return 0;
}

/* -- the context -- */

/* Their names go to clients, which choose a certificate by them. */
static bool
announce(SSL_CTX *ctx)
{
	const STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(
	    SSL_CTX_get_cert_store(ctx));
	bool good = true;

	for (int i = 0; i < sk_X509_OBJECT_num(all) && good; i++) {
		X509 *x = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(all, i));

		good = x == NULL || SSL_CTX_add_client_CA(ctx, x) == 1;
	}
	return good;
}

/* Revocation is checked for every certificate of a chain, as in nginx. */
static bool
set_crls(SSL_CTX *ctx, struct text crls)
{
	if (crls.p == NULL)
		return true;
	X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx),
	    X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	return cert_add_crls(SSL_CTX_get_cert_store(ctx), crls);
}

static bool
set_purpose(SSL_CTX *ctx)
{
	X509_VERIFY_PARAM *p = SSL_CTX_get0_param(ctx);

	X509_VERIFY_PARAM_set_flags(p,
	    X509_V_FLAG_X509_STRICT | X509_V_FLAG_TRUSTED_FIRST);
	X509_VERIFY_PARAM_set_depth(p, DEPTH_MOST);
	return X509_VERIFY_PARAM_set_purpose(p,
	    X509_PURPOSE_SSL_CLIENT) == 1;
}

bool
tls_server_verify_set(SSL_CTX *ctx, const struct tls_server_conf *conf,
    char *why, size_t why_size)
{
	int mode = SSL_VERIFY_PEER;

	if (CRYPTO_THREAD_run_once(&why_once, make_why_index) == 0)
		abort();
	SSL_CTX_set_max_cert_list(ctx, TLS_CLIENT_CHAIN_MOST);
	tls_verify_end(ctx);
	if (conf->client_ca.p == NULL)
		return true;
	if (!cert_add_roots(SSL_CTX_get_cert_store(ctx), conf->client_ca) ||
	    !announce(ctx)) {
		snprintf(why, why_size, "client_ca holds no certificate");
		return false;
	}
	if (!set_crls(ctx, conf->client_crl)) {
		snprintf(why, why_size, "client_crl holds no list");
		return false;
	}
	if (!set_purpose(ctx)) {
		snprintf(why, why_size, "OpenSSL knows no clients");
		return false;
	}
	if (conf->required)
		mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	SSL_CTX_set_verify(ctx, mode, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, verify, NULL);
	return true;
}

/* -- words -- */

static const char *
error_text(long error)
{
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "certificate has expired, if this machine's clock is "
		       "right";
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "certificate is not yet valid, if this machine's clock "
		       "is right";
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
		return "unable to get local issuer certificate: client_ca "
		       "does not have its authority, or the client did not "
		       "send one between";
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		return "unable to get certificate CRL: client_crl has no list "
		       "of an authority of the chain";
	case X509_V_ERR_CRL_HAS_EXPIRED:
		return "CRL has expired: client_crl needs a newer list";
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return "self-signed certificate: client_ca does not have this "
		       "authority";
	case X509_V_ERR_INVALID_PURPOSE:
		return "unsuitable certificate purpose: it is not meant for "
		       "clients (extendedKeyUsage clientAuth)";
	default:
		return X509_verify_cert_error_string(error);
	}
}

const char *
tls_server_verify_text(SSL *ssl)
{
	long error = SSL_get_verify_result(ssl);
	const char *why = SSL_get_ex_data(ssl, why_index);

	if (error == X509_V_OK)
		return NULL;
	return error == X509_V_ERR_APPLICATION_VERIFICATION && why != NULL ?
	    why : error_text(error);
}
