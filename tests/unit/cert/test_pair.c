/*
 * What is found wrong with the certificate of a listener.  Those that are shown
 * to upstreams are in tests/unit/conf/test_trust.c.
 */
#include "cert/pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "../../lib/certs.h"

#define HOUR	3600L

struct fixture {
	struct cert root, cert;
	struct cert_report report;
	unsigned n;			/* findings */
	bool warning;			/* the last one */
	char text[400];
	struct cert_span span;
};

static void
note(void *owner, bool warning, const char *text)
{
	struct fixture *f = owner;

	f->n++;
	f->warning = warning;
	snprintf(f->text, sizeof(f->text), "%s", text);
}

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

	cert_free(&f->root);
	cert_free(&f->cert);
	free(f);
	return 0;
}

/* Looks at the certificate, so many seconds from now. */
static void
look(struct fixture *f, long later)
{
	struct text text = cert_text(&f->cert);

	f->report = (struct cert_report){ .tell = note, .owner = f };
	f->n = 0;
	f->text[0] = '\0';
	cert_check_server_chain(text, clock_wall() / NS_PER_S + later,
	    &f->span, &f->report);
	cert_text_free(text);
	assert_int_equal(f->report.failed, f->n != 0 && !f->warning);
}

static void
tells(const struct fixture *f, bool warning, const char *what)
{
	if (f->n != 1 || f->warning != warning ||
	    strstr(f->text, what) == NULL)
		fail_msg("%u findings: %s; wanted: %s", f->n, f->text, what);
}

static void
a_good_certificate_is_good(void **state)
{
	struct fixture *f = *state;

	cert_make_server(&f->cert, &f->root, "DNS:a.example", -HOUR, HOUR);
	look(f, 0);
	assert_int_equal(f->n, 0);
	assert_int_equal(f->span.until - f->span.from, 2 * HOUR);
}

static void
one_that_is_not_valid_now_is_a_fault(void **state)
{
	struct fixture *f = *state;

	cert_make_server(&f->cert, &f->root, "DNS:a.example", -HOUR, HOUR);
	look(f, HOUR + 10);
	tells(f, false, "the certificate expired at 20");
	look(f, -HOUR - 10);
	tells(f, false, "the certificate is not valid before 20");
}

static void
one_for_clients_is_warned_of(void **state)
{
	static const struct cert_field fields[] = {
		{ NID_ext_key_usage, "clientAuth" },
		{ NID_subject_alt_name, "DNS:a.example" },
		{ 0, NULL },
	};
	struct fixture *f = *state;

	cert_make(&f->cert, &f->root, "a.example", fields);
	look(f, 0);
	tells(f, true, "not meant for servers");
}

static void
one_without_names_is_warned_of(void **state)
{
	static const struct cert_field fields[] = { { 0, NULL } };
	struct fixture *f = *state;

	cert_make(&f->cert, &f->root, "a.example", fields);
	look(f, 0);
	tells(f, true, "names no host");
}

static void
a_weak_one_is_a_fault(void **state)
{
	struct fixture *f = *state;

	cert_make_server(&f->cert, &f->root, "DNS:a.example", -HOUR, HOUR);
	cert_sign_again(&f->cert, &f->root, EVP_sha1());
	look(f, 0);
	tells(f, false, "too weak a key or signature");
}

static void
one_that_may_not_sign_is_warned_of(void **state)
{
	static const char *const usages[] = { "keyEncipherment",
		"keyAgreement" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(usages) / sizeof(usages[0]); i++) {
		const struct cert_field fields[] = {
			{ NID_key_usage, usages[i] },
			{ NID_subject_alt_name, "DNS:a.example" },
			{ 0, NULL },
		};

		cert_free(&f->cert);
		cert_make(&f->cert, &f->root, "a.example", fields);
		look(f, 0);
		tells(f, true, "not meant for servers");
	}
}

/* The certificate with this key. */
static void
use_key(struct fixture *f, EVP_PKEY *key)
{
	assert_non_null(key);
	EVP_PKEY_free(f->cert.key);
	f->cert.key = key;
	X509_set_pubkey(f->cert.x509, key);
	cert_sign_again(&f->cert, &f->root, EVP_sha256());
	look(f, 0);
}

static void
a_key_that_tls_has_no_use_for_is_a_fault(void **state)
{
	struct fixture *f = *state;

	cert_make_server(&f->cert, &f->root, "DNS:a.example", -HOUR, HOUR);
	use_key(f, EVP_EC_gen("P-384"));
	assert_int_equal(f->n, 0);
	use_key(f, EVP_EC_gen("P-521"));
	assert_int_equal(f->n, 0);
	use_key(f, EVP_RSA_gen(2048));
	assert_int_equal(f->n, 0);
	use_key(f, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
	assert_int_equal(f->n, 0);
	use_key(f, EVP_EC_gen("P-224"));
	tells(f, false, "TLS has no use for");
	use_key(f, EVP_EC_gen("secp256k1"));
	tells(f, false, "TLS has no use for");
	use_key(f, EVP_PKEY_Q_keygen(NULL, NULL, "X25519"));
	tells(f, false, "TLS has no use for");
}

static void
what_holds_none_is_a_fault(void **state)
{
	struct fixture *f = *state;

	f->report = (struct cert_report){ .tell = note, .owner = f };
	cert_check_server_chain(TEXT("nothing"), 0, &f->span, &f->report);
	tells(f, false, "holds no certificate in PEM form");
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_good_certificate_is_good),
		TEST(one_that_is_not_valid_now_is_a_fault),
		TEST(one_for_clients_is_warned_of),
		TEST(one_without_names_is_warned_of),
		TEST(a_weak_one_is_a_fault),
		TEST(one_that_may_not_sign_is_warned_of),
		TEST(a_key_that_tls_has_no_use_for_is_a_fault),
		TEST(what_holds_none_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
