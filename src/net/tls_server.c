/*
 * TLS with clients; see tls_server.h.  It knows OpenSSL's contexts; trust is in
 * tls_server_verify.c, resumption in tls_tickets.c.
 */
#include "net/tls_server.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "cert/pair.h"
#include "net/tls_bio.h"
#include "net/tls_protocol.h"
#include "net/tls_server_verify.h"
#include "net/tls_verify.h"

struct tls_server {
	size_t users;
	SSL_CTX *ctx;
	bool required;
};

/* -- the protocol -- */

/* In our order; HTTP/1.0 is what some old clients call what we speak. */
static const unsigned char protocols[] = "\x08http/1.1\x08http/1.0";

/* A client that asks for others only is refused (RFC 7301 section 3.2). */
static int
tls_server_on_alpn(SSL *ssl, const unsigned char **chosen, unsigned char *n,
    const unsigned char *offered, unsigned offered_n, void *arg)
{
	unsigned char *p;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&p, n, protocols, sizeof(protocols) - 1,
	    offered, offered_n) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*chosen = p;
	return SSL_TLSEXT_ERR_OK;
}

/*
 * A client may name any group that OpenSSL has, and the largest cost a server a
 * hundred times what they cost the client; these do not.  The first is for
 * OpenSSL from 3.5 on.
 */
static bool
set_groups(SSL_CTX *ctx)
{
	/* OpenSSL's macro takes no constants. */
	char hybrid[] = "X25519MLKEM768:X25519:P-256:P-384";
	char classic[] = "X25519:P-256:P-384";
	bool good = SSL_CTX_set1_groups_list(ctx, hybrid) == 1 ||
	    SSL_CTX_set1_groups_list(ctx, classic) == 1;

	ERR_clear_error();
	return good;
}

/*
 * Ciphers are chosen by the client: all of them are good, and it knows which
 * one is fast there.  Buffers of a client that is idle are released: there may
 * be many of them.
 */
static bool
set_protocol(SSL_CTX *ctx)
{
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_alpn_select_cb(ctx, tls_server_on_alpn, NULL);
	/* What comes before the handshake ends may be sent again by others. */
	(void)SSL_CTX_set_max_early_data(ctx, 0);
	return tls_protocol_set(ctx, false) && set_groups(ctx);
}

static bool
set_certificate(SSL_CTX *ctx, const struct tls_server_conf *conf)
{
	struct cert_pair pair;
	bool good;

	if (!cert_pair_read(&pair, conf->certificate, conf->certificate_key))
		return false;
	good = SSL_CTX_use_cert_and_key(ctx, pair.cert, pair.key, pair.chain,
	    1) == 1;
	cert_pair_release(&pair);
	return good;
}

/* -- the name of the context -- */

static void
add_part(struct buf *all, const void *p, size_t n)
{
	buf_append(all, &n, sizeof(n));
	buf_append(all, p, n);
}

/* Subject and alternative names, not the key: a renewal changes no session. */
static void
add_names(struct buf *all, const X509 *x)
{
	int at = X509_get_ext_by_NID(x, NID_subject_alt_name, -1);
	const ASN1_OCTET_STRING *names;
	unsigned char *der = NULL;
	int n = i2d_X509_NAME(X509_get_subject_name(x), &der);

	add_part(all, der, n > 0 ? (size_t)n : 0);
	OPENSSL_free(der);
	if (at < 0)
		return;
	names = X509_EXTENSION_get_data(X509_get_ext(x, at));
	add_part(all, ASN1_STRING_get0_data(names),
	    (size_t)ASN1_STRING_length(names));
}

/*
 * A session is resumed in a context of the same name only, in any worker: where
 * clients are verified alike and we are called the same.
 */
static bool
set_name(SSL_CTX *ctx, const struct tls_server_conf *conf)
{
	uint8_t name[DIGEST_SIZE];
	struct buf all;
	bool good;

	buf_init(&all, NULL);
	add_part(&all, conf->client_ca.p, conf->client_ca.n);
	add_part(&all, &conf->required, sizeof(conf->required));
	add_names(&all, SSL_CTX_get0_certificate(ctx));
	good = digest_sha256(buf_data(&all), buf_len(&all), name) &&
	    SSL_CTX_set_session_id_context(ctx, name, sizeof(name)) == 1;
	buf_release(&all);
	return good;
}

/* -- set-up -- */

static void
explain(char *why, size_t why_size, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	snprintf(why, why_size, "%s: %s", what,
	    reason != NULL ? reason : "they do not go together");
}

static bool
set_up(struct tls_server *t, const struct tls_server_conf *conf, char *why,
    size_t why_size)
{
	bool revocable = conf->client_crl.p != NULL;

	if (!set_protocol(t->ctx)) {
		explain(why, why_size, "OpenSSL");
		return false;
	}
	if (!set_certificate(t->ctx, conf) || !set_name(t->ctx, conf)) {
		explain(why, why_size, "certificate and certificate_key");
		return false;
	}
	if (!tls_server_verify_set(t->ctx, conf, why, why_size))
		return false;
	/* A certificate may be revoked while a session of it would be good. */
	if (!tls_tickets_use(revocable ? NULL : conf->tickets, t->ctx)) {
		explain(why, why_size, "session tickets");
		return false;
	}
	return true;
}

struct tls_server *
tls_server_new(const struct tls_server_conf *conf, char *why, size_t why_size)
{
	struct tls_server *t = xcalloc(1, sizeof(*t));
	bool good;

	ERR_clear_error();
	t->users = 1;
	t->required = conf->client_ca.p != NULL && conf->required;
	t->ctx = SSL_CTX_new(TLS_server_method());
	if (t->ctx == NULL)
		alloc_failed();
	good = set_up(t, conf, why, why_size);
	ERR_clear_error();
	if (good)
		return t;
	tls_server_free(t);
	return NULL;
}

struct tls_server *
tls_server_share(struct tls_server *t)
{
	t->users++;
	return t;
}

void
tls_server_free(struct tls_server *t)
{
	if (t == NULL || --t->users != 0)
		return;
	/* Open connections keep the context. */
	tls_verify_end(t->ctx);
	(void)tls_tickets_use(NULL, t->ctx);
	SSL_CTX_free(t->ctx);
	free(t);
}

/* -- clients -- */

SSL *
tls_server_ssl(struct tls_server *t, int fd)
{
	SSL *ssl = SSL_new(t->ctx);

	ERR_clear_error();
	if (ssl == NULL)
		return NULL;
	tls_bio_attach(ssl, fd);
	SSL_set_accept_state(ssl);
	return ssl;
}

enum tls_client_proof
tls_server_names(struct tls_server *t, SSL *ssl, struct cert_names *names)
{
	X509 *x = SSL_get0_peer_certificate(ssl);
	int64_t until;

	if (SSL_is_init_finished(ssl) != 1 || SSL_get_SSL_CTX(ssl) != t->ctx ||
	    SSL_get_verify_result(ssl) != X509_V_OK)
		return TLS_CLIENT_REFUSED;
	if (x == NULL)
		return t->required ? TLS_CLIENT_REFUSED : TLS_CLIENT_ANYBODY;
	if ((SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) == 0 ||
	    !tls_tickets_until(ssl, &until) ||
	    cert_names_read(names, x) != NULL)
		return TLS_CLIENT_REFUSED;
	names->until = until;
	return TLS_CLIENT_NAMED;
}
