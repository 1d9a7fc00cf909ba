/*
 * Verification of servers; see tls_verify.h.  Called by tls.c when an
 * upstream is set up, and by OpenSSL within a handshake.
 */
#include "net/tls_verify.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "cert/crls.h"
#include "cert/roots.h"
#include "net/tls_sessions.h"

static bool
set_roots(SSL_CTX *ctx, const struct tls_client_conf *conf, char *why,
    size_t why_size)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	struct text roots = conf->roots;

	if (roots.p == NULL && !cert_add_system_roots(store)) {
		snprintf(why, why_size, "%s", CERT_NO_SYSTEM_ROOTS);
		return false;
	}
	if (roots.p != NULL && !cert_add_roots(store, roots)) {
		snprintf(why, why_size, "%sca_file holds no certificate",
		    conf->is_proxy ? "proxy_" : "");
		return false;
	}
	return true;
}

/* Revocation is checked for every certificate of a chain, as in nginx. */
static bool
set_crls(SSL_CTX *ctx, struct text crls, char *why, size_t why_size)
{
	if (crls.p == NULL)
		return true;
	if (!cert_add_crls(SSL_CTX_get_cert_store(ctx), crls)) {
		snprintf(why, why_size, "crl_file holds no list");
		return false;
	}
	X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx),
	    X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	return true;
}

bool
tls_host_is_ip(const char *host)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, host, bytes) == 1 ||
	    inet_pton(AF_INET6, host, bytes) == 1;
}

