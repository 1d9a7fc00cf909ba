#include "called.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>

#include "net/tls_accept_why.h"
#include "turns.h"

static int
keep_session(SSL *ssl, SSL_SESSION *session)
{
	struct called *c = SSL_get_app_data(ssl);

	SSL_SESSION_free(c->got);
	c->got = session;
	return 1;
}

static void
make_client(struct called *c)
{
	/* OpenSSL's own socket BIO, of the client, raises it. */
	signal(SIGPIPE, SIG_IGN);
	c->ctx = SSL_CTX_new(TLS_client_method());
	/* It may be as bad as it likes. */
	SSL_CTX_set_security_level(c->ctx, 0);
	SSL_CTX_set_session_cache_mode(c->ctx, SSL_SESS_CACHE_CLIENT |
	    SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(c->ctx, keep_session);
	if (c->cert != NULL) {
		assert_int_equal(SSL_CTX_use_certificate(c->ctx,
		    c->cert->x509), 1);
		assert_int_equal(SSL_CTX_use_PrivateKey(c->ctx,
		    c->cert->key), 1);
	}
	for (const struct cert **x = c->chain; *x != NULL; x++)
		SSL_CTX_add1_chain_cert(c->ctx, (*x)->x509);
	if (c->version != 0) {
		SSL_CTX_set_min_proto_version(c->ctx, c->version);
		SSL_CTX_set_max_proto_version(c->ctx, c->version);
	}
	c->client = SSL_new(c->ctx);
	SSL_set_app_data(c->client, c);
	SSL_set_fd(c->client, c->fds[0]);
	SSL_set_connect_state(c->client);
	if (c->alpn != NULL)
		SSL_set_alpn_protos(c->client, c->alpn, c->alpn_n);
	if (c->session != NULL)
		assert_int_equal(SSL_set_session(c->client, c->session), 1);
	SSL_SESSION_free(c->session);
	c->session = NULL;
	if (c->adjust != NULL)
		c->adjust(c->client);
}

static bool
waits(SSL *ssl, int r)
{
	int kind = SSL_get_error(ssl, r);

	return r == 1 || kind == SSL_ERROR_WANT_READ ||
	    kind == SSL_ERROR_WANT_WRITE;
}

/* The server's result of the last SSL_accept(). */
static int
drive(struct called *c)
{
	int client = 0, server = 0;
	char byte;

	for (unsigned i = 0; i < 50 && (client != 1 || server != 1); i++) {
		ERR_clear_error();
		if (client != 1)
			client = SSL_connect(c->client);
		ERR_clear_error();
		if (server != 1)
			server = SSL_accept(c->server);
		if (server != 1 && !waits(c->server, server))
			return server;
		if (client != 1 && !waits(c->client, client))
			break;
	}
	/* Tickets and late alerts. */
	(void)SSL_read(c->client, &byte, 1);
	c->good = client == 1 && server == 1;
	ERR_clear_error();
	if (server != 1)
		server = SSL_accept(c->server);
	return server;
}

void
called_shake_hands(struct called *c, struct tls_server *t)
{
	int r;

	c->good = false;
	c->why[0] = '\0';
	c->names = (struct cert_names){ .uri = NULL };
	make_pair(c->fds);
	c->server = tls_server_ssl(t, c->fds[1]);
	assert_non_null(c->server);
	make_client(c);
	r = drive(c);
	if (c->good)
		c->proof = tls_server_names(t, c->server, &c->names);
	else
		tls_accept_why(c->server, r, c->why, sizeof(c->why));
	c->resumed = c->good && SSL_session_reused(c->server) == 1;
	/* One of TLS 1.2 is used again, and nobody is told of its renewal. */
	if (c->resumed && c->got == NULL &&
	    SSL_SESSION_has_ticket(SSL_get_session(c->client)) == 1 &&
	    SSL_version(c->client) == TLS1_2_VERSION)
		c->got = SSL_get1_session(c->client);
	ERR_clear_error();
}

void
called_end(struct called *c)
{
	/* Else the session is taken for a bad one. */
	SSL_set_shutdown(c->client, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(c->client);
	SSL_free(c->server);
	SSL_CTX_free(c->ctx);
	c->client = c->server = NULL;
	c->ctx = NULL;
	close(c->fds[0]);
	close(c->fds[1]);
	cert_names_release(&c->names);
}

void
called_release(struct called *c)
{
	SSL_SESSION_free(c->got);
	c->got = NULL;
}
