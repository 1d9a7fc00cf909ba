/*
 * Whom TLS accepts where revocation is asked about, and who it says that we
 * are; both ends in one process.  Whom it accepts otherwise is in
 * test_tls_verify.c, what can go wrong on the way in test_dial.c.
 */
#include "net/tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "../../lib/certs.h"

#define HOUR	3600L

struct fixture {
	struct cert root, middle, cert, client;
	struct text roots, crls, certificate, key;
	SSL_CTX *server;
	struct tls_sessions *sessions;
	struct tls_client *tls;
	char asked_for[64];		/* the CN of who called, or "" */
	char why[256];
	bool resumed;
	bool asks_later;		/* who calls, once hands are shaken */
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	cert_make_root(&f->root, "root");
	cert_make_authority(&f->middle, &f->root, "middle", -HOUR, HOUR);
	cert_make_server(&f->cert, &f->middle, "DNS:api.test", -HOUR, HOUR);
	cert_make_client(&f->client, &f->root, "who calls", -HOUR, HOUR);
	f->roots = cert_text(&f->root);
	f->sessions = tls_sessions_new(4);
	f->server = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate(f->server, f->cert.x509);
	SSL_CTX_use_PrivateKey(f->server, f->cert.key);
	SSL_CTX_add1_chain_cert(f->server, f->middle.x509);
	SSL_CTX_set_session_id_context(f->server,
	    (const unsigned char *)"t", 1);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tls_client_free(f->tls);
	tls_sessions_free(f->sessions);
	SSL_CTX_free(f->server);
	cert_free(&f->root);
	cert_free(&f->middle);
	cert_free(&f->cert);
	cert_free(&f->client);
	cert_text_free(f->roots);
	cert_text_free(f->crls);
	cert_text_free(f->certificate);
	cert_text_free(f->key);
	free(f);
	return 0;
}

static struct text
join(struct text a, struct text b)
{
	struct text both = text_of(xasprintf("%.*s%.*s", TEXT_ARG(a),
	    TEXT_ARG(b)));

	cert_text_free(a);
	cert_text_free(b);
	return both;
}

static void
note_caller(struct fixture *f, const SSL *server)
{
	X509 *x = SSL_get0_peer_certificate(server);

	f->asked_for[0] = '\0';
	if (x != NULL)
		X509_NAME_get_text_by_NID(X509_get_subject_name(x),
		    NID_commonName, f->asked_for, sizeof(f->asked_for));
}

static void
ask_later(SSL *server)
{
	SSL_set_verify(server, SSL_VERIFY_PEER, NULL);
	assert_int_equal(SSL_verify_client_post_handshake(server), 1);
	assert_int_equal(SSL_do_handshake(server), 1);
}

/* Did a handshake end well, and does the client say so? */
static bool
shake_hands(struct fixture *f)
{
	SSL *client, *server = SSL_new(f->server);
	int fds[2], c = 0, s = 0;
	bool good;
	char byte;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fds), 0);
	client = tls_client_ssl(f->tls, f->sessions, fds[0]);
	SSL_set_fd(server, fds[1]);
	for (unsigned i = 0; i < 10 && (c != 1 || s != 1); i++) {
		ERR_clear_error();
		c = SSL_connect(client);
		if (c != 1 && SSL_get_error(client, c) != SSL_ERROR_WANT_READ)
			break;
		ERR_clear_error();
		s = SSL_accept(server);
	}
	good = c == 1 && s == 1 && tls_client_verified(f->tls, client, f->why,
	    sizeof(f->why));
	if (c != 1)
		tls_error_text(client, c, f->why, sizeof(f->why));
	if (good && f->asks_later)
		ask_later(server);
	if (good)
		(void)SSL_read(client, &byte, 1);
	if (good && f->asks_later)
		(void)SSL_read(server, &byte, 1);
	f->resumed = SSL_session_reused(client) == 1;
	note_caller(f, server);
	SSL_free(client);
	SSL_free(server);
	close(fds[0]);
	close(fds[1]);
	return good;
}

