/*
 * Files of upstreams: each way in which one cannot count is told, with the
 * place that names it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "conf/conf.h"
#include "seal/recipient.h"
#include "seal/seal.h"
#include "../../lib/certs.h"

#define HOUR	3600L
#define DAY	(24 * HOUR)

/* "aaaaaaaa:aaaaaaaa" in base64, as keys look. */
#define KEYS "keys = ( { name = \"a\"; value = \"YWFhYWFhYWE6YWFhYWFhYWE=\"; " \
	"hosts = [ \"api.example.com\" ]; } );\n"

static char folder[] = "/tmp/sallyport-trust-XXXXXX";
static char recipient[RECIPIENT_TEXT];
static struct cert root, middle, leaf, client;
static struct conf_diagnostics diagnostics;

static void
write_bytes(const char *name, const void *p, size_t n, mode_t mode)
{
	FILE *f;

	(void)unlink(name);
	f = fopen(name, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(name, mode), 0);
}

/* Texts one behind the other, which are freed. */
static void
write_texts(const char *name, mode_t mode, size_t n, ...)
{
	char *all = xstrdup("");
	va_list ap;

	va_start(ap, n);
	for (size_t i = 0; i < n; i++) {
		struct text t = va_arg(ap, struct text);
		char *longer = xasprintf("%s%.*s", all, TEXT_ARG(t));

		free(all);
		all = longer;
		cert_text_free(t);
	}
	va_end(ap);
	write_bytes(name, all, strlen(all), mode);
	free(all);
}

static struct text
copy(const char *s)
{
	return text_of(xstrdup(s));
}

static void
seal(const char *name, struct text t)
{
	struct recipients *r = recipients_new();
	struct buf sealed;

	assert_int_equal(recipients_add(r, text_of(recipient)), STATUS_OK);
	buf_init(&sealed, NULL);
	assert_int_equal(seal_close(r, false, (const uint8_t *)t.p, t.n,
	    &sealed), STATUS_OK);
	write_bytes(name, buf_data(&sealed), buf_len(&sealed), 0644);
	buf_release(&sealed);
	recipients_free(r);
}

static int
setup_all(void **state)
{
	struct secret *text;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(identity_generate(0, &text, recipient), STATUS_OK);
	write_bytes("identity", secret_read(text), secret_len(text), 0600);
	secret_free(text);
	seal("keys.age", TEXT(KEYS));
	cert_make_root(&root, "test root");
	cert_make_authority(&middle, &root, "test middle", -DAY, DAY);
	cert_make_server(&leaf, &middle, "DNS:api.example.com", -DAY, DAY);
	cert_make_client(&client, &root, "test client", -10 * DAY, 30 * DAY);
	return 0;
}

static int
teardown_all(void **state)
{
	char *command = xasprintf("rm -r %s", folder);

	(void)state;
	cert_free(&root);
	cert_free(&middle);
	cert_free(&leaf);
	cert_free(&client);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(system(command), 0);
	free(command);
	return 0;
}

/* The options of an upstream, on line 4. */
static struct conf *
load(const char *upstream)
{
	char *text = xasprintf("identity = \"identity\";\n"
	    "sealed = [ \"keys.age\" ];\n"
	    "listeners = ( { address = \"127.0.0.1:0\"; } );\n"
	    "upstreams = ( { url = \"https://api.example.com\"; %s } );\n"
	    "routes = ( { name = \"r\"; keys = [ \"a\" ]; } );\n", upstream);
	struct conf *c;

	write_bytes("main", text, strlen(text), 0600);
	free(text);
	conf_diagnostics_free(&diagnostics);
	diagnostics = (struct conf_diagnostics){ .n = 0 };
	c = conf_load("main", NULL, &diagnostics);
	return c;
}

static void
show(const char *expected)
{
	conf_diagnostics_print(&diagnostics, stderr);
	fail_msg("expected: %s", expected);
}

static void
accepts(const char *upstream)
{
	struct conf *c = load(upstream);

	if (c == NULL || diagnostics.n != 0)
		show("nothing");
	conf_free(c);
}

/* That, and nothing else; in the line that names the file. */
static void
tells(const char *upstream, bool warning, const char *what)
{
	struct conf *c = load(upstream);

	if ((c != NULL) != warning || diagnostics.n != 1 ||
	    diagnostics.v[0].warning != warning || diagnostics.v[0].line != 4 ||
	    strstr(diagnostics.v[0].text, what) == NULL)
		show(what);
	conf_free(c);
}

