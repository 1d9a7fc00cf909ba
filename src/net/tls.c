/*
 * TLS towards an upstream; see tls.h.  It knows OpenSSL's contexts; trust is in
 * tls_verify.c, resumption in tls_sessions.c.
 */
#include "net/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/alloc.h"
#include "cert/pair.h"
#include "net/tls_alert.h"
#include "net/tls_bio.h"
#include "net/tls_protocol.h"
#include "net/tls_sessions.h"
#include "net/tls_verify.h"

struct tls_client {
	SSL_CTX *ctx;
	char *server_name;		/* for SNI; NULL: an IP address */
	bool is_proxy;
	struct tls_pins pins;
	bool resumes;			/* sessions are kept */
};

static bool
set_protocol(SSL_CTX *ctx, const struct tls_client_conf *conf)
{
	static const unsigned char h1[] = "\x08http/1.1";
	static const unsigned char h2_h1[] = "\x02h2\x08http/1.1";
	const unsigned char *alpn = conf->http_2 ? h2_h1 : h1;
	size_t n = conf->http_2 ? sizeof(h2_h1) - 1 : sizeof(h1) - 1;

	/*
	 * Buffers are kept: releasing them would allocate them for each record,
	 * and a pool holds no more connections than were needed at once.
	 */
	return tls_protocol_set(ctx, conf->tls_1_3_only) &&
	    SSL_CTX_set_alpn_protos(ctx, alpn, (unsigned)n) == 0;
}

static void
explain(char *why, size_t why_size, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	snprintf(why, why_size, "%s: %s", what,
	    reason != NULL ? reason : "unknown error");
}

/* Our certificate, for servers that require one. */
static bool
set_certificate(SSL_CTX *ctx, const struct tls_client_conf *conf)
{
	struct cert_pair pair;
	bool good;

	if (conf->certificate.p == NULL)
		return true;
	if (!cert_pair_read(&pair, conf->certificate, conf->certificate_key))
		return false;
	good = SSL_CTX_use_cert_and_key(ctx, pair.cert, pair.key, pair.chain,
	    1) == 1;
	/* With TLS 1.3 some servers ask after they have seen the target. */
	SSL_CTX_set_post_handshake_auth(ctx, 1);
	cert_pair_release(&pair);
	return good;
}

const char *
tls_library(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}

struct tls_client *
tls_client_new(const struct tls_client_conf *conf, char *why,
    size_t why_size)
{
	struct tls_client *t = xcalloc(1, sizeof(*t));

	ERR_clear_error();
	if (!tls_host_is_ip(conf->host))
		t->server_name = xstrdup(conf->host);
	t->is_proxy = conf->is_proxy;
	t->ctx = SSL_CTX_new(TLS_client_method());
	tls_pins_init(&t->pins, conf);
	if (t->ctx == NULL || !set_protocol(t->ctx, conf)) {
		explain(why, why_size, "OpenSSL");
		goto failed;
	}
	if (!tls_verify_set(t->ctx, conf, &t->pins, why, why_size))
		goto failed;
	if (!set_certificate(t->ctx, conf)) {
		explain(why, why_size, "certificate and certificate_key");
		goto failed;
	}
	SSL_CTX_set_app_data(t->ctx, conf->is_proxy ? t->ctx : NULL);
	t->resumes = conf->crls.p == NULL;
	tls_sessions_enable(t->ctx);
	return t;

failed:
	ERR_clear_error();
	tls_client_free(t);
	return NULL;
}

void
tls_client_free(struct tls_client *t)
{
	if (t == NULL)
		return;
	/* Open connections keep the context. */
	if (t->ctx != NULL)
		tls_verify_end(t->ctx);
	SSL_CTX_free(t->ctx);
	tls_pins_release(&t->pins);
	free(t->server_name);
	free(t);
}

static SSL *
new_ssl(struct tls_client *t, struct tls_sessions *sessions)
{
	SSL *ssl = SSL_new(t->ctx);

	ERR_clear_error();
	if (ssl == NULL)
		return NULL;
	if ((t->server_name != NULL &&
	    SSL_set_tlsext_host_name(ssl, t->server_name) != 1) ||
	    (sessions != NULL && t->resumes &&
	    !tls_sessions_use(sessions, ssl))) {
		SSL_free(ssl);
		return NULL;
	}
	SSL_set_connect_state(ssl);
	return ssl;
}

