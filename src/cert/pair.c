/*
 * Certificates of our own; see pair.h.
 */
#include "cert/pair.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "cert/pem.h"

/* Security bits of a key or digest: TLS refuses fewer here. */
#define LEAST_BITS	112

/* -- the chain -- */

static STACK_OF(X509) *
read_chain(struct text text, struct cert_report *report)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	struct pem_block b;
	struct pem pem;

	pem_begin(&pem, text);
	while (pem_next(&pem, &b)) {
		bool wanted = b.kind == PEM_KIND_CERTIFICATE ||
		    b.kind == PEM_KIND_TRUSTED;
		X509 *x = wanted ? pem_certificate(&b) : NULL;

		if (b.der == NULL || (wanted && x == NULL))
			cert_fault(report, "what begins on line %u of it is "
			    "broken, or not complete", b.line);
		if (x != NULL && sk_X509_push(chain, x) == 0)
			alloc_failed();
		pem_block_free(&b);
	}
	if (sk_X509_num(chain) == 0 && !report->failed)
		cert_fault(report, "holds no certificate in PEM form");
	return chain;
}

static bool
is_weak(X509 *x)
{
	const EVP_PKEY *key = X509_get0_pubkey(x);
	int bits = LEAST_BITS;

	if (key == NULL || EVP_PKEY_get_security_bits(key) < LEAST_BITS)
		return true;
	(void)X509_get_signature_info(x, NULL, NULL, &bits, NULL);
	return bits < LEAST_BITS && X509_self_signed(x, 0) == 0;
}

/*
 * The keys that can sign a handshake.  Other curves, though strong enough, are
 * of no use with TLS (RFC 8422 section 5.1.1, RFC 8446 section 4.2.3).
 */
static bool
is_for_tls(const X509 *x)
{
	const EVP_PKEY *key = X509_get0_pubkey(x);
	char group[20] = "";

	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
	case EVP_PKEY_ED25519:
	case EVP_PKEY_ED448:
		return true;
	case EVP_PKEY_EC:
		(void)EVP_PKEY_get_group_name(key, group, sizeof(group), NULL);
		return strcmp(group, "prime256v1") == 0 ||
		    strcmp(group, "secp384r1") == 0 ||
		    strcmp(group, "secp521r1") == 0;
	default:
		return false;
	}
}

static void
check_links(STACK_OF(X509) *chain, struct cert_report *report)
{
	char name[CERT_NAME];

	for (int i = 0; i < sk_X509_num(chain); i++) {
		X509 *x = sk_X509_value(chain, i);

		pem_name(X509_get_subject_name(x), name);
		if (is_weak(x))
			cert_fault(report, "the certificate of \"%s\" has too "
			    "weak a key or signature", name);
		if (i + 1 < sk_X509_num(chain) && X509_check_issued(
		    sk_X509_value(chain, i + 1), x) != X509_V_OK)
			cert_warning(report, "behind the certificate of "
			    "\"%s\" should come that of its issuer", name);
	}
}

static struct cert_span
span_of(const X509 *x)
{
	return (struct cert_span){
		.from = cert_seconds(X509_get0_notBefore(x)),
		.until = cert_seconds(X509_get0_notAfter(x)),
	};
}

/* The certificates, if nothing is wrong with them, and when all are valid. */
static STACK_OF(X509) *
check_all(struct text text, struct cert_span *span,
    struct cert_report *report)
{
	STACK_OF(X509) *chain = read_chain(text, report);

	*span = (struct cert_span){ .from = 0, .until = CERT_FOR_EVER };
	for (int i = 0; i < sk_X509_num(chain); i++)
		*span = cert_span_both(*span,
		    span_of(sk_X509_value(chain, i)));
	if (!report->failed)
		check_links(chain, report);
	if (!report->failed && !is_for_tls(sk_X509_value(chain, 0)))
		cert_fault(report, "TLS has no use for a certificate with "
		    "this kind of key: take one of P-256, P-384, Ed25519 or "
		    "RSA");
	return chain;
}

/*
 * Each side signs its handshake; OpenSSL also takes keys that may be used in
 * other ways only.
 */
static bool
is_meant_for(X509 *x, int purpose)
{
	return X509_check_purpose(x, purpose, 0) == 1 &&
	    (X509_get_key_usage(x) & X509v3_KU_DIGITAL_SIGNATURE) != 0;
}

