/*
 * The names in clients' certificates, and certificates whose names are refused.
 */
#include "cert/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "../../lib/certs.h"

struct fixture {
	struct cert root, cert;
	struct cert_names names;
	const char *why;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	cert_make_root(&f->root, "root");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	cert_names_release(&f->names);
	cert_free(&f->root);
	cert_free(&f->cert);
	free(f);
	return 0;
}

/* Reads a certificate with such alternative names; NULL: none. */
static void
read_names(struct fixture *f, const char *alternatives)
{
	const struct cert_field fields[] = {
		{ alternatives != NULL ? NID_subject_alt_name : 0,
		    alternatives },
		{ 0, NULL },
	};

	cert_names_release(&f->names);
	cert_free(&f->cert);
	cert_make(&f->cert, &f->root, "ci", fields);
	f->why = cert_names_read(&f->names, f->cert.x509);
}

static void
refuses(struct fixture *f, const char *alternatives, const char *why)
{
	read_names(f, alternatives);
	if (f->why == NULL || strstr(f->why, why) == NULL)
		fail_msg("%s: %s", alternatives, f->why != NULL ? f->why :
		    "taken");
	assert_null(f->names.uri);
	assert_null(f->names.subject);
	assert_int_equal(f->names.n_dns, 0);
}

/* "DER:..." of one alternative name of this kind, with these bytes. */
static char *
der_of(unsigned tag, const char *p, size_t n)
{
	char *text = xasprintf("DER:30:82:%02zx:%02zx:%02x:82:%02zx:%02zx",
	    (n + 4) >> 8, (n + 4) & 0xff, tag, n >> 8, n & 0xff);

	for (size_t i = 0; i < n; i++) {
		char *more = xasprintf("%s:%02x", text, (unsigned char)p[i]);

		free(text);
		text = more;
	}
	return text;
}

#define URI_TAG	0x86
#define DNS_TAG	0x82

static void
refuses_bytes(struct fixture *f, unsigned tag, struct text bytes,
    const char *why)
{
	char *der = der_of(tag, bytes.p, bytes.n);

	refuses(f, der, why);
	free(der);
}

/* -- alternative names -- */

static void
a_uri_and_dns_names_are_read(void **state)
{
	struct fixture *f = *state;

	read_names(f, "DNS:a.example,URI:spiffe://corp/team-a/x,DNS:B.example");
	assert_null(f->why);
	assert_string_equal(f->names.uri, "spiffe://corp/team-a/x");
	assert_int_equal(f->names.n_dns, 2);
	assert_string_equal(f->names.dns[0], "a.example");
	assert_string_equal(f->names.dns[1], "B.example");
}

static void
names_of_other_kinds_are_left_alone(void **state)
{
	struct fixture *f = *state;

	read_names(f, "email:ci@a.example,IP:127.0.0.1,RID:1.2.3,"
	    "otherName:1.2.3.4;UTF8:root");
	assert_null(f->why);
	assert_null(f->names.uri);
	assert_int_equal(f->names.n_dns, 0);
}

static void
a_certificate_may_have_no_alternative_names(void **state)
{
	struct fixture *f = *state;

	read_names(f, NULL);
	assert_null(f->why);
	assert_null(f->names.uri);
	assert_int_equal(f->names.n_dns, 0);
	assert_string_equal(f->names.subject, "CN=ci");
	assert_string_equal(f->names.issuer, "CN=root");
}

static void
two_uris_are_one_too_many(void **state)
{
	struct fixture *f = *state;

	refuses(f, "URI:spiffe://corp/a,URI:spiffe://corp/b", "two URI names");
	refuses(f, "URI:spiffe://corp/a,URI:spiffe://corp/a", "two URI names");
	refuses(f, "URI:spiffe://corp/a,URI:https://a.example",
	    "two URI names");
	refuses(f, "URI:spiffe://corp/a,DNS:a.example,URI:spiffe://corp/b",
	    "two URI names");
}