/* The due of an authority of CA; .until is about so many seconds from now. */
static void
assert_ends(const char *subject, int64_t from_now)
{
	int64_t now = clock_wall() / NS_PER_S;
	struct conf *c = load("ca_file = \"ca\";");
	const struct conf_due *due;

	assert_non_null(c);
	assert_int_equal(c->n_dues, 1);
	due = &c->dues[0];
	assert_int_equal(due->kind, CONF_DUE_CA);
	assert_int_equal(due->upstream, 0);
	assert_string_equal(due->what, "option 'ca_file': ca");
	assert_string_equal(due->subject, subject);
	assert_true(due->until > now + from_now - HOUR);
	assert_true(due->until <= now + from_now);
	conf_free(c);
}

#define CA	"ca_file = \"ca\";"
#define CRL	CA " crl_file = \"crl\";"
#define PAIR	CA " certificate = \"cert\"; certificate_key = \"key\";"

/* -- ca_file -- */

static void
a_file_that_holds_no_authority_is_refused(void **state)
{
	(void)state;
	tells("ca_file = \"nonexistent\";", false,
	    "option 'ca_file': nonexistent: No such file");
	write_texts("ca", 0644, 0);
	tells(CA, false, "holds no certificate in PEM form");
	write_texts("ca", 0644, 1, copy("-----BEGIN CERTIFICATE-----\nMII"));
	tells(CA, false, "what begins on line 1 of it is broken");
	write_texts("ca", 0644, 1, cert_key_text(&root, NULL));
	assert_null(load(CA));
	assert_true(conf_diagnostics_have(&diagnostics, "main", 4,
	    "option 'ca_file': ca: holds no certificate in PEM form"));
}

static void
one_broken_certificate_beside_a_good_one_is_refused(void **state)
{
	(void)state;
	write_texts("ca", 0644, 3, copy("first\n\n"), cert_text(&root),
	    copy("-----BEGIN CERTIFICATE-----\n!!!!\n"
	    "-----END CERTIFICATE-----\n"));
	tells(CA, false, "broken");
	write_texts("ca", 0644, 2, copy("-----BEGIN CERTIFICATE-----\nAAAA\n"
	    "-----END CERTIFICATE-----\n"), cert_text(&root));
	tells(CA, false, "the certificate on line 1 of it is broken");
}

static void
what_ends_no_chain_is_refused_with_the_reason(void **state)
{
	(void)state;
	write_texts("ca", 0644, 1, cert_text(&middle));
	tells(CA, false, "the certificate of \"CN=test middle\" on line 1 of "
	    "it is not self-signed, so that no chain can end with it: put in "
	    "that of its issuer, \"CN=test root\"");
	write_texts("ca", 0644, 1, cert_text(&leaf));
	tells(CA, false, "put in that of its issuer, \"CN=test middle\"");
}

static void
roots_and_what_leads_to_them_are_accepted(void **state)
{
	struct cert alone;

	(void)state;
	write_texts("ca", 0644, 1, cert_text(&root));
	accepts(CA);
	write_texts("ca", 0644, 3, cert_text(&leaf), cert_text(&middle),
	    cert_text(&root));
	accepts(CA);
	cert_make_alone(&alone, "DNS:api.example.com");
	write_texts("ca", 0644, 1, cert_text(&alone));
	accepts(CA);
	cert_free(&alone);
}

/* As of an authority that renewed its own, in the bundles of systems. */
static void
two_roots_of_one_name_and_key_are_accepted(void **state)
{
	struct cert twin = { .key = root.key, .x509 = X509_dup(root.x509) };

	(void)state;
	ASN1_INTEGER_set(X509_get_serialNumber(twin.x509), 99);
	assert_true(X509_sign(twin.x509, twin.key, EVP_sha256()) > 0);
	write_texts("ca", 0644, 2, cert_text(&root), cert_text(&twin));
	accepts(CA);
	write_texts("ca", 0644, 2, cert_text(&twin), cert_text(&root));
	accepts(CA);
	X509_free(twin.x509);
}

