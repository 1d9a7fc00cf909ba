/*
 * Whom a handshake accepts; both ends in one process, without sockets.  What
 * lists of revoked certificates do is in test_tls.c.
 */
#include "net/tls_verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "net/tls_sessions.h"
#include "../../lib/certs.h"

#define HOUR	3600L

struct fixture {
	struct cert root, middle, cert;
	struct tls_client_conf conf;
	struct text roots;
	uint8_t pins[2][32];
	struct tls_pins of_client;
	SSL_CTX *client;
	bool sends_middle, sends_root;	/* beside the certificate */
	bool ended;			/* tls_verify_end() was called */
	char why[256];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	cert_make_root(&f->root, "root");
	f->conf.host = "api.test";
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	cert_free(&f->root);
	cert_free(&f->middle);
	cert_free(&f->cert);
	cert_text_free(f->roots);
	free(f);
	return 0;
}

static void
trust(struct fixture *f, const struct cert *c)
{
	cert_text_free(f->roots);
	f->roots = cert_text(c);
}

static SSL *
new_server(const struct fixture *f)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	SSL *ssl;

	assert_int_equal(SSL_CTX_use_certificate(ctx, f->cert.x509), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(ctx, f->cert.key), 1);
	if (f->sends_middle)
		SSL_CTX_add1_chain_cert(ctx, f->middle.x509);
	if (f->sends_root)
		SSL_CTX_add1_chain_cert(ctx, f->root.x509);
	ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	SSL_set_accept_state(ssl);
	return ssl;
}

static SSL *
new_client(struct fixture *f)
{
	SSL *ssl;

	if (f->roots.p == NULL)
		f->roots = cert_text(&f->root);
	f->conf.roots = f->roots;
	f->client = SSL_CTX_new(TLS_client_method());
	tls_sessions_enable(f->client);
	tls_pins_init(&f->of_client, &f->conf);
	if (!tls_verify_set(f->client, &f->conf, &f->of_client, f->why,
	    sizeof(f->why)))
		fail_msg("%s", f->why);
	if (f->ended)
		tls_verify_end(f->client);
	ssl = SSL_new(f->client);
	SSL_set_connect_state(ssl);
	return ssl;
}

/* What the client finds; X509_V_OK goes with a handshake that ended well. */
static long
verify(struct fixture *f)
{
	SSL *client = new_client(f), *server = new_server(f);
	BIO *a, *b;
	long found;

	assert_int_equal(BIO_new_bio_pair(&a, 0, &b, 0), 1);
	SSL_set_bio(client, a, a);
	SSL_set_bio(server, b, b);
	for (unsigned i = 0; i < 10; i++) {
		(void)SSL_do_handshake(client);
		(void)SSL_do_handshake(server);
	}
	ERR_clear_error();
	found = SSL_get_verify_result(client);
	assert_int_equal(SSL_is_init_finished(client), found == X509_V_OK);
	assert_int_equal(SSL_is_init_finished(server), found == X509_V_OK);
	SSL_free(client);
	SSL_free(server);
	SSL_CTX_free(f->client);
	tls_pins_release(&f->of_client);
	return found;
}

static void
expect(struct fixture *f, long wanted)
{
	long found = verify(f);

	if (found != wanted)
		fail_msg("%s, wanted: %s", tls_verify_text(found, false),
		    tls_verify_text(wanted, false));
}

static void
serve(struct fixture *f, const char *names)
{
	cert_free(&f->cert);
	cert_make_server(&f->cert, &f->root, names, -HOUR, HOUR);
}

/* Of an authority between the root and the server. */
static void
serve_by(struct fixture *f, const struct cert_field *of_middle)
{
	cert_free(&f->middle);
	cert_free(&f->cert);
	cert_make(&f->middle, &f->root, "middle", of_middle);
	cert_make_server(&f->cert, &f->middle, "DNS:api.test", -HOUR, HOUR);
	f->sends_middle = true;
}

/* -- names -- */