static bool
is_accepted(struct fixture *f)
{
	const struct tls_client_conf conf = { .host = "api.test",
		.roots = f->roots, .crls = f->crls,
		.certificate = f->certificate, .certificate_key = f->key };

	tls_client_free(f->tls);
	f->tls = tls_client_new(&conf, f->why, sizeof(f->why));
	if (f->tls == NULL)
		fail_msg("%s", f->why);
	return shake_hands(f);
}

static void
refuses(struct fixture *f, const char *why)
{
	assert_false(is_accepted(f));
	if (strstr(f->why, why) == NULL)
		fail_msg("%s", f->why);
}

/* -- crl_file -- */

static void
who_is_not_on_any_list_is_accepted(void **state)
{
	struct fixture *f = *state;

	f->crls = join(cert_crl_text(&f->root, -HOUR, HOUR, &f->client),
	    cert_crl_text(&f->middle, -HOUR, HOUR, NULL));
	assert_true(is_accepted(f));
}

static void
a_revoked_certificate_is_refused(void **state)
{
	struct fixture *f = *state;

	f->crls = join(cert_crl_text(&f->root, -HOUR, HOUR, NULL),
	    cert_crl_text(&f->middle, -HOUR, HOUR, &f->cert));
	refuses(f, "certificate revoked");
}

static void
a_revoked_authority_is_refused(void **state)
{
	struct fixture *f = *state;

	f->crls = join(cert_crl_text(&f->root, -HOUR, HOUR, &f->middle),
	    cert_crl_text(&f->middle, -HOUR, HOUR, NULL));
	refuses(f, "certificate revoked");
}

static void
without_a_list_of_each_authority_nobody_is_accepted(void **state)
{
	struct fixture *f = *state;

	f->crls = cert_crl_text(&f->middle, -HOUR, HOUR, NULL);
	refuses(f, "unable to get certificate CRL");
	cert_text_free(f->crls);
	f->crls = cert_crl_text(&f->root, -HOUR, HOUR, NULL);
	refuses(f, "unable to get certificate CRL");
}

static void
a_list_that_is_too_old_is_no_list(void **state)
{
	struct fixture *f = *state;

	f->crls = join(cert_crl_text(&f->root, -HOUR, HOUR, NULL),
	    cert_crl_text(&f->middle, -2 * HOUR, -HOUR, NULL));
	refuses(f, "CRL has expired");
}

static void
a_list_that_somebody_else_signed_is_no_list(void **state)
{
	struct fixture *f = *state;
	struct cert other;

	cert_make_authority(&other, &f->root, "middle", -HOUR, HOUR);
	f->crls = join(cert_crl_text(&f->root, -HOUR, HOUR, NULL),
	    cert_crl_text(&other, -HOUR, HOUR, NULL));
	cert_free(&other);
	refuses(f, "CRL signature failure");
}

/* It might have been revoked since; and who asks wants to know. */
static void
nothing_is_resumed_where_lists_are_asked(void **state)
{
	struct fixture *f = *state;

	f->crls = join(cert_crl_text(&f->root, -HOUR, HOUR, NULL),
	    cert_crl_text(&f->middle, -HOUR, HOUR, NULL));
	assert_true(is_accepted(f));
	assert_true(shake_hands(f));
	assert_false(f->resumed);
	cert_text_free(f->crls);
	f->crls = (struct text){ .p = NULL };
	assert_true(is_accepted(f));
	assert_true(shake_hands(f));
	assert_true(f->resumed);
}

/* -- certificate -- */

