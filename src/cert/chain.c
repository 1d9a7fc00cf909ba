/*
 * Certificates of a PEM file; see chain.h.
 */
#include "cert/chain.h"

#include "base/alloc.h"
#include "cert/pem.h"

STACK_OF(X509) *
cert_chain_read(struct text text, const char **why)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	bool broken = false;
	struct pem_block b;
	struct pem pem;

	pem_begin(&pem, text);
	while (pem_next(&pem, &b)) {
		bool wanted = b.kind == PEM_KIND_CERTIFICATE;
		X509 *x = wanted ? pem_certificate(&b) : NULL;

		if (x != NULL && sk_X509_push(chain, x) == 0)
			alloc_failed();
		broken = broken || b.der == NULL || (wanted && x == NULL);
		pem_block_free(&b);
	}
	if (!broken && sk_X509_num(chain) > 0)
		return chain;
	*why = broken ? "what is there in PEM is broken, or not complete" :
	    "it is no certificate in PEM";
	sk_X509_pop_free(chain, X509_free);
	return NULL;
}

void
cert_subject(const X509 *x, char name[CERT_NAME])
{
	pem_name(X509_get_subject_name(x), name);
}
