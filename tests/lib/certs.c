#include "certs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"

static void
extend(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(e);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

/* Everything but extensions and signature. */
static void
begin(struct cert *c, const char *name, X509 *issuer, long from, long until)
{
	static long serial;
	X509_NAME *subject;

	c->key = EVP_EC_gen("P-256");
	c->x509 = X509_new();
	assert_non_null(c->key);
	X509_set_version(c->x509, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(c->x509), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(c->x509), from);
	X509_gmtime_adj(X509_getm_notAfter(c->x509), until);
	X509_set_pubkey(c->x509, c->key);
	subject = X509_get_subject_name(c->x509);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(c->x509, issuer != NULL ?
	    X509_get_subject_name(issuer) : subject);
}

void
cert_make_authority(struct cert *c, const struct cert *issuer,
    const char *name, long from, long until)
{
	begin(c, name, issuer != NULL ? issuer->x509 : NULL, from, until);
	extend(c->x509, c->x509, NID_basic_constraints, "critical,CA:TRUE");
	extend(c->x509, c->x509, NID_key_usage,
	    "critical,keyCertSign,cRLSign");
	extend(c->x509, c->x509, NID_subject_key_identifier, "hash");
	if (issuer != NULL)
		extend(c->x509, issuer->x509, NID_authority_key_identifier,
		    "keyid");
	assert_true(X509_sign(c->x509, issuer != NULL ? issuer->key : c->key,
	    EVP_sha256()) > 0);
}

void
cert_make_root(struct cert *c, const char *name)
{
	cert_make_authority(c, NULL, name, -86400, 86400);
}

void
cert_make_server(struct cert *c, const struct cert *root, const char *names,
    long from, long until)
{
	begin(c, "server", root->x509, from, until);
	extend(c->x509, root->x509, NID_basic_constraints, "CA:FALSE");
	extend(c->x509, root->x509, NID_key_usage,
	    "critical,digitalSignature");
	extend(c->x509, root->x509, NID_subject_key_identifier, "hash");
	extend(c->x509, root->x509, NID_authority_key_identifier, "keyid");
	extend(c->x509, root->x509, NID_subject_alt_name, names);
	assert_true(X509_sign(c->x509, root->key, EVP_sha256()) > 0);
}

void
cert_make_client(struct cert *c, const struct cert *root, const char *name,
    long from, long until)
{
	begin(c, name, root->x509, from, until);
	extend(c->x509, root->x509, NID_basic_constraints, "CA:FALSE");
	extend(c->x509, root->x509, NID_key_usage,
	    "critical,digitalSignature");
	extend(c->x509, root->x509, NID_ext_key_usage, "clientAuth");
	assert_true(X509_sign(c->x509, root->key, EVP_sha256()) > 0);
}

void
cert_make_alone(struct cert *c, const char *names)
{
	begin(c, "alone", NULL, -86400, 86400);
	extend(c->x509, c->x509, NID_basic_constraints, "CA:FALSE");
	extend(c->x509, c->x509, NID_subject_key_identifier, "hash");
	extend(c->x509, c->x509, NID_subject_alt_name, names);
	assert_true(X509_sign(c->x509, c->key, EVP_sha256()) > 0);
}

void
cert_make(struct cert *c, const struct cert *issuer, const char *name,
    const struct cert_field *fields)
{
	const struct cert *by = issuer != NULL ? issuer : c;

	begin(c, name, issuer != NULL ? issuer->x509 : NULL, -86400, 86400);
	for (; fields->nid != 0; fields++)
		extend(c->x509, by->x509, fields->nid, fields->value);
	cert_sign_again(c, by, EVP_sha256());
}

void
cert_sign_again(struct cert *c, const struct cert *issuer, const EVP_MD *md)
{
	assert_true(X509_sign(c->x509, issuer->key, md) > 0);
}

void
cert_free(struct cert *c)
{
	X509_free(c->x509);
	EVP_PKEY_free(c->key);
	*c = (struct cert){ 0 };
}

void
cert_digest(const struct cert *c, uint8_t digest[32])
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(c->key, &der);

	assert_true(n > 0);
	assert_int_equal(EVP_Digest(der, (size_t)n, digest, NULL,
	    EVP_sha256(), NULL), 1);
	OPENSSL_free(der);
}

/* The content of a memory BIO, in memory of its own; frees the BIO. */
static struct text
take_text(BIO *bio)
{
	char *p;
	long n = BIO_get_mem_data(bio, &p);
	struct text t = { .p = xstrndup(p, (size_t)n), .n = (size_t)n };

	BIO_free(bio);
	return t;
}

struct text
cert_text(const struct cert *c)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_int_equal(PEM_write_bio_X509(bio, c->x509), 1);
	return take_text(bio);
}

struct text
cert_key_text(const struct cert *c, const char *passphrase)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, c->key,
	    passphrase != NULL ? EVP_aes_256_cbc() : NULL, passphrase,
	    passphrase != NULL ? (int)strlen(passphrase) : 0, NULL, NULL), 1);
	return take_text(bio);
}

static ASN1_TIME *
from_now(long seconds)
{
	ASN1_TIME *t = X509_gmtime_adj(NULL, seconds);

	assert_non_null(t);
	return t;
}

static void
revoke(X509_CRL *crl, const struct cert *c)
{
	X509_REVOKED *r = X509_REVOKED_new();
	ASN1_TIME *now = from_now(0);

	X509_REVOKED_set_serialNumber(r, X509_get_serialNumber(c->x509));
	X509_REVOKED_set_revocationDate(r, now);
	assert_int_equal(X509_CRL_add0_revoked(crl, r), 1);
	ASN1_TIME_free(now);
}

struct text
cert_crl_text(const struct cert *issuer, long from, long until,
    const struct cert *revoked)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *last = from_now(from), *next = from_now(until);
	BIO *bio = BIO_new(BIO_s_mem());

	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509));
	X509_CRL_set1_lastUpdate(crl, last);
	X509_CRL_set1_nextUpdate(crl, next);
	if (revoked != NULL)
		revoke(crl, revoked);
	X509_CRL_sort(crl);
	assert_true(X509_CRL_sign(crl, issuer->key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_X509_CRL(bio, crl), 1);
	X509_CRL_free(crl);
	ASN1_TIME_free(last);
	ASN1_TIME_free(next);
	return take_text(bio);
}
