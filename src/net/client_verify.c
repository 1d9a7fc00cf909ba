/*
 * The certificate of a client; see client_verify.h.
 */
#include "net/client_verify.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "cert/names.h"
#include "cert/span.h"
#include "net/tls_verify.h"

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

/* Before any signature is looked at. */
static const char *
explain_size(X509_STORE_CTX *x)
{
	if (sk_X509_num(X509_STORE_CTX_get0_untrusted(x)) > CLIENT_CERTS_MOST)
		return "more than 16 certificates came";
	if (i2d_X509(X509_STORE_CTX_get0_cert(x), NULL) > CLIENT_CERT_MOST)
		return "it is larger than 16 KiB";
	return NULL;
}

static const char *
refused(X509_STORE_CTX *x, const char *why)
{
	if (why != NULL)
		X509_STORE_CTX_set_error(x,
		    X509_V_ERR_APPLICATION_VERIFICATION);
	return why;
}

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
client_verify(X509_STORE_CTX *x)
{
	const char *why = explain_size(x);

	if (why != NULL)
		return refused(x, why);
	X509_STORE_CTX_set_verify_cb(x, tls_verify_tolerate);
	if (X509_verify_cert(x) != 1) {
		/*
		 * Verification leaves earlier errors in the queue before the
		 * reason.
		 */
		ERR_clear_error();
		return error_text(X509_STORE_CTX_get_error(x));
	}
	return refused(x, explain_leaf(X509_STORE_CTX_get0_cert(x)));
}

/* -- until when -- */

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * Of the lists of its authority.  Which of several was looked at OpenSSL does
 * not tell: so each of them counts that was still good when verification began,
 * and if a later one is, too, the client may come again.
 */
static int64_t
end_of_lists(const X509_STORE_CTX *x, const X509 *cert, int64_t began)
{
	STACK_OF(X509_CRL) *lists = X509_STORE_CTX_get1_crls(x,
	    X509_get_issuer_name(cert));
	int64_t end = CERT_FOR_EVER;

	for (int i = 0; i < sk_X509_CRL_num(lists); i++) {
		const ASN1_TIME *next = X509_CRL_get0_nextUpdate(
		    sk_X509_CRL_value(lists, i));
		int64_t its = next != NULL ? cert_seconds(next) :
		    CERT_FOR_EVER;

		if (its >= began)
			end = earlier(end, its);
	}
	sk_X509_CRL_pop_free(lists, X509_CRL_free);
	return end;
}

int64_t
client_verified_until(const X509_STORE_CTX *x, int64_t began)
{
	const STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(x);
	int64_t end = CERT_FOR_EVER;

	for (int i = 0; i < sk_X509_num(chain); i++) {
		const X509 *cert = sk_X509_value(chain, i);

		end = earlier(end, cert_seconds(X509_get0_notAfter(cert)));
		end = earlier(end, end_of_lists(x, cert, began));
	}
	return end;
}