static void
what_is_of_no_use_in_it_gets_a_warning(void **state)
{
	struct cert other, old;

	(void)state;
	cert_make_root(&other, "other root");
	write_texts("ca", 0644, 2, cert_text(&other), cert_text(&middle));
	tells(CA, true, "\"CN=test middle\" on line ");
	write_texts("ca", 0644, 2, cert_text(&root),
	    cert_key_text(&root, NULL));
	tells(CA, true, "holds a private key");
	cert_make_authority(&old, NULL, "old root", -2 * DAY, -DAY);
	write_texts("ca", 0644, 1, cert_text(&old));
	write_texts("ca", 0644, 1, cert_text(&old));
	accepts(CA);
	assert_ends("CN=old root", -DAY);
	write_texts("ca", 0644, 2, cert_text(&old), cert_text(&root));
	accepts(CA);
	assert_ends("CN=test root", DAY);
	cert_free(&other);
	cert_free(&old);
}

static void
a_list_that_does_not_count_is_refused(void **state)
{
	(void)state;
	write_texts("ca", 0644, 2, cert_text(&root),
	    cert_crl_text(&root, -DAY, 30 * DAY, NULL));
	tells(CA, false, "counts only where 'crl_file' of an "
	    "upstream, or 'client_crl' of a listener, names it");
	accepts("ca_file = \"ca\"; crl_file = \"ca\";");
}

static void
any_of_them_may_be_sealed(void **state)
{
	struct text ca = cert_text(&root), key = cert_key_text(&client, NULL);

	(void)state;
	seal("ca", ca);
	accepts(CA);
	seal("key", key);
	write_texts("cert", 0644, 1, cert_text(&client));
	accepts(PAIR);
	cert_text_free(ca);
	cert_text_free(key);
}

/* Any of them may be that of the upstream: the last end is what counts. */
static void
the_end_is_that_of_the_last_authority(void **state)
{
	struct cert longer;

	(void)state;
	write_texts("ca", 0644, 1, cert_text(&root));
	assert_ends("CN=test root", DAY);
	cert_make_authority(&longer, NULL, "longer root", -DAY, 9 * DAY);
	write_texts("ca", 0644, 2, cert_text(&longer), cert_text(&root));
	assert_ends("CN=longer root", 9 * DAY);
	cert_free(&longer);
}

static void
that_of_a_proxys_authority_is_known(void **state)
{
	struct conf *c;

	(void)state;
	write_texts("ca", 0644, 1, cert_text(&root));
	c = load("proxy = \"https://proxy.example.com:3128\"; "
	    "proxy_ca_file = \"ca\";");
	assert_non_null(c);
	assert_int_equal(c->n_dues, 1);
	assert_string_equal(c->dues[0].what, "option 'proxy_ca_file': ca");
	assert_string_equal(c->dues[0].subject, "CN=test root");
	conf_free(c);
}

/* -- crl_file -- */

static void
a_file_that_holds_no_list_is_refused(void **state)
{
	(void)state;
	write_texts("ca", 0644, 1, cert_text(&root));
	tells(CA " crl_file = \"nonexistent\";", false, "No such file");
	write_texts("crl", 0644, 1, copy("no list"));
	tells(CRL, false, "option 'crl_file': crl: holds no list of revoked "
	    "certificates in PEM form");
	write_texts("crl", 0644, 1, cert_text(&root));
	tells(CRL, false, "holds no list");
	write_texts("crl", 0644, 2,
	    cert_crl_text(&root, -DAY, 30 * DAY, NULL),
	    copy("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"));
	tells(CRL, false, "is broken");
}

static void
lists_that_are_missing_or_not_good_get_a_warning(void **state)
{
	struct cert other;

	(void)state;
	write_texts("ca", 0644, 2, cert_text(&root), cert_text(&middle));
	write_texts("crl", 0644, 1,
	    cert_crl_text(&root, -DAY, 30 * DAY, NULL));
	tells(CRL, true, "holds no list of \"CN=test middle\"");
	write_texts("crl", 0644, 2,
	    cert_crl_text(&root, -DAY, 30 * DAY, NULL),
	    cert_crl_text(&middle, -DAY, 30 * DAY, NULL));
	accepts(CRL);
	cert_make_root(&other, "test root");
	write_texts("ca", 0644, 1, cert_text(&root));
	write_texts("crl", 0644, 1,
	    cert_crl_text(&other, -DAY, 30 * DAY, NULL));
	tells(CRL, true, "whose key did not sign it");
	cert_free(&other);
}

