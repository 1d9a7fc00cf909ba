/*
 * What a listener speaks with clients, and what it does not; both ends in one
 * process.
 */
#include "net/tls_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "called.h"

#define HOUR	3600L

struct fixture {
	struct cert root, server, client;
	struct text roots, certificate, key;
	struct tls_server_conf conf;
	struct tls_server *t;
	struct called c;
	char why[256];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	cert_make_root(&f->root, "root");
	cert_make_server(&f->server, &f->root, "DNS:sallyport.test", -HOUR,
	    HOUR);
	cert_make_client(&f->client, &f->root, "ci", -HOUR, HOUR);
	f->roots = cert_text(&f->root);
	f->certificate = cert_text(&f->server);
	f->key = cert_key_text(&f->server, NULL);
	f->conf = (struct tls_server_conf){ .certificate = f->certificate,
		.certificate_key = f->key };
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tls_server_free(f->t);
	called_release(&f->c);
	cert_free(&f->root);
	cert_free(&f->server);
	cert_free(&f->client);
	cert_text_free(f->roots);
	cert_text_free(f->certificate);
	cert_text_free(f->key);
	free(f);
	return 0;
}

static void
shake_hands(struct fixture *f)
{
	tls_server_free(f->t);
	f->t = tls_server_new(&f->conf, f->why, sizeof(f->why));
	if (f->t == NULL)
		fail_msg("%s", f->why);
	called_shake_hands(&f->c, f->t);
}

static void
is_accepted(struct fixture *f)
{
	shake_hands(f);
	if (!f->c.good)
		fail_msg("%s", f->c.why);
}

static void
is_refused(struct fixture *f, const char *why)
{
	shake_hands(f);
	if (f->c.good)
		fail_msg("accepted; wanted: %s", why);
	if (strstr(f->c.why, why) == NULL)
		fail_msg("%s; wanted: %s", f->c.why, why);
	called_end(&f->c);
}

/* -- versions, ciphers, groups -- */

static void
tls_1_2_and_1_3_are_spoken(void **state)
{
	struct fixture *f = *state;

	f->c.version = TLS1_2_VERSION;
	is_accepted(f);
	called_end(&f->c);
	f->c.version = TLS1_3_VERSION;
	is_accepted(f);
	called_end(&f->c);
	f->c.version = 0;
	is_accepted(f);
	assert_int_equal(SSL_version(f->c.server), TLS1_3_VERSION);
	called_end(&f->c);
}

static void
nothing_older_is(void **state)
{
	struct fixture *f = *state;

	f->c.version = TLS1_1_VERSION;
	is_refused(f, "does not speak TLS 1.2 or 1.3");
	f->c.version = TLS1_VERSION;
	is_refused(f, "does not speak TLS 1.2 or 1.3");
}

static void
offer_cbc(SSL *client)
{
	SSL_set_cipher_list(client, "ECDHE-ECDSA-AES128-SHA256");
}

static void
offer_no_ephemeral_key(SSL *client)
{
	SSL_set_cipher_list(client, "AES128-GCM-SHA256");
}

static void
offer_anonymity(SSL *client)
{
	SSL_set_cipher_list(client, "AECDH-AES128-SHA:ADH-AES128-GCM-SHA256");
}

static void
offer_chacha(SSL *client)
{
	SSL_set_cipher_list(client, "ECDHE-ECDSA-CHACHA20-POLY1305:"
	    "ECDHE-ECDSA-AES256-GCM-SHA384");
}

static void
weak_ciphers_are_not_spoken(void **state)
{
	struct fixture *f = *state;

	f->c.version = TLS1_2_VERSION;
	f->c.adjust = offer_cbc;
	is_refused(f, "no cipher in common");
	f->c.adjust = offer_no_ephemeral_key;
	is_refused(f, "no cipher in common");
	f->c.adjust = offer_anonymity;
	is_refused(f, "no cipher in common");
}

static void
the_client_chooses_among_good_ciphers(void **state)
{
	struct fixture *f = *state;

	f->c.version = TLS1_2_VERSION;
	f->c.adjust = offer_chacha;
	is_accepted(f);
	assert_string_equal(SSL_get_cipher_name(f->c.server),
	    "ECDHE-ECDSA-CHACHA20-POLY1305");
	called_end(&f->c);
}

static void
offer_a_large_group(SSL *client)
{
	char groups[] = "ffdhe8192";

	SSL_set1_groups_list(client, groups);
}

static void
offer_p_384(SSL *client)
{
	char groups[] = "P-384";

	SSL_set1_groups_list(client, groups);
}

static void
groups_that_cost_much_are_not_spoken(void **state)
{
	struct fixture *f = *state;

	f->c.version = TLS1_3_VERSION;
	f->c.adjust = offer_a_large_group;
	is_refused(f, "no group for the key exchange in common");
	f->c.adjust = offer_p_384;
	is_accepted(f);
	called_end(&f->c);
}

static void
nothing_is_compressed(void **state)
{
	struct fixture *f = *state;

	f->c.version = TLS1_2_VERSION;
	is_accepted(f);
	assert_null(SSL_get_current_compression(f->c.server));
	called_end(&f->c);
}

/* -- ALPN -- */

static void
asks_for(struct fixture *f, const void *protocols, size_t n)
{
	f->c.alpn = protocols;
	f->c.alpn_n = (unsigned)n;
}