static void
take_certificate(struct fixture *f)
{
	f->certificate = cert_text(&f->client);
	f->key = cert_key_text(&f->client, NULL);
	SSL_CTX_set_verify(f->server, SSL_VERIFY_PEER |
	    SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	assert_int_equal(X509_STORE_add_cert(SSL_CTX_get_cert_store(
	    f->server), f->root.x509), 1);
}

static void
who_asks_gets_our_certificate(void **state)
{
	struct fixture *f = *state;

	take_certificate(f);
	assert_true(is_accepted(f));
	assert_string_equal(f->asked_for, "who calls");
	SSL_CTX_set_max_proto_version(f->server, TLS1_2_VERSION);
	assert_true(is_accepted(f));
	assert_string_equal(f->asked_for, "who calls");
}

/* As servers do that ask for some targets only. */
static void
who_asks_later_gets_it_as_well(void **state)
{
	struct fixture *f = *state;

	take_certificate(f);
	SSL_CTX_set_verify(f->server, SSL_VERIFY_NONE, NULL);
	f->asks_later = true;
	assert_true(is_accepted(f));
	assert_string_equal(f->asked_for, "who calls");
}

static void
who_does_not_ask_does_not_get_it(void **state)
{
	struct fixture *f = *state;

	take_certificate(f);
	SSL_CTX_set_verify(f->server, SSL_VERIFY_NONE, NULL);
	assert_true(is_accepted(f));
	assert_string_equal(f->asked_for, "");
}

static void
a_key_of_another_certificate_makes_no_client(void **state)
{
	struct fixture *f = *state;
	struct tls_client_conf conf = { .host = "api.test",
		.roots = f->roots };

	f->certificate = cert_text(&f->client);
	f->key = cert_key_text(&f->root, NULL);
	conf.certificate = f->certificate;
	conf.certificate_key = f->key;
	assert_null(tls_client_new(&conf, f->why, sizeof(f->why)));
	assert_non_null(strstr(f->why, "certificate and certificate_key"));
}

/* -- strength -- */

/* The certificate alone, by a server that does not mind. */
static void
serve(struct fixture *f)
{
	SSL_CTX_free(f->server);
	f->server = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_security_level(f->server, 0);
	assert_int_equal(SSL_CTX_use_certificate(f->server, f->cert.x509), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(f->server, f->cert.key), 1);
}

static void
a_signature_that_could_be_forged_is_refused(void **state)
{
	struct fixture *f = *state;

	cert_free(&f->cert);
	cert_make_server(&f->cert, &f->root, "DNS:api.test", -HOUR, HOUR);
	cert_sign_again(&f->cert, &f->root, EVP_sha1());
	serve(f);
	refuses(f, "CA signature digest algorithm too weak");
}

static void
a_key_that_could_be_computed_is_refused(void **state)
{
	struct fixture *f = *state;
	EVP_PKEY *weak = EVP_RSA_gen(1024);

	cert_free(&f->cert);
	cert_make_server(&f->cert, &f->root, "DNS:api.test", -HOUR, HOUR);
	EVP_PKEY_free(f->cert.key);
	f->cert.key = weak;
	assert_int_equal(X509_set_pubkey(f->cert.x509, weak), 1);
	cert_sign_again(&f->cert, &f->root, EVP_sha256());
	serve(f);
	refuses(f, "EE certificate key too weak");
}

/* -- verified -- */

static struct tls_client *
new_client(struct fixture *f)
{
	const struct tls_client_conf conf = { .host = "api.test",
	    .roots = f->roots };
	struct tls_client *tls = tls_client_new(&conf, f->why,
	    sizeof(f->why));

	assert_non_null(tls);
	return tls;
}

static void
expect_unverified(struct fixture *f, SSL *ssl, const char *why)
{
	assert_false(tls_client_verified(f->tls, ssl, f->why,
	    sizeof(f->why)));
	if (strstr(f->why, why) == NULL)
		fail_msg("%s", f->why);
}

static void
nothing_is_verified_before_the_handshake_ends(void **state)
{
	struct fixture *f = *state;
	SSL *ssl;

	f->tls = new_client(f);
	ssl = tls_client_ssl(f->tls, NULL, -1);
	expect_unverified(f, ssl, "the handshake has not ended");
	SSL_free(ssl);
}

/* Both ends of a connection. */
struct pair {
	SSL *client, *server;
	int fds[2];
};

static void
make_pair(struct pair *p, struct tls_client *tls, SSL_CTX *server)
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    p->fds), 0);
	p->client = tls_client_ssl(tls, NULL, p->fds[0]);
	p->server = SSL_new(server);
	SSL_set_fd(p->server, p->fds[1]);
	SSL_set_accept_state(p->server);
}