static bool
set_host(SSL_CTX *ctx, const char *host)
{
	X509_VERIFY_PARAM *p = SSL_CTX_get0_param(ctx);

	X509_VERIFY_PARAM_set_flags(p,
	    X509_V_FLAG_X509_STRICT | X509_V_FLAG_TRUSTED_FIRST);
	X509_VERIFY_PARAM_set_hostflags(p,
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
	    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	if (X509_VERIFY_PARAM_set_purpose(p, X509_PURPOSE_SSL_SERVER) != 1)
		return false;
	if (tls_host_is_ip(host))
		return X509_VERIFY_PARAM_set1_ip_asc(p, host) == 1;
	return host[0] != '\0' &&
	    X509_VERIFY_PARAM_set1_host(p, host, 0) == 1;
}

void
tls_pins_init(struct tls_pins *pins, const struct tls_client_conf *conf)
{
	pins->n = conf->n_pins;
	pins->v = xcalloc(pins->n, sizeof(*pins->v));
	if (pins->n != 0)
		memcpy(pins->v, conf->pins, pins->n * sizeof(*pins->v));
}

void
tls_pins_release(struct tls_pins *pins)
{
	free(pins->v);
	*pins = (struct tls_pins){ 0 };
}

/* The digest of a whole SubjectPublicKeyInfo (RFC 7469 section 2.4). */
static bool
is_pinned(const struct tls_pins *pins, const X509 *cert)
{
	unsigned char digest[DIGEST_SIZE], *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	bool found = false;

	if (n > 0 && digest_sha256(der, (size_t)n, digest))
		for (size_t i = 0; i < pins->n && !found; i++)
			found = memcmp(digest, pins->v[i], DIGEST_SIZE) == 0;
	OPENSSL_free(der);
	return found;
}

static bool
is_trust_anchor(X509_STORE_CTX *x)
{
	return X509_STORE_CTX_get_error_depth(x) + 1 ==
	    sk_X509_num(X509_STORE_CTX_get0_chain(x));
}

/*
 * Strict checks are for statements of an issuer.  Key identifiers only help to
 * find issuers, and the extensions of a root are no part of validation (RFC
 * 5280 section 6.1): a root is trusted because it was configured.  Private
 * authorities made with the openssl command often lack these.
 */
int
tls_verify_tolerate(int good, X509_STORE_CTX *x)
{
	int error = X509_STORE_CTX_get_error(x);
	bool formal;

	if (good)
		return 1;
	formal = error == X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER ||
	    error == X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER ||
	    (is_trust_anchor(x) &&
	    (error == X509_V_ERR_CA_CERT_MISSING_KEY_USAGE ||
	    error == X509_V_ERR_CA_BCONS_NOT_CRITICAL));
	if (formal)
		X509_STORE_CTX_set_error(x, X509_V_OK);
	return formal;
}

static bool
has_pin(const struct tls_pins *pins, const STACK_OF(X509) *chain)
{
	bool found = pins->n == 0;

	for (int i = 0; i < sk_X509_num(chain) && !found; i++)
		found = is_pinned(pins, sk_X509_value(chain, i));
	return found;
}

/*
 * In place of X509_verify_cert(): pins are part of verification, so that a
 * session of a server without a pinned key is never kept.
 */
static int
verify(X509_STORE_CTX *x, void *arg)
{
	const STACK_OF(X509) *chain;

	X509_STORE_CTX_set_verify_cb(x, tls_verify_tolerate);
	if (X509_verify_cert(x) != 1) {
		/*
		 * Verification leaves earlier errors in the queue before the
		 * reason.
		 */
		ERR_clear_error();
		return 0;
	}
	chain = X509_STORE_CTX_get0_chain(x);
	if (!has_pin(arg, chain)) {
		X509_STORE_CTX_set_error(x,
		    X509_V_ERR_APPLICATION_VERIFICATION);
		return 0;
	}
	tls_sessions_verified(X509_STORE_CTX_get_ex_data(x,
	    SSL_get_ex_data_X509_STORE_CTX_idx()), chain);
	return 1;
}

bool
tls_verify_set(SSL_CTX *ctx, const struct tls_client_conf *conf,
    const struct tls_pins *pins, char *why, size_t why_size)
{
	union { const struct tls_pins *in; void *out; } u = { .in = pins };

	if (!set_roots(ctx, conf, why, why_size) ||
	    !set_crls(ctx, conf->crls, why, why_size))
		return false;
	if (!set_host(ctx, conf->host)) {
		snprintf(why, why_size, "\"%s\" is not a name that a "
		    "certificate can have", conf->host);
		return false;
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, verify, u.out);
	return true;
}

static int
refuse(X509_STORE_CTX *x, void *arg)
{
	(void)arg;
	X509_STORE_CTX_set_error(x, X509_V_ERR_UNSPECIFIED);
	return 0;
}

void
tls_verify_end(SSL_CTX *ctx)
{
	SSL_CTX_set_cert_verify_callback(ctx, refuse, NULL);
}

/* Of a proxy; NULL: the same as of an upstream. */
static const char *
proxy_text(long error)
{
	switch (error) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
		return "hostname mismatch: it is not for the host of the "
		       "proxy";
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return "IP address mismatch: it is not for the address of the "
		       "proxy";
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
		return "unable to get local issuer certificate: "
		       "proxy_ca_file, or the system, does not have its "
		       "authority";
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return "self-signed certificate: only proxy_ca_file can make "
		       "it trusted";
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return "self-signed certificate in certificate chain: "
		       "proxy_ca_file, or the system, does not have this "
		       "authority";
	default:
		return NULL;
	}
}

const char *
tls_verify_text(long error, bool is_proxy)
{
	const char *text = is_proxy ? proxy_text(error) : NULL;

	if (text != NULL)
		return text;
	switch (error) {
	case X509_V_ERR_APPLICATION_VERIFICATION:
		return "no key of the chain is among the pins";
	case X509_V_ERR_HOSTNAME_MISMATCH:
		return "hostname mismatch: it is not for the host of the url";
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return "IP address mismatch: it is not for the address of the "
		       "url";
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "certificate has expired, if this machine's clock is "
		       "right";
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "certificate is not yet valid, if this machine's clock "
		       "is right";
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
		return "unable to get local issuer certificate: ca_file, or "
		       "the system, does not have its authority";
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		return "unable to get certificate CRL: crl_file has no list "
		       "of an authority of the chain";
	case X509_V_ERR_CRL_HAS_EXPIRED:
		return "CRL has expired: crl_file needs a newer list";
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return "self-signed certificate: only ca_file can make it "
		       "trusted";
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return "self-signed certificate in certificate chain: "
		       "ca_file, or the system, does not have this authority";
	default:
		return X509_verify_cert_error_string(error);
	}
}
