/*
 * TLS of the load generator's connections; see load_tls.h.
 */
#include "load_tls.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>

#include <openssl/err.h>

static void
failed(const char *what)
{
	errx(1, "%s: %s", what, ERR_reason_error_string(ERR_peek_error()));
}

/* Tickets come after the handshake, any number of them; the last is used. */
static int
on_session(SSL *ssl, SSL_SESSION *session)
{
	struct load_tls_conn *c = SSL_get_app_data(ssl);

	SSL_SESSION_free(c->session);
	c->session = session;
	return 1;
}

void
load_tls_init(struct load_tls *t, bool resumes)
{
	*t = (struct load_tls){ .resumes = resumes };
	t->ctx = SSL_CTX_new(TLS_client_method());
	if (t->ctx == NULL)
		failed("SSL_CTX_new");
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_NONE, NULL);
	if (!resumes)
		return;
	SSL_CTX_set_session_cache_mode(t->ctx,
	    SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(t->ctx, on_session);
}

void
load_tls_free(struct load_tls *t)
{
	SSL_CTX_free(t->ctx);
}

void
load_tls_start(struct load_tls *t, struct load_tls_conn *c, int fd)
{
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		err(1, "fcntl");
	c->ssl = SSL_new(t->ctx);
	if (c->ssl == NULL || SSL_set_fd(c->ssl, fd) != 1)
		failed("SSL_new");
	SSL_set_app_data(c->ssl, c);
	SSL_set_connect_state(c->ssl);
	if (t->resumes && c->session != NULL &&
	    SSL_set_session(c->ssl, c->session) != 1)
		failed("SSL_set_session");
	c->shaken = false;
}

int
load_tls_shake(struct load_tls *t, struct load_tls_conn *c)
{
	int r;

	ERR_clear_error();
	r = SSL_connect(c->ssl);
	if (r == 1) {
		c->shaken = true;
		if (SSL_session_reused(c->ssl) == 1)
			t->resumed++;
		else
			t->full++;
		return 1;
	}
	if (SSL_get_error(c->ssl, r) == SSL_ERROR_WANT_READ)
		return 0;
	c->shaken = true;
	return -1;
}

ssize_t
load_tls_recv(struct load_tls_conn *c, void *p, size_t n)
{
	size_t got;

	ERR_clear_error();
	if (SSL_read_ex(c->ssl, p, n, &got) == 1)
		return (ssize_t)got;
	switch (SSL_get_error(c->ssl, 0)) {
	case SSL_ERROR_WANT_READ:
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		errno = EPROTO;
		return -1;
	}
}

bool
load_tls_send(struct load_tls_conn *c, const void *p, size_t n)
{
	size_t done;

	ERR_clear_error();
	return SSL_write_ex(c->ssl, p, n, &done) == 1;
}

void
load_tls_end(struct load_tls_conn *c)
{
	if (c->ssl == NULL)
		return;
	ERR_clear_error();
	/* Without it OpenSSL would take the session for a bad one. */
	if (c->shaken)
		(void)SSL_shutdown(c->ssl);
	ERR_clear_error();
	SSL_free(c->ssl);
	c->ssl = NULL;
}

void
load_tls_forget(struct load_tls_conn *c)
{
	SSL_SESSION_free(c->session);
	c->session = NULL;
}
