#include "tls_server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>
#include <openssl/err.h>

#include "base/alloc.h"
#include "base/buf.h"

struct tls_server_client {
	struct tls_server *server;
	struct tls_server_client *next;
	int fd;
	SSL *ssl;		/* until the handshake ended */
	struct event *event;
	struct link *link;
	SSL *of_link;
	struct buf out;
};

static void
on_input(void *owner, const uint8_t *p, size_t n)
{
	struct tls_server_client *c = owner;

	c->server->heard += n;
	if (n == 3 && memcmp(p, "bye", 3) == 0) {
		link_close(&c->link, LINK_END_NOW);
		return;
	}
	if (c->server->mute)
		return;
	buf_append(&c->out, p, n);
	link_wake(c->link);
}

static void
on_eof(void *owner, bool clean)
{
	struct tls_server_client *c = owner;

	c->server->clean_ends += clean;
	link_close(&c->link, LINK_END_NOW);
}

static void
on_error(void *owner, enum link_error error)
{
	(void)error;
	on_eof(owner, false);
}

static struct text
on_output(void *owner)
{
	return buf_text(&((struct tls_server_client *)owner)->out);
}

static void
on_output_done(void *owner, size_t n)
{
	buf_consume(&((struct tls_server_client *)owner)->out, n);
}

static const struct link_events events = {
	.input = on_input,
	.eof = on_eof,
	.error = on_error,
	.output = on_output,
	.output_done = on_output_done,
};

static void
hang_up(struct tls_server_client *c)
{
	event_del(c->event);
	SSL_free(c->ssl);
	c->ssl = NULL;
	close(c->fd);
	c->fd = -1;
}

static void
shake_hands(evutil_socket_t fd, short what, void *arg)
{
	struct tls_server_client *c = arg;
	struct tls_server *s = c->server;
	const unsigned char *alpn;
	unsigned n;
	int r;

	(void)what;
	ERR_clear_error();
	r = SSL_accept(c->ssl);
	if (r != 1) {
		if (SSL_get_error(c->ssl, r) != SSL_ERROR_WANT_READ)
			hang_up(c);
		return;
	}
	s->handshakes++;
	s->resumed += SSL_session_reused(c->ssl) == 1;
	SSL_get0_alpn_selected(c->ssl, &alpn, &n);
	snprintf(s->alpn, sizeof(s->alpn), "%.*s", (int)n, alpn);
	snprintf(s->sni, sizeof(s->sni), "%s",
	    SSL_get_servername(c->ssl, TLSEXT_NAMETYPE_host_name) != NULL ?
	    SSL_get_servername(c->ssl, TLSEXT_NAMETYPE_host_name) : "");
	event_del(c->event);
	c->link = link_new_tls(s->loop, c->ssl, fd, &events, c);
	c->of_link = c->ssl;
	c->ssl = NULL;
	c->fd = -1;
	link_want_input(c->link, !s->deaf);
}

static void
on_accept(void *owner, int fd, const struct client_info *info)
{
	static const char http[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
	struct tls_server *s = owner;
	struct tls_server_client *c = xcalloc(1, sizeof(*c));

	(void)info;
	s->accepted++;
	c->server = s;
	c->fd = fd;
	buf_init(&c->out, NULL);
	c->next = s->clients;
	s->clients = c;
	c->event = event_new(loop_base(s->loop), fd, EV_READ | EV_PERSIST,
	    shake_hands, c);
	if (s->plain)
		assert_true(write(fd, http, sizeof(http) - 1) > 0);
	if (s->hang_up || (s->hang_up_first && s->accepted == 1)) {
		hang_up(c);
		return;
	}
	if (s->silent || s->plain)
		return;
	c->ssl = SSL_new(s->ctx);
	SSL_set_fd(c->ssl, fd);
	event_add(c->event, NULL);
}

static int
choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *n,
    const unsigned char *in, unsigned in_n, void *arg)
{
	unsigned char *chosen;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&chosen, n, (const unsigned char *)
	    "\x02h2\x08http/1.1", 12, in, in_n) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

void
tls_server_start(struct tls_server *s, struct loop *loop,
    const struct cert *cert)
{
	tls_server_start_at(s, loop, cert, "127.0.0.1:0");
}

void
tls_server_start_at(struct tls_server *s, struct loop *loop,
    const struct cert *cert, const char *address)
{
	struct listener_conf conf = { 0 };
	struct addr bound;
	const char *bad;
	char why[200];

	/* OpenSSL's own socket BIO, which shakes hands here, raises it. */
	signal(SIGPIPE, SIG_IGN);
	*s = (struct tls_server){ .loop = loop };
	s->ctx = SSL_CTX_new(TLS_server_method());
	if (cert != NULL) {
		SSL_CTX_use_certificate(s->ctx, cert->x509);
		SSL_CTX_use_PrivateKey(s->ctx, cert->key);
	}
	SSL_CTX_set_alpn_select_cb(s->ctx, choose_alpn, NULL);
	SSL_CTX_set_session_id_context(s->ctx, (const unsigned char *)"t", 1);
	SSL_CTX_set_mode(s->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	assert_true(addr_parse(address, &conf.address, &bad));
	s->fd = listener_open(&conf, &bound, why, sizeof(why));
	if (s->fd == -1)
		fail_msg("%s", why);
	s->port = addr_port(&bound);
	s->listener = listener_new(loop, s->fd, on_accept, s);
}

void
tls_server_say(struct tls_server *s, const void *p, size_t n)
{
	for (struct tls_server_client *c = s->clients; c != NULL;
	    c = c->next) {
		if (c->link == NULL)
			continue;
		buf_append(&c->out, p, n);
		link_wake(c->link);
	}
}

void
tls_server_say_raw(struct tls_server *s, const void *p, size_t n)
{
	assert_int_equal(write(link_fd(s->clients->link), p, n), n);
}

void
tls_server_update_keys(struct tls_server *s, unsigned n)
{
	struct tls_server_client *c = s->clients;

	while (n-- > 0) {
		assert_int_equal(SSL_key_update(c->of_link,
		    SSL_KEY_UPDATE_REQUESTED), 1);
		assert_int_equal(SSL_do_handshake(c->of_link), 1);
	}
	tls_server_say(s, ".", 1);
}

void
tls_server_hear(struct tls_server *s)
{
	s->deaf = false;
	for (struct tls_server_client *c = s->clients; c != NULL; c = c->next)
		if (c->link != NULL)
			link_want_input(c->link, true);
}

void
tls_server_end(struct tls_server *s, enum link_end end)
{
	for (struct tls_server_client *c = s->clients; c != NULL; c = c->next)
		link_close(&c->link, end);
}

void
tls_server_stop(struct tls_server *s)
{
	struct tls_server_client *c;

	listener_free(s->listener);
	close(s->fd);
	while ((c = s->clients) != NULL) {
		s->clients = c->next;
		link_close(&c->link, LINK_END_NOW);
		event_free(c->event);
		SSL_free(c->ssl);
		if (c->fd != -1)
			close(c->fd);
		buf_release(&c->out);
		free(c);
	}
	SSL_CTX_free(s->ctx);
}