static const struct {
	const char *names, *host;
	long found;
} names[] = {
	{ "DNS:api.test", "api.test", X509_V_OK },
	{ "DNS:API.Test", "api.test", X509_V_OK },
	{ "DNS:other.test,DNS:api.test", "api.test", X509_V_OK },
	{ "DNS:other.test", "api.test", X509_V_ERR_HOSTNAME_MISMATCH },
	{ "DNS:api.test.evil", "api.test", X509_V_ERR_HOSTNAME_MISMATCH },
	{ "DNS:evil-api.test", "api.test", X509_V_ERR_HOSTNAME_MISMATCH },
	{ "DNS:test", "api.test", X509_V_ERR_HOSTNAME_MISMATCH },
	{ "DNS:.test", "api.test", X509_V_ERR_HOSTNAME_MISMATCH },
	/* api.test, a NUL, .evil */
	{ "DER:30:10:82:0e:61:70:69:2e:74:65:73:74:00:2e:65:76:69:6c",
	    "api.test", X509_V_ERR_HOSTNAME_MISMATCH },
	{ "URI:https://api.test", "api.test", X509_V_ERR_HOSTNAME_MISMATCH },
	{ "email:api@api.test", "api.test", X509_V_ERR_HOSTNAME_MISMATCH },
	/* One whole label, the first one (RFC 9525 section 6.3). */
	{ "DNS:*.of.test", "api.of.test", X509_V_OK },
	{ "DNS:*.of.test", "of.test", X509_V_ERR_HOSTNAME_MISMATCH },
	{ "DNS:*.of.test", "an.api.of.test", X509_V_ERR_HOSTNAME_MISMATCH },
	{ "DNS:a*.of.test", "api.of.test", X509_V_ERR_HOSTNAME_MISMATCH },
	{ "DNS:*i.of.test", "api.of.test", X509_V_ERR_HOSTNAME_MISMATCH },
	{ "DNS:api.*.test", "api.of.test", X509_V_ERR_HOSTNAME_MISMATCH },
	{ "DNS:*.*.test", "api.of.test", X509_V_ERR_HOSTNAME_MISMATCH },
	{ "DNS:*.test", "api.test", X509_V_ERR_HOSTNAME_MISMATCH },
	{ "DNS:*", "api.test", X509_V_ERR_HOSTNAME_MISMATCH },
	/* An address is none of the names, and no name is an address. */
	{ "IP:127.0.0.1", "127.0.0.1", X509_V_OK },
	{ "IP:0:0:0:0:0:0:0:1", "::1", X509_V_OK },
	{ "IP:127.0.0.2", "127.0.0.1", X509_V_ERR_IP_ADDRESS_MISMATCH },
	{ "DNS:127.0.0.1", "127.0.0.1", X509_V_ERR_IP_ADDRESS_MISMATCH },
	{ "DNS:*.0.0.1", "127.0.0.1", X509_V_ERR_IP_ADDRESS_MISMATCH },
	{ "IP:127.0.0.1", "api.test", X509_V_ERR_HOSTNAME_MISMATCH },
};

static void
the_host_must_be_among_the_names(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		long found;

		serve(f, names[i].names);
		f->conf.host = names[i].host;
		found = verify(f);
		if (found != names[i].found)
			fail_msg("%s for %s: %s", names[i].names,
			    names[i].host, tls_verify_text(found, false));
	}
}

static void
the_subject_is_no_name(void **state)
{
	static const struct cert_field of_server[] = {
		{ NID_basic_constraints, "CA:FALSE" }, { 0, NULL },
	};
	struct fixture *f = *state;

	cert_make(&f->cert, &f->root, "api.test", of_server);
	expect(f, X509_V_ERR_HOSTNAME_MISMATCH);
}

/* -- time -- */

static void
a_certificate_counts_in_its_time(void **state)
{
	struct fixture *f = *state;

	cert_make_server(&f->cert, &f->root, "DNS:api.test", -2 * HOUR, -HOUR);
	expect(f, X509_V_ERR_CERT_HAS_EXPIRED);
	cert_free(&f->cert);
	cert_make_server(&f->cert, &f->root, "DNS:api.test", HOUR, 2 * HOUR);
	expect(f, X509_V_ERR_CERT_NOT_YET_VALID);
}

static void
an_authority_counts_in_its_time(void **state)
{
	struct fixture *f = *state;

	cert_make_authority(&f->middle, &f->root, "middle", -2 * HOUR, -HOUR);
	cert_make_server(&f->cert, &f->middle, "DNS:api.test", -HOUR, HOUR);
	f->sends_middle = true;
	expect(f, X509_V_ERR_CERT_HAS_EXPIRED);
}