static void
a_name_with_a_byte_that_no_name_has_is_refused(void **state)
{
	static const struct text bytes[] = {
		{ "spiffe://corp/a\0", 16 }, { "spiffe://corp/a\0b", 17 },
		{ "\0spiffe://corp/a", 16 }, { "a b", 3 }, { " a", 2 },
		{ "a\n", 2 }, { "a\x1b[0m", 5 }, { "a\x7f", 2 },
		{ "a\xc3\xa4", 3 }, { "\xff", 1 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		refuses_bytes(f, URI_TAG, bytes[i], "a byte that no name has");
		refuses_bytes(f, DNS_TAG, bytes[i], "a byte that no name has");
	}
	refuses(f, "DER:30:02:86:00", "a byte that no name has");
	refuses(f, "DER:30:02:82:00", "a byte that no name has");
}

static void
a_name_may_be_as_long_as_names_are(void **state)
{
	struct fixture *f = *state;
	char most[CERT_URI_MOST + 1], *der;

	memset(most, 'a', sizeof(most));
	refuses_bytes(f, URI_TAG, (struct text){ most, sizeof(most) },
	    "too long");
	refuses_bytes(f, DNS_TAG, (struct text){ most, CERT_DNS_MOST + 1 },
	    "too long");
	der = der_of(URI_TAG, most, CERT_URI_MOST);
	read_names(f, der);
	free(der);
	assert_null(f->why);
	assert_int_equal(strlen(f->names.uri), CERT_URI_MOST);
	der = der_of(DNS_TAG, most, CERT_DNS_MOST);
	read_names(f, der);
	free(der);
	assert_null(f->why);
	assert_int_equal(strlen(f->names.dns[0]), CERT_DNS_MOST);
}

static void
a_certificate_has_so_many_names_at_most(void **state)
{
	struct fixture *f = *state;
	char names[CERT_DNS_NAMES_MOST * 8 + 16] = "DNS:a";

	for (unsigned i = 1; i < CERT_DNS_NAMES_MOST; i++)
		strcat(names, ",DNS:a");
	read_names(f, names);
	assert_null(f->why);
	assert_int_equal(f->names.n_dns, CERT_DNS_NAMES_MOST);
	strcat(names, ",DNS:a");
	refuses(f, names, "too many DNS names");
}

static void
broken_alternative_names_are_none(void **state)
{
	static const char *const broken[] = {
		"DER:30", "DER:05:00", "DER:30:03:86:05:61",
		"DER:30:03:86:01", "DER:04:01:61",
		/* Bytes behind them. */
		"DER:30:03:86:01:61:00", "DER:30:03:86:01:61:30:03:86:01:62",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		refuses(f, broken[i], "alternative names are broken");
}

static void
alternative_names_are_there_once(void **state)
{
	static const struct cert_field twice[] = {
		{ NID_subject_alt_name, "URI:spiffe://corp/a" },
		{ NID_subject_alt_name, "URI:spiffe://corp/b" },
		{ 0, NULL },
	};
	struct fixture *f = *state;

	cert_make(&f->cert, &f->root, "ci", twice);
	assert_non_null(cert_names_read(&f->names, f->cert.x509));
}

/* -- subjects -- */

static void
add_to_subject(struct fixture *f, const char *field, int type, const void *p,
    int n)
{
	X509_NAME *name = X509_NAME_dup(X509_get_subject_name(f->cert.x509));

	assert_int_equal(X509_NAME_add_entry_by_txt(name, field, type, p, n,
	    -1, 0), 1);
	assert_int_equal(X509_set_subject_name(f->cert.x509, name), 1);
	X509_NAME_free(name);
	cert_names_release(&f->names);
	f->why = cert_names_read(&f->names, f->cert.x509);
}

static void
a_subject_is_written_as_in_rfc_4514(void **state)
{
	struct fixture *f = *state;

	read_names(f, NULL);
	add_to_subject(f, "OU", MBSTRING_ASC, "a, b+c", -1);
	assert_string_equal(f->names.subject, "OU=a\\, b\\+c,CN=ci");
	add_to_subject(f, "O", MBSTRING_UTF8, "\xc3\xa4\n\"", -1);
	assert_string_equal(f->names.subject,
	    "O=\\C3\\A4\\0A\\\",OU=a\\, b\\+c,CN=ci");
	add_to_subject(f, "DC", MBSTRING_ASC, "example", -1);
	assert_true(strncmp(f->names.subject, "DC=example,O=", 13) == 0);
}

static void
a_subject_may_be_empty(void **state)
{
	struct fixture *f = *state;
	X509_NAME *none = X509_NAME_new();

	read_names(f, "URI:spiffe://corp/a");
	X509_set_subject_name(f->cert.x509, none);
	X509_NAME_free(none);
	cert_names_release(&f->names);
	assert_null(cert_names_read(&f->names, f->cert.x509));
	assert_string_equal(f->names.subject, "");
	assert_string_equal(f->names.uri, "spiffe://corp/a");
}

static void
a_nul_in_a_subject_is_refused(void **state)
{
	struct fixture *f = *state;

	read_names(f, NULL);
	add_to_subject(f, "O", V_ASN1_UTF8STRING, "corp\0.evil", 10);
	assert_non_null(f->why);
	assert_non_null(strstr(f->why, "NUL"));
	read_names(f, NULL);
	add_to_subject(f, "O", V_ASN1_BMPSTRING, "\0c\0o\0\0\0r", 8);
	assert_non_null(f->why);
	read_names(f, NULL);
	add_to_subject(f, "O", V_ASN1_BMPSTRING, "\0c\0o", 4);
	assert_null(f->why);
	assert_string_equal(f->names.subject, "O=co,CN=ci");
}

static void
a_subject_is_no_longer_than_it_may_be(void **state)
{
	struct fixture *f = *state;
	char part[600];

	memset(part, 'a', sizeof(part));
	read_names(f, NULL);
	add_to_subject(f, "1.2.3.4", V_ASN1_UTF8STRING, part, 60);
	assert_null(f->why);
	add_to_subject(f, "1.2.3.4", V_ASN1_UTF8STRING, part, sizeof(part));
	assert_non_null(f->why);
	assert_non_null(strstr(f->why, "too long"));
}

/* -- the certificate -- */

static void
the_digest_is_that_of_the_certificate(void **state)
{
	struct fixture *f = *state;
	unsigned char digest[32];
	unsigned n;

	read_names(f, NULL);
	assert_int_equal(X509_digest(f->cert.x509, EVP_sha256(), digest, &n),
	    1);
	assert_memory_equal(f->names.sha256, digest, sizeof(digest));
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_uri_and_dns_names_are_read),
		TEST(names_of_other_kinds_are_left_alone),
		TEST(a_certificate_may_have_no_alternative_names),
		TEST(two_uris_are_one_too_many),
		TEST(a_name_with_a_byte_that_no_name_has_is_refused),
		TEST(a_name_may_be_as_long_as_names_are),
		TEST(a_certificate_has_so_many_names_at_most),
		TEST(broken_alternative_names_are_none),
		TEST(alternative_names_are_there_once),
		TEST(a_subject_is_written_as_in_rfc_4514),
		TEST(a_subject_may_be_empty),
		TEST(a_nul_in_a_subject_is_refused),
		TEST(a_subject_is_no_longer_than_it_may_be),
		TEST(the_digest_is_that_of_the_certificate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