static void
agreed_upon(struct fixture *f, const char *protocol)
{
	const unsigned char *p;
	unsigned n;

	is_accepted(f);
	SSL_get0_alpn_selected(f->c.client, &p, &n);
	assert_int_equal(n, strlen(protocol));
	assert_memory_equal(p, protocol, n);
	called_end(&f->c);
}

static void
http_1_1_is_chosen_where_the_client_asks(void **state)
{
	struct fixture *f = *state;

	agreed_upon(f, "");
	asks_for(f, "\x02h2\x08http/1.1", 12);
	agreed_upon(f, "http/1.1");
	asks_for(f, "\x08http/1.0\x08http/1.1", 18);
	agreed_upon(f, "http/1.1");
	asks_for(f, "\x08http/1.0", 9);
	agreed_upon(f, "http/1.0");
}

static void
a_client_of_another_protocol_is_refused(void **state)
{
	struct fixture *f = *state;

	asks_for(f, "\x02h2", 3);
	is_refused(f, "no protocol in common");
	asks_for(f, "\x03" "ftp\x04smtp", 9);
	is_refused(f, "no protocol in common");
}

/* -- after the handshake -- */

/* What becomes of the next byte that a client sends. */
static bool
byte_arrives(struct fixture *f)
{
	char byte;

	ERR_clear_error();
	(void)SSL_write(f->c.client, "x", 1);
	ERR_clear_error();
	return SSL_read(f->c.server, &byte, 1) == 1;
}

static void
a_new_handshake_within_is_refused(void **state)
{
	struct fixture *f = *state;
	char byte;

	f->c.version = TLS1_2_VERSION;
	is_accepted(f);
	assert_true(byte_arrives(f));
	assert_int_equal(SSL_renegotiate(f->c.client), 1);
	(void)SSL_do_handshake(f->c.client);
	(void)SSL_read(f->c.server, &byte, 1);
	/* The answer is an alert, and the client goes no further. */
	ERR_clear_error();
	assert_int_not_equal(SSL_do_handshake(f->c.client), 1);
	assert_int_equal(ERR_GET_REASON(ERR_peek_error()),
	    SSL_R_NO_RENEGOTIATION);
	assert_int_equal(SSL_num_renegotiations(f->c.server), 0);
	ERR_clear_error();
	called_end(&f->c);
}

static void
nothing_comes_before_the_handshake_ends(void **state)
{
	struct fixture *f = *state;
	uint8_t keys[TLS_TICKET_KEYS];

	assert_true(tls_ticket_keys_make(keys));
	f->conf.tickets = tls_tickets_new(keys);
	f->c.version = TLS1_3_VERSION;
	is_accepted(f);
	assert_non_null(f->c.got);
	assert_int_equal(SSL_SESSION_get_max_early_data(f->c.got), 0);
	called_end(&f->c);
	tls_server_free(f->t);
	f->t = NULL;
	tls_tickets_free(f->conf.tickets);
}

/* -- set-up -- */

static void
a_key_must_be_that_of_the_certificate(void **state)
{
	struct fixture *f = *state;
	struct text other = cert_key_text(&f->client, NULL);

	f->conf.certificate_key = other;
	assert_null(tls_server_new(&f->conf, f->why, sizeof(f->why)));
	assert_non_null(strstr(f->why, "certificate and certificate_key"));
	cert_text_free(other);
	f->conf.certificate_key = TEXT("");
	assert_null(tls_server_new(&f->conf, f->why, sizeof(f->why)));
	f->conf.certificate = TEXT("");
	assert_null(tls_server_new(&f->conf, f->why, sizeof(f->why)));
}

static void
a_connection_outlives_the_context_it_began_in(void **state)
{
	struct fixture *f = *state;

	is_accepted(f);
	tls_server_free(f->t);
	f->t = NULL;
	assert_true(byte_arrives(f));
	called_end(&f->c);
}

static void
who_was_verified_elsewhere_is_refused(void **state)
{
	struct fixture *f = *state;
	struct tls_server *other;
	struct cert_names names;

	is_accepted(f);
	other = tls_server_new(&f->conf, f->why, sizeof(f->why));
	assert_int_equal(tls_server_names(other, f->c.server, &names),
	    TLS_CLIENT_REFUSED);
	tls_server_free(other);
	called_end(&f->c);
}

static void
the_authorities_are_announced_to_clients(void **state)
{
	struct fixture *f = *state;
	const STACK_OF(X509_NAME) *names;

	f->conf.client_ca = f->roots;
	f->c.cert = &f->client;
	f->c.version = TLS1_2_VERSION;
	is_accepted(f);
	names = SSL_get0_peer_CA_list(f->c.client);
	assert_int_equal(sk_X509_NAME_num(names), 1);
	assert_int_equal(X509_NAME_cmp(sk_X509_NAME_value(names, 0),
	    X509_get_subject_name(f->root.x509)), 0);
	called_end(&f->c);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(tls_1_2_and_1_3_are_spoken),
		TEST(nothing_older_is),
		TEST(weak_ciphers_are_not_spoken),
		TEST(the_client_chooses_among_good_ciphers),
		TEST(groups_that_cost_much_are_not_spoken),
		TEST(nothing_is_compressed),
		TEST(http_1_1_is_chosen_where_the_client_asks),
		TEST(a_client_of_another_protocol_is_refused),
		TEST(a_new_handshake_within_is_refused),
		TEST(nothing_comes_before_the_handshake_ends),
		TEST(a_key_must_be_that_of_the_certificate),
		TEST(a_connection_outlives_the_context_it_began_in),
		TEST(who_was_verified_elsewhere_is_refused),
		TEST(the_authorities_are_announced_to_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