void
cert_check_chain(struct text text, struct cert_span *span,
    struct cert_report *report)
{
	STACK_OF(X509) *chain = check_all(text, span, report);

	if (!report->failed && !is_meant_for(sk_X509_value(chain, 0),
	    X509_PURPOSE_SSL_CLIENT))
		cert_warning(report, "the certificate is not meant for "
		    "clients (extendedKeyUsage clientAuth, keyUsage "
		    "digitalSignature)");
	sk_X509_pop_free(chain, X509_free);
	ERR_clear_error();
}

static void
check_time(struct cert_span span, int64_t now, struct cert_report *report)
{
	char when[CLOCK_TEXT];

	if (now < span.from) {
		(void)clock_format_s(when, span.from);
		cert_fault(report, "the certificate is not valid before %s",
		    when);
	} else if (now >= span.until) {
		(void)clock_format_s(when, span.until);
		cert_fault(report, "the certificate expired at %s", when);
	}
}

static void
check_server(X509 *x, int64_t now, struct cert_report *report)
{
	check_time(span_of(x), now, report);
	if (!is_meant_for(x, X509_PURPOSE_SSL_SERVER))
		cert_warning(report, "the certificate is not meant for "
		    "servers (extendedKeyUsage serverAuth, keyUsage "
		    "digitalSignature)");
	/* The subject is no name of a host any more (RFC 9525 section 2). */
	if (X509_get_ext_by_NID(x, NID_subject_alt_name, -1) < 0)
		cert_warning(report, "the certificate names no host "
		    "(subjectAltName), so clients will not accept it");
}

void
cert_check_server_chain(struct text text, int64_t now, struct cert_span *span,
    struct cert_report *report)
{
	STACK_OF(X509) *chain = check_all(text, span, report);

	if (!report->failed)
		check_server(sk_X509_value(chain, 0), now, report);
	sk_X509_pop_free(chain, X509_free);
	ERR_clear_error();
}

/* -- the key -- */

/* No passphrase is asked for: sealed files are opened before they come here. */
static int
pair_on_passphrase(char *into, int size, int writing, void *asked)
{
	(void)into;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static EVP_PKEY *
read_key(struct text text, bool *asked)
{
	BIO *bio = BIO_new_mem_buf(text.p, (int)text.n);
	EVP_PKEY *key;

	if (bio == NULL)
		alloc_failed();
	*asked = false;
	key = PEM_read_bio_PrivateKey(bio, NULL, pair_on_passphrase, asked);
	BIO_free(bio);
	ERR_clear_error();
	return key;
}

static void
quiet(void *owner, bool warning, const char *text)
{
	(void)owner;
	(void)warning;
	(void)text;
}

void
cert_check_key(struct text text, struct text chain,
    struct cert_report *report)
{
	struct cert_report nobody = { .tell = quiet };
	STACK_OF(X509) *certs = read_chain(chain, &nobody);
	bool asked;
	EVP_PKEY *key = read_key(text, &asked);

	if (asked)
		cert_fault(report, "the key is encrypted with a passphrase, "
		    "and nobody is asked for it: write it out with 'openssl "
		    "pkey' and seal that with 'sallyport seal'");
	else if (key == NULL)
		cert_fault(report, "holds no private key in PEM form");
	else if (sk_X509_num(certs) != 0 &&
	    X509_check_private_key(sk_X509_value(certs, 0), key) != 1)
		cert_fault(report, "the key is not that of the first "
		    "certificate of 'certificate'");
	EVP_PKEY_free(key);
	sk_X509_pop_free(certs, X509_free);
	ERR_clear_error();
}

/* -- both -- */

bool
cert_pair_read(struct cert_pair *pair, struct text chain, struct text key)
{
	struct cert_report nobody = { .tell = quiet };
	bool asked;

	*pair = (struct cert_pair){
		.chain = read_chain(chain, &nobody),
		.key = read_key(key, &asked),
	};
	pair->cert = sk_X509_shift(pair->chain);
	if (pair->cert != NULL && pair->key != NULL && !nobody.failed &&
	    X509_check_private_key(pair->cert, pair->key) == 1)
		return true;
	ERR_clear_error();
	cert_pair_release(pair);
	return false;
}

void
cert_pair_release(struct cert_pair *pair)
{
	X509_free(pair->cert);
	sk_X509_pop_free(pair->chain, X509_free);
	EVP_PKEY_free(pair->key);
	*pair = (struct cert_pair){ .cert = NULL };
}
