/*
 * Lists of revoked certificates; see crls.h.
 */
#include "cert/crls.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "cert/pem.h"

bool
cert_add_crls(X509_STORE *store, struct text text)
{
	struct pem_block b;
	struct pem pem;
	bool any = false;

	pem_begin(&pem, text);
	while (pem_next(&pem, &b)) {
		X509_CRL *crl = b.kind == PEM_KIND_CRL ? pem_crl(&b) : NULL;

		any = (crl != NULL && X509_STORE_add_crl(store, crl) == 1) ||
		    any;
		X509_CRL_free(crl);
		pem_block_free(&b);
	}
	ERR_clear_error();
	return any;
}

static STACK_OF(X509_CRL) *
read_crls(struct text text, struct cert_report *report)
{
	STACK_OF(X509_CRL) *crls = sk_X509_CRL_new_null();
	struct pem_block b;
	struct pem pem;

	pem_begin(&pem, text);
	while (pem_next(&pem, &b)) {
		X509_CRL *crl = b.kind == PEM_KIND_CRL ? pem_crl(&b) : NULL;

		if (b.der == NULL || (b.kind == PEM_KIND_CRL && crl == NULL))
			cert_fault(report, "what begins on line %u of it is "
			    "broken, or not complete", b.line);
		if (crl != NULL && sk_X509_CRL_push(crls, crl) == 0)
			alloc_failed();
		pem_block_free(&b);
	}
	if (sk_X509_CRL_num(crls) == 0 && !report->failed)
		cert_fault(report, "holds no list of revoked certificates in "
		    "PEM form");
	return crls;
}

static struct cert_span
span_of(const X509_CRL *crl)
{
	const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);

	return (struct cert_span){
		.from = cert_seconds(X509_CRL_get0_lastUpdate(crl)),
		.until = next != NULL ? cert_seconds(next) : CERT_FOR_EVER,
	};
}

/* Another list of the same authority is valid for longer. */
static bool
is_superseded(STACK_OF(X509_CRL) *crls, int i)
{
	const X509_CRL *crl = sk_X509_CRL_value(crls, i);

	for (int j = 0; j < sk_X509_CRL_num(crls); j++) {
		const X509_CRL *other = sk_X509_CRL_value(crls, j);

		if (X509_CRL_cmp(crl, other) == 0 &&
		    span_of(other).until > span_of(crl).until)
			return true;
	}
	return false;
}

static struct cert_span
common_span(STACK_OF(X509_CRL) *crls)
{
	struct cert_span all = { .from = 0, .until = CERT_FOR_EVER };

	for (int i = 0; i < sk_X509_CRL_num(crls); i++) {
		if (!is_superseded(crls, i))
			all = cert_span_both(all,
			    span_of(sk_X509_CRL_value(crls, i)));
	}
	return all;
}

/* Why a list with this authority's name is not from it, or NULL. */
static const char *
explain_signer(X509_CRL *crl, X509 *authority)
{
	const char *why = NULL;

	if (X509_CRL_verify(crl, X509_get0_pubkey(authority)) != 1)
		why = "whose key did not sign it";
	else if ((X509_get_key_usage(authority) & KU_CRL_SIGN) == 0)
		why = "which is not meant to sign one (cRLSign)";
	ERR_clear_error();
	return why;
}

/* The lists of one authority: there must be one, and it must be from it. */
static void
check_authority(STACK_OF(X509_CRL) *crls, X509 *authority,
    struct cert_report *report)
{
	const X509_NAME *subject = X509_get_subject_name(authority);
	const char *why = NULL;
	bool any = false, good = false;
	char name[CERT_NAME];

	for (int i = 0; i < sk_X509_CRL_num(crls) && !good; i++) {
		X509_CRL *crl = sk_X509_CRL_value(crls, i);

		if (X509_NAME_cmp(X509_CRL_get_issuer(crl), subject) != 0)
			continue;
		any = true;
		why = explain_signer(crl, authority);
		good = why == NULL;
	}
	pem_name(subject, name);
	if (!any)
		cert_warning(report, "holds no list of \"%s\", without which "
		    "nothing is accepted that it vouches for", name);
	else if (!good)
		cert_warning(report, "the list of \"%s\" is not good: it "
		    "names an authority %s", name, why);
}

static void
check_authorities(STACK_OF(X509_CRL) *crls, struct text roots,
    struct cert_report *report)
{
	struct pem_block b;
	struct pem pem;

	pem_begin(&pem, roots);
	while (pem_next(&pem, &b)) {
		X509 *x = b.kind == PEM_KIND_CERTIFICATE ||
		    b.kind == PEM_KIND_TRUSTED ? pem_certificate(&b) : NULL;

		if (x != NULL)
			check_authority(crls, x, report);
		X509_free(x);
		pem_block_free(&b);
	}
}

void
cert_check_crls(struct text text, struct text roots, struct cert_span *span,
    struct cert_report *report)
{
	STACK_OF(X509_CRL) *crls = read_crls(text, report);

	*span = common_span(crls);
	if (!report->failed && roots.p != NULL)
		check_authorities(crls, roots, report);
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
}