static bool
connect_pair(struct pair *p)
{
	for (unsigned i = 0; i < 10; i++) {
		(void)SSL_do_handshake(p->client);
		(void)SSL_do_handshake(p->server);
	}
	ERR_clear_error();
	return SSL_is_init_finished(p->client) == 1;
}

static void
free_pair(struct pair *p)
{
	SSL_free(p->client);
	SSL_free(p->server);
	close(p->fds[0]);
	close(p->fds[1]);
}

static void
only_what_a_client_itself_connected_is_verified(void **state)
{
	struct fixture *f = *state;
	struct tls_client *other = new_client(f);
	struct pair p;

	f->tls = new_client(f);
	make_pair(&p, other, f->server);
	assert_true(connect_pair(&p));
	assert_true(tls_client_verified(other, p.client, f->why,
	    sizeof(f->why)));
	expect_unverified(f, p.client, "the server was not to be verified");
	free_pair(&p);
	tls_client_free(other);
}

static void
who_was_let_off_is_not_verified(void **state)
{
	struct fixture *f = *state;
	struct pair p;

	f->tls = new_client(f);
	make_pair(&p, f->tls, f->server);
	SSL_set_verify(p.client, SSL_VERIFY_NONE, NULL);
	assert_true(connect_pair(&p));
	expect_unverified(f, p.client, "the server was not to be verified");
	free_pair(&p);
}

static void
what_verification_found_counts_after_it_as_well(void **state)
{
	struct fixture *f = *state;
	struct pair p;

	f->tls = new_client(f);
	make_pair(&p, f->tls, f->server);
	assert_true(connect_pair(&p));
	assert_true(tls_client_verified(f->tls, p.client, f->why,
	    sizeof(f->why)));
	SSL_set_verify_result(p.client, X509_V_ERR_CERT_REVOKED);
	expect_unverified(f, p.client, "certificate revoked");
	free_pair(&p);
}

/* As where a worker ends while it connects. */
static void
a_handshake_that_outlives_its_client_fails(void **state)
{
	struct fixture *f = *state;
	struct tls_client *tls = new_client(f);
	struct pair p;

	make_pair(&p, tls, f->server);
	tls_client_free(tls);
	assert_false(connect_pair(&p));
	free_pair(&p);
}

int
main(void)
{
#define CASE(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(who_is_not_on_any_list_is_accepted),
		CASE(a_revoked_certificate_is_refused),
		CASE(a_revoked_authority_is_refused),
		CASE(without_a_list_of_each_authority_nobody_is_accepted),
		CASE(a_list_that_is_too_old_is_no_list),
		CASE(a_list_that_somebody_else_signed_is_no_list),
		CASE(nothing_is_resumed_where_lists_are_asked),
		CASE(who_asks_gets_our_certificate),
		CASE(who_asks_later_gets_it_as_well),
		CASE(who_does_not_ask_does_not_get_it),
		CASE(a_key_of_another_certificate_makes_no_client),
		CASE(a_signature_that_could_be_forged_is_refused),
		CASE(a_key_that_could_be_computed_is_refused),
		CASE(nothing_is_verified_before_the_handshake_ends),
		CASE(only_what_a_client_itself_connected_is_verified),
		CASE(who_was_let_off_is_not_verified),
		CASE(what_verification_found_counts_after_it_as_well),
		CASE(a_handshake_that_outlives_its_client_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
