/*
 * The public part of PEM files; see public.h.
 */
#include "cert/public.h"

#include <openssl/bio.h>
#include <openssl/pem.h>

#include "base/alloc.h"
#include "cert/pem.h"

/* NULL: a block of this kind is not kept. */
static const char *
type_of(enum pem_kind kind)
{
	switch (kind) {
	case PEM_KIND_CERTIFICATE:
		return PEM_STRING_X509;
	case PEM_KIND_TRUSTED:
		return PEM_STRING_X509_TRUSTED;
	case PEM_KIND_CRL:
		return PEM_STRING_X509_CRL;
	case PEM_KIND_KEY:
	case PEM_KIND_OTHER:
		break;
	}
	return NULL;
}

struct text
cert_public(struct arena *memory, struct text text)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct pem_block b;
	struct text kept;
	struct pem pem;
	char *p;

	if (bio == NULL)
		alloc_failed();
	pem_begin(&pem, text);
	while (pem_next(&pem, &b)) {
		const char *type = type_of(b.kind);

		if (type != NULL && b.der != NULL &&
		    PEM_write_bio(bio, type, "", b.der, b.n) == 0)
			alloc_failed();
		pem_block_free(&b);
	}
	kept.n = (size_t)BIO_get_mem_data(bio, &p);
	kept = arena_text(memory, (struct text){ .p = p, .n = kept.n });
	BIO_free(bio);
	return kept;
}