/* The later one of two lists of an authority counts. */
static void
the_next_update_is_known(void **state)
{
	int64_t now = clock_wall() / NS_PER_S;
	struct conf *c;

	(void)state;
	write_texts("ca", 0644, 1, cert_text(&root));
	write_texts("crl", 0644, 2,
	    cert_crl_text(&root, -9 * DAY, -2 * DAY, NULL),
	    cert_crl_text(&root, -2 * DAY, 5 * DAY, NULL));
	c = load(CRL);
	assert_non_null(c);
	assert_int_equal(diagnostics.n, 0);
	assert_int_equal(c->n_dues, 2);
	assert_string_equal(c->dues[1].what, "option 'crl_file': crl");
	assert_int_equal(c->dues[1].upstream, 0);
	assert_int_equal(c->dues[1].listener, CONF_NONE);
	assert_true(c->dues[1].until > now + 4 * DAY);
	assert_true(c->dues[1].until <= now + 5 * DAY);
	conf_free(c);
}

/* -- certificate and certificate_key -- */

static void
write_pair(const struct cert *cert, const struct cert *key, mode_t mode)
{
	write_texts("ca", 0644, 1, cert_text(&root));
	write_texts("cert", 0644, 1, cert_text(cert));
	write_texts("key", mode, 1, cert_key_text(key, NULL));
}

static void
a_certificate_and_its_key_are_accepted(void **state)
{
	struct conf *c;

	(void)state;
	write_pair(&client, &client, 0600);
	accepts(PAIR);
	write_texts("key", 0600, 2, cert_text(&client),
	    cert_key_text(&client, NULL));
	c = load(CA " certificate = \"key\"; certificate_key = \"key\";");
	assert_non_null(c);
	assert_int_equal(diagnostics.n, 0);
	assert_false(text_contains(c->upstreams[0].certificate,
	    TEXT("PRIVATE KEY")));
	conf_free(c);
}

static void
one_without_the_other_is_refused(void **state)
{
	(void)state;
	write_pair(&client, &client, 0600);
	tells(CA " certificate = \"cert\";", false,
	    "option 'certificate' needs 'certificate_key'");
	tells(CA " certificate_key = \"key\";", false,
	    "option 'certificate_key' needs 'certificate'");
}

static void
a_key_that_will_not_do_is_refused(void **state)
{
	(void)state;
	write_pair(&client, &root, 0600);
	tells(PAIR, false, "option 'certificate_key': key: the key is not "
	    "that of the first certificate of 'certificate'");
	/* Root's may be read by a group that root is in. */
	write_pair(&client, &client, geteuid() == 0 ? 0644 : 0640);
	tells(PAIR, false, "option 'certificate_key': key: group or others "
	    "may use it");
	write_texts("key", 0600, 1, cert_key_text(&client, "passphrase"));
	tells(PAIR, false, "the key is encrypted with a passphrase");
	write_texts("key", 0600, 1, cert_text(&client));
	tells(PAIR, false, "holds no private key in PEM form");
}

static void
a_certificate_that_will_not_do_is_told_of(void **state)
{
	(void)state;
	write_pair(&client, &client, 0600);
	write_texts("cert", 0644, 1, copy("none"));
	tells(PAIR, false, "option 'certificate': cert: holds no "
	    "certificate in PEM form");
	write_pair(&leaf, &leaf, 0600);
	accepts(PAIR);
	write_pair(&root, &root, 0600);
	tells(PAIR, true, "is not meant for clients");
	write_pair(&client, &client, 0600);
	write_texts("cert", 0644, 2, cert_text(&client), cert_text(&middle));
	tells(PAIR, true, "behind the certificate of \"CN=test client\" should "
	    "come that of its issuer");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test(name)
		TEST(a_file_that_holds_no_authority_is_refused),
		TEST(one_broken_certificate_beside_a_good_one_is_refused),
		TEST(what_ends_no_chain_is_refused_with_the_reason),
		TEST(roots_and_what_leads_to_them_are_accepted),
		TEST(two_roots_of_one_name_and_key_are_accepted),
		TEST(what_is_of_no_use_in_it_gets_a_warning),
		TEST(a_list_that_does_not_count_is_refused),
		TEST(any_of_them_may_be_sealed),
		TEST(the_end_is_that_of_the_last_authority),
		TEST(that_of_a_proxys_authority_is_known),
		TEST(a_file_that_holds_no_list_is_refused),
		TEST(lists_that_are_missing_or_not_good_get_a_warning),
		TEST(the_next_update_is_known),
		TEST(a_certificate_and_its_key_are_accepted),
		TEST(one_without_the_other_is_refused),
		TEST(a_key_that_will_not_do_is_refused),
		TEST(a_certificate_that_will_not_do_is_told_of),
#undef TEST
	};
	int failed = cmocka_run_group_tests(tests, setup_all, teardown_all);

	conf_diagnostics_free(&diagnostics);
	return failed;
}
