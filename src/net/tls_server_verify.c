/*
 * Verification of clients; see tls_server_verify.h.  Called by tls_server.c
 * when a listener is set up, and by OpenSSL within a handshake.  What is wrong
 * with a certificate is decided by client_verify.c.
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
#include "base/clock.h"
#include "cert/crls.h"
#include "cert/roots.h"
#include "net/client_verify.h"
#include "net/tls_tickets.h"
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
 * OpenSSL keeps what a client sent, and what of it was verified, as long as the
 * connection.  Nothing but the first, which is the client's own, is asked for
 * any more; and there is no call to drop the others.
 */
static void
drop_all_but_its_own(STACK_OF(X509) *chain)
{
	while (sk_X509_num(chain) > 1)
		X509_free(sk_X509_pop(chain));
}

/* In place of X509_verify_cert(). */
static int
verify(X509_STORE_CTX *x, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(x,
	    SSL_get_ex_data_X509_STORE_CTX_idx());
	union { const char *in; void *out; } why;
	int64_t began = clock_wall() / NS_PER_S;

	(void)arg;
	why.in = client_verify(x);
	if (why.in == NULL &&
	    !tls_tickets_verified(ssl, client_verified_until(x, began)))
		alloc_failed();
	drop_all_but_its_own(X509_STORE_CTX_get0_untrusted(x));
	drop_all_but_its_own(X509_STORE_CTX_get0_chain(x));
	(void)SSL_set_ex_data(ssl, why_index, why.out);
	return why.in == NULL;
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

const char *
tls_server_verify_text(SSL *ssl)
{
	long error = SSL_get_verify_result(ssl);
	const char *why = SSL_get_ex_data(ssl, why_index);

	if (error == X509_V_OK)
		return NULL;
	return why != NULL ? why : X509_verify_cert_error_string(error);
}