/* -- whose it is -- */

static void
an_authority_that_is_not_trusted_is_none(void **state)
{
	struct fixture *f = *state;
	struct cert other;

	serve(f, "DNS:api.test");
	cert_make_root(&other, "another");
	trust(f, &other);
	expect(f, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
	f->sends_root = true;
	expect(f, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN);
	cert_free(&other);
}

static void
an_authority_of_the_same_name_is_another(void **state)
{
	struct fixture *f = *state;
	struct cert other;

	serve(f, "DNS:api.test");
	cert_make_root(&other, "root");
	trust(f, &other);
	assert_int_not_equal(verify(f), X509_V_OK);
	cert_free(&other);
}

static void
who_vouches_for_itself_is_trusted_where_it_is_named(void **state)
{
	struct fixture *f = *state;

	cert_make_alone(&f->cert, "DNS:api.test");
	expect(f, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
	trust(f, &f->cert);
	expect(f, X509_V_OK);
}

static void
a_chain_must_be_whole(void **state)
{
	struct fixture *f = *state;

	cert_make_authority(&f->middle, &f->root, "middle", -HOUR, HOUR);
	cert_make_server(&f->cert, &f->middle, "DNS:api.test", -HOUR, HOUR);
	expect(f, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
	f->sends_middle = true;
	expect(f, X509_V_OK);
	/* Up to an authority that vouches for itself. */
	trust(f, &f->middle);
	expect(f, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT);
}

/* -- what an authority may do -- */

#define MAY_SIGN	{ NID_key_usage, "critical,keyCertSign" }
#define IDENTIFIED	{ NID_subject_key_identifier, "hash" }

static void
a_server_cannot_vouch_for_another(void **state)
{
	static const struct cert_field no_authority[] = {
		{ NID_basic_constraints, "critical,CA:FALSE" },
		IDENTIFIED, { 0, NULL },
	};
	struct fixture *f = *state;

	serve_by(f, no_authority);
	expect(f, X509_V_ERR_INVALID_CA);
}

static void
an_authority_must_be_allowed_to_sign(void **state)
{
	static const struct cert_field other_use[] = {
		{ NID_basic_constraints, "critical,CA:TRUE" },
		{ NID_key_usage, "critical,digitalSignature" },
		IDENTIFIED, { 0, NULL },
	};
	struct fixture *f = *state;

	serve_by(f, other_use);
	assert_int_not_equal(verify(f), X509_V_OK);
}

static void
a_chain_is_no_longer_than_an_authority_allows(void **state)
{
	static const struct cert_field last[] = {
		{ NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
		MAY_SIGN, IDENTIFIED, { 0, NULL },
	};
	static const struct cert_field any[] = {
		{ NID_basic_constraints, "critical,CA:TRUE" },
		MAY_SIGN, IDENTIFIED, { 0, NULL },
	};
	struct fixture *f = *state;

	cert_free(&f->root);
	cert_make(&f->root, NULL, "root", last);
	serve(f, "DNS:api.test");
	expect(f, X509_V_OK);
	serve_by(f, any);
	expect(f, X509_V_ERR_PATH_LENGTH_EXCEEDED);
}

static void
serve_by_one_for(struct fixture *f, const char *constraint)
{
	const struct cert_field fields[] = {
		{ NID_basic_constraints, "critical,CA:TRUE" },
		{ NID_name_constraints, constraint },
		MAY_SIGN, IDENTIFIED, { 0, NULL },
	};

	serve_by(f, fields);
}

static void
an_authority_vouches_for_the_names_it_may(void **state)
{
	struct fixture *f = *state;

	serve_by_one_for(f, "critical,permitted;DNS:other.test");
	expect(f, X509_V_ERR_PERMITTED_VIOLATION);
	serve_by_one_for(f, "critical,excluded;DNS:api.test");
	expect(f, X509_V_ERR_EXCLUDED_VIOLATION);
	serve_by_one_for(f, "critical,permitted;DNS:test");
	expect(f, X509_V_OK);
}

/* -- what it is for -- */

static const struct cert_field nothing_more = { 0, NULL };

static void
serve_for(struct fixture *f, const struct cert *issuer,
    const struct cert_field *use)
{
	const struct cert_field of_server[] = {
		{ NID_basic_constraints, "CA:FALSE" },
		{ NID_subject_alt_name, "DNS:api.test" },
		*use,
		{ 0, NULL },
	};

	cert_free(&f->cert);
	cert_make(&f->cert, issuer, "server", of_server);
}

static void
a_certificate_for_something_else_is_no_server_s(void **state)
{
	static const struct cert_field calls = { NID_ext_key_usage,
	    "clientAuth" };
	static const struct cert_field serves = { NID_ext_key_usage,
	    "clientAuth,serverAuth" };
	static const struct cert_field signs = { NID_key_usage,
	    "critical,cRLSign" };
	struct fixture *f = *state;

	serve_for(f, &f->root, &calls);
	expect(f, X509_V_ERR_INVALID_PURPOSE);
	serve_for(f, &f->root, &signs);
	expect(f, X509_V_ERR_INVALID_PURPOSE);
	serve_for(f, &f->root, &serves);
	expect(f, X509_V_OK);
	serve_for(f, &f->root, &nothing_more);
	expect(f, X509_V_OK);
}

static void
what_is_critical_must_be_understood(void **state)
{
	/* Of that number nobody has heard. */
	static const struct cert_field odd = { NID_setct_PANData,
	    "critical,DER:05:00" };
	struct fixture *f = *state;

	serve_for(f, &f->root, &odd);
	expect(f, X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION);
}

/* -- strictness -- */

/* As people make them with the openssl command. */
static const struct cert_field sloppy[] = {
	{ NID_basic_constraints, "CA:TRUE" }, { 0, NULL },
};

static void
a_root_that_was_named_may_lack_formalities(void **state)
{
	struct fixture *f = *state;

	cert_free(&f->root);
	cert_make(&f->root, NULL, "root", sloppy);
	serve_for(f, &f->root, &nothing_more);
	expect(f, X509_V_OK);
}

static void
an_authority_in_between_may_not(void **state)
{
	struct fixture *f = *state;

	cert_make(&f->middle, &f->root, "middle", sloppy);
	serve_for(f, &f->middle, &nothing_more);
	f->sends_middle = true;
	assert_int_not_equal(verify(f), X509_V_OK);
}

/* -- pins -- */

static void
pin(struct fixture *f, const struct cert *c)
{
	memset(f->pins, 1, sizeof(f->pins));
	if (c != NULL)
		cert_digest(c, f->pins[1]);
	f->conf.pins = (const uint8_t (*)[32])f->pins;
	f->conf.n_pins = 2;
}

static void
a_pin_may_be_of_any_certificate_of_the_chain(void **state)
{
	struct fixture *f = *state;

	cert_make_authority(&f->middle, &f->root, "middle", -HOUR, HOUR);
	cert_make_server(&f->cert, &f->middle, "DNS:api.test", -HOUR, HOUR);
	f->sends_middle = true;
	pin(f, &f->cert);
	expect(f, X509_V_OK);
	pin(f, &f->middle);
	expect(f, X509_V_OK);
	pin(f, &f->root);
	expect(f, X509_V_OK);
	pin(f, NULL);
	expect(f, X509_V_ERR_APPLICATION_VERIFICATION);
}

/* A server may send whatever it likes beside its own. */
static void
a_pin_of_what_vouches_for_nothing_is_none(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:api.test");
	cert_make_root(&f->middle, "sent by the way");
	f->sends_middle = true;
	pin(f, &f->middle);
	expect(f, X509_V_ERR_APPLICATION_VERIFICATION);
}

static void
a_pin_trusts_nobody(void **state)
{
	struct fixture *f = *state;

	cert_make_alone(&f->cert, "DNS:api.test");
	pin(f, &f->cert);
	expect(f, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
}

/* -- the calls -- */

static void
when_it_is_over_nobody_is_accepted(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:api.test");
	f->ended = true;
	expect(f, X509_V_ERR_UNSPECIFIED);
}

static void
refuses_to_begin(const struct tls_client_conf *conf, const char *why)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	struct tls_pins pins;
	char told[256] = "";

	tls_pins_init(&pins, conf);
	assert_false(tls_verify_set(ctx, conf, &pins, told, sizeof(told)));
	assert_string_equal(told, why);
	tls_pins_release(&pins);
	SSL_CTX_free(ctx);
	ERR_clear_error();
}

static void
what_cannot_be_verified_is_refused_beforehand(void **state)
{
	struct fixture *f = *state;
	struct tls_client_conf conf = { .host = "api.test",
	    .roots = TEXT("no certificate") };

	refuses_to_begin(&conf, "ca_file holds no certificate");
	trust(f, &f->root);
	conf.roots = f->roots;
	conf.crls = TEXT("");
	refuses_to_begin(&conf, "crl_file holds no list");
	conf.crls.p = NULL;
	conf.host = "";
	refuses_to_begin(&conf,
	    "\"\" is not a name that a certificate can have");
}

static void
an_address_is_known_from_a_name(void **state)
{
	(void)state;
	assert_true(tls_host_is_ip("127.0.0.1"));
	assert_true(tls_host_is_ip("::1"));
	assert_false(tls_host_is_ip("127.0.0.1.test"));
	assert_false(tls_host_is_ip("127.1"));
	assert_false(tls_host_is_ip("[::1]"));
	assert_false(tls_host_is_ip(""));
}

static void
a_reason_says_what_can_be_done(void **state)
{
	static const struct {
		long error;
		const char *what;
	} reasons[] = {
		{ X509_V_ERR_APPLICATION_VERIFICATION, "pins" },
		{ X509_V_ERR_HOSTNAME_MISMATCH, "the host of the url" },
		{ X509_V_ERR_IP_ADDRESS_MISMATCH, "the address of the url" },
		{ X509_V_ERR_CERT_HAS_EXPIRED, "this machine's clock" },
		{ X509_V_ERR_CERT_NOT_YET_VALID, "this machine's clock" },
		{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "ca_file" },
		{ X509_V_ERR_UNABLE_TO_GET_CRL, "crl_file" },
		{ X509_V_ERR_CRL_HAS_EXPIRED, "crl_file" },
		{ X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "ca_file" },
		{ X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "ca_file" },
		{ X509_V_ERR_CERT_REVOKED, "certificate revoked" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		const char *text = tls_verify_text(reasons[i].error, false);

		if (strstr(text, reasons[i].what) == NULL)
			fail_msg("%s", text);
	}
}

static void
reasons_of_a_proxy_name_the_option_for_it(void **state)
{
	static const long of_authorities[] = {
		X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
		X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
		X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
	};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_non_null(strstr(tls_verify_text(of_authorities[i], true),
		    "proxy_ca_file"));
	assert_non_null(strstr(tls_verify_text(X509_V_ERR_HOSTNAME_MISMATCH,
	    true), "host of the proxy"));
	assert_string_equal(tls_verify_text(X509_V_ERR_CERT_REVOKED, true),
	    tls_verify_text(X509_V_ERR_CERT_REVOKED, false));
}

int
main(void)
{
#define CASE(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(the_host_must_be_among_the_names),
		CASE(reasons_of_a_proxy_name_the_option_for_it),
		CASE(the_subject_is_no_name),
		CASE(a_certificate_counts_in_its_time),
		CASE(an_authority_counts_in_its_time),
		CASE(an_authority_that_is_not_trusted_is_none),
		CASE(an_authority_of_the_same_name_is_another),
		CASE(who_vouches_for_itself_is_trusted_where_it_is_named),
		CASE(a_chain_must_be_whole),
		CASE(a_server_cannot_vouch_for_another),
		CASE(an_authority_must_be_allowed_to_sign),
		CASE(a_chain_is_no_longer_than_an_authority_allows),
		CASE(an_authority_vouches_for_the_names_it_may),
		CASE(a_certificate_for_something_else_is_no_server_s),
		CASE(what_is_critical_must_be_understood),
		CASE(a_root_that_was_named_may_lack_formalities),
		CASE(an_authority_in_between_may_not),
		CASE(a_pin_may_be_of_any_certificate_of_the_chain),
		CASE(a_pin_of_what_vouches_for_nothing_is_none),
		CASE(a_pin_trusts_nobody),
		CASE(when_it_is_over_nobody_is_accepted),
		CASE(what_cannot_be_verified_is_refused_beforehand),
		CASE(an_address_is_known_from_a_name),
		CASE(a_reason_says_what_can_be_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
