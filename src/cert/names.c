/*
 * Names of clients; see names.h.  Called within handshakes, with certificates
 * that were verified, and afterwards.
 */
#include "cert/names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "cert/pem.h"
#include "cert/span.h"

/* -- alternative names (RFC 5280 section 4.2.1.6) -- */

/* What no name has: NUL, other controls, blanks, and bytes beyond ASCII. */
static bool
is_visible(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] <= ' ' || p[i] > '~')
			return false;
	}
	return n != 0;
}

static char *
copy(const ASN1_IA5STRING *s)
{
	return xstrndup((const char *)ASN1_STRING_get0_data(s),
	    (size_t)ASN1_STRING_length(s));
}

static const char *
add_uri(struct cert_names *names, const ASN1_IA5STRING *s)
{
	size_t n = (size_t)ASN1_STRING_length(s);

	if (names->uri != NULL)
		return "it has two URI names, and can be read as either";
	if (n > CERT_URI_MOST)
		return "its URI name is too long";
	if (!is_visible(ASN1_STRING_get0_data(s), n))
		return "its URI name has a byte that no name has";
	names->uri = copy(s);
	return NULL;
}

static const char *
add_dns(struct cert_names *names, const ASN1_IA5STRING *s)
{
	size_t n = (size_t)ASN1_STRING_length(s);

	if (names->n_dns == CERT_DNS_NAMES_MOST)
		return "it has too many DNS names";
	if (n > CERT_DNS_MOST)
		return "a DNS name of it is too long";
	if (!is_visible(ASN1_STRING_get0_data(s), n))
		return "a DNS name of it has a byte that no name has";
	names->dns = xreallocarray(names->dns, names->n_dns + 1,
	    sizeof(*names->dns));
	names->dns[names->n_dns++] = copy(s);
	return NULL;
}

static const char *
add_alternatives(struct cert_names *names, const GENERAL_NAMES *all)
{
	const char *why = NULL;

	for (int i = 0; i < sk_GENERAL_NAME_num(all) && why == NULL; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(all, i);

		if (g->type == GEN_URI)
			why = add_uri(names, g->d.uniformResourceIdentifier);
		else if (g->type == GEN_DNS)
			why = add_dns(names, g->d.dNSName);
	}
	return why;
}

/* All of its bytes, which OpenSSL does not insist on; NULL: it is broken. */
static GENERAL_NAMES *
parse_alternatives(const ASN1_OCTET_STRING *s)
{
	const unsigned char *p = ASN1_STRING_get0_data(s);
	const unsigned char *end = p + ASN1_STRING_length(s);
	GENERAL_NAMES *all = d2i_GENERAL_NAMES(NULL, &p, end - p);

	if (p == end)
		return all;
	GENERAL_NAMES_free(all);
	return NULL;
}

static const char *
read_alternatives(struct cert_names *names, const X509 *x)
{
	int at = X509_get_ext_by_NID(x, NID_subject_alt_name, -1);
	GENERAL_NAMES *all;
	const char *why;

	if (at < 0)
		return NULL;
	if (X509_get_ext_by_NID(x, NID_subject_alt_name, at) >= 0)
		return "its alternative names are there twice";
	all = parse_alternatives(X509_EXTENSION_get_data(X509_get_ext(x, at)));
	if (all == NULL)
		return "its alternative names are broken";
	why = add_alternatives(names, all);
	GENERAL_NAMES_free(all);
	return why;
}

/* -- subject and issuer -- */

/*
 * A NUL would end the name for readers written in C.  A value that is no text
 * is written as hexadecimal digits, and can hold anything.
 */
static bool
has_nul(const X509_NAME *name)
{
	bool found = false;

	for (int i = 0; i < X509_NAME_entry_count(name) && !found; i++) {
		const ASN1_STRING *s = X509_NAME_ENTRY_get_data(
		    X509_NAME_get_entry(name, i));
		unsigned char *utf8 = NULL;
		int n = ASN1_STRING_to_UTF8(&utf8, s);

		found = n > 0 && memchr(utf8, '\0', (size_t)n) != NULL;
		OPENSSL_free(utf8);
	}
	return found;
}

/* The name in the form of RFC 4514; NULL: it is broken, or too long. */
static char *
print(const X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p, *copied = NULL;
	bool good;
	long n;

	if (bio == NULL)
		alloc_failed();
	good = X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0;
	n = BIO_get_mem_data(bio, &p);
	if (good && n <= CERT_SUBJECT_MOST)
		copied = xstrndup(n > 0 ? p : "", (size_t)n);
	BIO_free(bio);
	return copied;
}

static const char *
read_subjects(struct cert_names *names, const X509 *x)
{
	const X509_NAME *subject = X509_get_subject_name(x);
	const X509_NAME *issuer = X509_get_issuer_name(x);

	if (has_nul(subject) || has_nul(issuer))
		return "its subject or issuer has a NUL";
	names->subject = print(subject);
	names->issuer = print(issuer);
	return names->subject != NULL && names->issuer != NULL ? NULL :
	    "its subject or issuer is broken, or too long";
}

/* -- the whole -- */

static const char *
read_digest(struct cert_names *names, X509 *x)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	bool good = n > 0 && digest_sha256(der, (size_t)n, names->sha256);

	OPENSSL_free(der);
	return good ? NULL : "it has no digest";
}

const char *
cert_names_read(struct cert_names *names, X509 *x)
{
	const char *why;

	*names = (struct cert_names){ .uri = NULL };
	why = read_alternatives(names, x);
	if (why == NULL)
		why = read_subjects(names, x);
	if (why == NULL)
		why = read_digest(names, x);
	names->until = cert_seconds(X509_get0_notAfter(x));
	ERR_clear_error();
	if (why != NULL)
		cert_names_release(names);
	return why;
}

const char *
cert_names_read_pem(struct cert_names *names, struct text text)
{
	const char *why = "it is no certificate in PEM";
	bool found = false;
	struct pem_block b;
	struct pem pem;
	X509 *x = NULL;

	pem_begin(&pem, text);
	while (!found && pem_next(&pem, &b)) {
		found = b.kind == PEM_KIND_CERTIFICATE;
		if (found)
			x = pem_certificate(&b);
		pem_block_free(&b);
	}
	if (x != NULL)
		why = cert_names_read(names, x);
	X509_free(x);
	return why;
}

void
cert_names_release(struct cert_names *names)
{
	for (size_t i = 0; i < names->n_dns; i++)
		free(names->dns[i]);
	free(names->dns);
	free(names->uri);
	free(names->subject);
	free(names->issuer);
	*names = (struct cert_names){ .uri = NULL };
}
