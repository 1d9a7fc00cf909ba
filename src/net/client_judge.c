/*
 * A client's certificate, judged without a handshake; see client_judge.h.  What
 * OpenSSL does in a handshake before and after the decision is done alike.
 */
#include "net/client_judge.h"

#include <stdbool.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "cert/chain.h"
#include "net/client_verify.h"
#include "net/tls_protocol.h"
#include "net/tls_server_verify.h"

/* Before each certificate of a message, and before the first (RFC 5246). */
#define LENGTH_BYTES	3

/* Handshakes fail before anything is verified. */
static bool
is_too_long(const STACK_OF(X509) *chain)
{
	size_t bytes = LENGTH_BYTES;

	for (int i = 0; i < sk_X509_num(chain); i++) {
		int n = i2d_X509(sk_X509_value(chain, i), NULL);

		bytes += LENGTH_BYTES + (n > 0 ? (size_t)n : 0);
	}
	return bytes > TLS_CLIENT_CHAIN_MOST;
}

static void
note(X509_STORE_CTX *x, const char *why, struct client_judgement *j)
{
	const X509 *at = X509_STORE_CTX_get_current_cert(x);

	j->why = why;
	if (why != NULL && at != NULL && X509_STORE_CTX_get_error_depth(x) > 0)
		cert_subject(at, j->subject);
}

/* As ssl_verify_cert_chain() of OpenSSL does. */
static void
judge(SSL_CTX *ctx, STACK_OF(X509) *chain, struct client_judgement *j)
{
	X509_STORE_CTX *x = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *p;

	if (x == NULL || X509_STORE_CTX_init(x, SSL_CTX_get_cert_store(ctx),
	    sk_X509_value(chain, 0), chain) != 1 ||
	    X509_STORE_CTX_set_default(x, "ssl_client") != 1)
		alloc_failed();
	p = X509_STORE_CTX_get0_param(x);
	X509_VERIFY_PARAM_set_auth_level(p, SSL_CTX_get_security_level(ctx));
	if (X509_VERIFY_PARAM_set1(p, SSL_CTX_get0_param(ctx)) != 1)
		alloc_failed();
	note(x, client_verify(x), j);
	X509_STORE_CTX_free(x);
}

static void
judge_chain(const struct tls_server_conf *conf, STACK_OF(X509) *chain,
    struct client_judgement *j)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	char why[256];

	if (ctx == NULL)
		alloc_failed();
	if (is_too_long(chain))
		j->why = "it and those with it are larger than 64 KiB";
	else if (!tls_protocol_set(ctx, false) ||
	    !tls_server_verify_set(ctx, conf, why, sizeof(why)))
		j->why = "OpenSSL verifies none by this configuration";
	else
		judge(ctx, chain, j);
	SSL_CTX_free(ctx);
}

void
client_judge(const struct tls_server_conf *conf, struct text pem,
    struct client_judgement *j)
{
	STACK_OF(X509) *chain;

	*j = (struct client_judgement){ .why = NULL };
	chain = cert_chain_read(pem, &j->why);
	if (chain != NULL)
		judge_chain(conf, chain, j);
	sk_X509_pop_free(chain, X509_free);
	ERR_clear_error();
}