SSL *
tls_client_ssl(struct tls_client *t, struct tls_sessions *sessions, int fd)
{
	SSL *ssl = new_ssl(t, sessions);

	if (ssl != NULL)
		tls_bio_attach(ssl, fd);
	return ssl;
}

SSL *
tls_client_ssl_within(struct tls_client *t, struct tls_sessions *sessions,
    SSL *outer)
{
	SSL *ssl = new_ssl(t, sessions);

	if (ssl != NULL)
		tls_bio_attach_within(ssl, outer);
	return ssl;
}

/*
 * The handshake failed already where verification did (see tls_verify.c), and a
 * resumed session was verified when it began.  This checks the result of
 * OpenSSL once more, so that no key leaves by a mistake in between.
 */
bool
tls_client_verified(struct tls_client *t, SSL *ssl, char *why,
    size_t why_size)
{
	const char *reason = NULL;

	if (SSL_is_init_finished(ssl) != 1)
		reason = "the handshake has not ended";
	else if (SSL_get_SSL_CTX(ssl) != t->ctx ||
	    SSL_get_verify_mode(ssl) != SSL_VERIFY_PEER)
		reason = "the server was not to be verified";
	else if (SSL_get0_peer_certificate(ssl) == NULL)
		reason = "the server has no certificate";
	else if (SSL_get_verify_result(ssl) != X509_V_OK)
		reason = tls_verify_text(SSL_get_verify_result(ssl),
		    t->is_proxy);
	if (reason == NULL)
		return true;
	snprintf(why, why_size, "certificate verify failed: %s", reason);
	return false;
}

/* Its tls_client may be gone, its context is not. */
static bool
is_proxy(const SSL *ssl)
{
	return SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)) != NULL;
}

/* OpenSSL's reasons in words for people who do not know OpenSSL. */
static const char *
reason_text(const SSL *ssl, unsigned long e)
{
	const char *text = ERR_reason_error_string(e);

	switch (ERR_GET_REASON(e)) {
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
	case SSL_R_UNSUPPORTED_PROTOCOL:
		return is_proxy(ssl) ? "unsupported protocol: it speaks "
		       "neither TLS 1.2 nor 1.3" :
		       "unsupported protocol: it does not speak the version "
		       "of TLS that min_tls asks for";
	case SSL_R_WRONG_VERSION_NUMBER:
		return "the answer is not TLS (wrong version number)";
	default:
		return text != NULL ? text : "unknown error of OpenSSL";
	}
}

static const char *
failure_text(SSL *ssl, int kind)
{
	const BIO *b = tls_bio_of(ssl);
	unsigned long e = ERR_peek_error();

	if (b != NULL && tls_bio_is_flooded(b))
		return "too many messages";
	if (kind == SSL_ERROR_ZERO_RETURN ||
	    (b != NULL && tls_bio_eof(b)))
		return "connection closed";
	if (kind == SSL_ERROR_SYSCALL && b != NULL && tls_bio_errno(b) != 0)
		return strerror(tls_bio_errno(b));
	return reason_text(ssl, e);
}

/* The alert that ended the connection, unless OpenSSL says more about it. */
static uint8_t
alert_of(SSL *ssl, int kind)
{
	const BIO *b = tls_bio_of(ssl);
	uint8_t alert = b != NULL ? tls_bio_alert(b) : TLS_ALERT_CLOSE_NOTIFY;

	return kind == SSL_ERROR_SSL && alert != SSL_AD_PROTOCOL_VERSION ?
	    alert : TLS_ALERT_CLOSE_NOTIFY;
}

void
tls_error_text(SSL *ssl, int ssl_result, char *why, size_t why_size)
{
	int kind = SSL_get_error(ssl, ssl_result);
	long verified = SSL_get_verify_result(ssl);
	uint8_t alert = alert_of(ssl, kind);
	const BIO *b = tls_bio_of(ssl);

	if (kind == SSL_ERROR_SSL && ERR_GET_REASON(ERR_peek_error()) ==
	    SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK)
		snprintf(why, why_size, "certificate verify failed: %s",
		    tls_verify_text(verified, is_proxy(ssl)));
	else if (b != NULL && tls_bio_is_broken(b))
		tls_bio_complaint(ssl, why, why_size);
	else if (alert != TLS_ALERT_CLOSE_NOTIFY)
		tls_alert_text(ssl, alert, why, why_size);
	else
		snprintf(why, why_size, "%s", failure_text(ssl, kind));
	ERR_clear_error();
}
