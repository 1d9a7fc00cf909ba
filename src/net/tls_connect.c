/*
 * Handshakes with servers; see tls_connect.h.  Called by dial.c.
 */
#include "net/tls_connect.h"

#include <errno.h>
#include <event2/event.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/tls_bio.h"

/* Per turn: a peer that sends without end must not hold the loop. */
#define HANDSHAKE_READS	4

struct tls_connect {
	struct loop *loop;
	struct tls_client *client;
	SSL *ssl;
	int fd;
	struct event *event;
	short watched;
	struct deferred finish;
	tls_connect_done *done;
	void *owner;
	enum tls_connect_result result;
	char why[240];
};

static void
tls_connect_free(struct tls_connect *c)
{
	if (c->event != NULL)
		event_free(c->event);
	deferred_cancel(&c->finish);
	free(c);
}

static void
finish(void *owner)
{
	struct tls_connect *c = owner;
	tls_connect_done *done = c->done;
	void *done_owner = c->owner;
	enum tls_connect_result result = c->result;
	char why[sizeof(c->why)];

	memcpy(why, c->why, sizeof(why));
	tls_connect_free(c);
	done(done_owner, result, why);
}

/* Ends it at the end of the turn; events until then do not count. */
static void
end(struct tls_connect *c, enum tls_connect_result result, const char *what,
    const char *why)
{
	c->result = result;
	(void)snprintf(c->why, sizeof(c->why), "%s: %s", what, why);
	if (c->event != NULL)
		event_del(c->event);
	deferred_queue(c->loop, &c->finish);
}

static void tls_connect_on_ready(evutil_socket_t, short, void *);

/* Waits for an answer, and for room if our own bytes have not left yet. */
static void
watch(struct tls_connect *c)
{
	short what = EV_READ;

	if (buf_len(tls_bio_pending(tls_bio_of(c->ssl))) != 0)
		what |= EV_WRITE;
	if (c->event != NULL && c->watched == what)
		return;
	if (c->event != NULL)
		event_free(c->event);
	c->watched = what;
	c->event = event_new(loop_base(c->loop), c->fd,
	    (short)(what | EV_PERSIST), tls_connect_on_ready, c);
	if (c->event == NULL)
		abort();
	event_add(c->event, NULL);
}

static bool
is_lost(const struct tls_connect *c)
{
	const BIO *bio = tls_bio_of(c->ssl);

	return tls_bio_eof(bio) || tls_bio_errno(bio) != 0 ||
	    tls_bio_is_broken(bio);
}

static void
verify(struct tls_connect *c)
{
	char why[200];

	if (tls_client_verified(c->client, c->ssl, why, sizeof(why)))
		end(c, TLS_CONNECT_OK, "TLS", "verified");
	else
		end(c, TLS_CONNECT_UNFIT, "TLS", why);
}

static void
shake_hands(struct tls_connect *c)
{
	char why[200];
	int r;

	ERR_clear_error();
	tls_bio_allow_reads(tls_bio_of(c->ssl), HANDSHAKE_READS);
	r = SSL_connect(c->ssl);
	if (r == 1) {
		verify(c);
	} else if (SSL_get_error(c->ssl, r) == SSL_ERROR_WANT_READ) {
		watch(c);
	} else {
		tls_error_text(c->ssl, r, why, sizeof(why));
		end(c, is_lost(c) ? TLS_CONNECT_LOST : TLS_CONNECT_UNFIT,
		    "TLS handshake", why);
	}
}

static void
tls_connect_on_ready(evutil_socket_t fd, short what, void *owner)
{
	struct tls_connect *c = owner;
	int error = 0;

	(void)fd;
	if ((what & EV_WRITE) != 0)
		error = tls_bio_flush(tls_bio_of(c->ssl));
	if (error != 0 && error != EAGAIN)
		end(c, TLS_CONNECT_LOST, "TLS handshake", strerror(error));
	else
		shake_hands(c);
}

struct tls_connect *
tls_connect_start(struct loop *loop, struct tls_client *client, SSL *ssl,
    int fd, tls_connect_done *done, void *owner)
{
	struct tls_connect *c = xcalloc(1, sizeof(*c));

	c->loop = loop;
	c->client = client;
	c->ssl = ssl;
	c->fd = fd;
	c->done = done;
	c->owner = owner;
	deferred_init(&c->finish, LOOP_SOON, finish, c);
	shake_hands(c);
	return c;
}

void
tls_connect_cancel(struct tls_connect *c)
{
	if (c != NULL)
		tls_connect_free(c);
}
