/*
 * PEM files; see pem.h.  OpenSSL reads a block; the lines where blocks begin,
 * for messages, are found here.
 */
#include "cert/pem.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/alloc.h"

static const struct text mark = { .p = "-----BEGIN ", .n = 11 };

void
pem_begin(struct pem *pem, struct text t)
{
	*pem = (struct pem){ .left = t, .line = 1 };
}

static void
pass_over(struct pem *pem, size_t n)
{
	for (size_t i = 0; i < n; i++)
		pem->line += pem->left.p[i] == '\n';
	pem->left = text_range(pem->left.p + n, pem->left.p + pem->left.n);
}

static enum pem_kind
kind_of(const char *type)
{
	if (strcmp(type, PEM_STRING_X509) == 0 ||
	    strcmp(type, PEM_STRING_X509_OLD) == 0)
		return PEM_KIND_CERTIFICATE;
	if (strcmp(type, PEM_STRING_X509_TRUSTED) == 0)
		return PEM_KIND_TRUSTED;
	if (strcmp(type, PEM_STRING_X509_CRL) == 0)
		return PEM_KIND_CRL;
	if (text_ends_with(text_of(type), TEXT("PRIVATE KEY")))
		return PEM_KIND_KEY;
	return PEM_KIND_OTHER;
}

/* Reads the block that left begins with; returns its length, 0: broken. */
static size_t
read_block(struct text left, struct pem_block *block)
{
	char *type = NULL, *header = NULL;
	BIO *bio = BIO_new_mem_buf(left.p, (int)left.n);
	size_t n = 0;

	if (bio == NULL)
		alloc_failed();
	if (PEM_read_bio(bio, &type, &header, &block->der, &block->n) == 1) {
		block->kind = kind_of(type);
		n = left.n - BIO_ctrl_pending(bio);
	}
	OPENSSL_free(type);
	OPENSSL_free(header);
	BIO_free(bio);
	ERR_clear_error();
	return n;
}

bool
pem_next(struct pem *pem, struct pem_block *block)
{
	const char *begin = pem->left.n != 0 ?
	    memmem(pem->left.p, pem->left.n, mark.p, mark.n) : NULL;
	size_t n;

	if (begin == NULL)
		return false;
	pass_over(pem, (size_t)(begin - pem->left.p));
	*block = (struct pem_block){ .kind = PEM_KIND_OTHER,
		.line = pem->line };
	n = read_block(pem->left, block);
	pass_over(pem, n != 0 ? n : pem->left.n);
	return true;
}

/* The block may be a private key. */
void
pem_block_free(struct pem_block *block)
{
	if (block->der != NULL)
		OPENSSL_clear_free(block->der, (size_t)block->n);
	block->der = NULL;
}

X509 *
pem_certificate(const struct pem_block *block)
{
	const unsigned char *p = block->der;
	X509 *x;

	if (p == NULL)
		return NULL;
	x = block->kind == PEM_KIND_TRUSTED ?
	    d2i_X509_AUX(NULL, &p, block->n) : d2i_X509(NULL, &p, block->n);
	ERR_clear_error();
	return x;
}

X509_CRL *
pem_crl(const struct pem_block *block)
{
	const unsigned char *p = block->der;
	X509_CRL *crl = p != NULL ? d2i_X509_CRL(NULL, &p, block->n) : NULL;

	ERR_clear_error();
	return crl;
}

void
pem_name(const X509_NAME *subject, char name[CERT_NAME])
{
	BIO *bio = BIO_new(BIO_s_mem());
	int n;

	if (bio == NULL)
		alloc_failed();
	X509_NAME_print_ex(bio, subject, 0, XN_FLAG_RFC2253);
	n = BIO_read(bio, name, CERT_NAME - 1);
	name[n > 0 ? n : 0] = '\0';
	BIO_free(bio);
}
