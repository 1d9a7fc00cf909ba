/*
 * net/tls.h and net/tls_connect.h over the wires of the simulated world; see
 * handshake.h.
 *
 * An SSL within another is the same again: what the inner one brings is judged
 * by tls_connect_start() alone, as nothing is written within before the dial
 * has ended.
 */
#include "handshake.h"

#include <stdlib.h>

#include <event2/event.h>
#include <openssl/ssl.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "clock.h"
#include "dice.h"
#include "fate.h"
#include "history.h"
#include "link.h"
#include "net/tls_connect.h"
#include "oracle_road.h"
#include "proxy.h"
#include "road.h"
#include "setting.h"
#include "socket.h"

/* -- net/tls.h -- */

struct tls_client *
tls_client_new(const struct tls_client_conf *conf, char *why, size_t why_size)
{
	struct tls_client *c = xcalloc(1, sizeof(*c));

	(void)why;
	(void)why_size;
	c->host = conf->host;
	c->is_proxy = conf->is_proxy;
	return c;
}

void
tls_client_free(struct tls_client *c)
{
	free(c);
}

/* OpenSSL may have no memory. */
static bool
refuses(void)
{
	return dice_one_in(mood()->dials_fail * 200);
}

SSL *
tls_client_ssl(struct tls_client *c, struct tls_sessions *sessions, int fd)
{
	struct wire *w = socket_wire(fd);

	must(w != NULL && w->tls == NULL, "TLS begins twice");
	oracle_on_tls(w, c, sessions);
	if (refuses()) {
		w->road->event = c->is_proxy ? ROAD_NO_OUTER_TLS : ROAD_NO_TLS;
		return NULL;
	}
	w->tls = xcalloc(1, sizeof(*w->tls));
	w->tls->n = 1;
	buf_init(&w->tls->ahead, NULL);
	buf_init(&w->tls->pending, NULL);
	return link_ssl(w);
}

SSL *
tls_client_ssl_within(struct tls_client *c, struct tls_sessions *sessions,
    SSL *outer)
{
	struct wire *w = handshake_wire(outer);

	must(handshake_tls(outer)->n == 1, "TLS within TLS within TLS");
	oracle_on_tls(w, c, sessions);
	if (refuses()) {
		w->road->event = ROAD_NO_TLS;
		return NULL;
	}
	w->tls->n = 2;
	return outer;
}

static void
forget(struct wire *w)
{
	buf_release(&w->tls->ahead);
	buf_release(&w->tls->pending);
	free(w->tls);
	w->tls = NULL;
}

void
SSL_free(SSL *ssl)
{
	if (ssl == NULL)
		return;
	(void)handshake_tls(ssl);
	forget(handshake_wire(ssl));
}

void
handshake_over(struct wire *w)
{
	forget(w);
}

size_t
handshake_ahead(const struct wire *w)
{
	return w->tls != NULL ? buf_len(&w->tls->ahead) : 0;
}

/* -- handshakes: net/tls_connect.h -- */

struct tls_connect {
	struct event *readable;
	struct errand end;
	struct road *road;
	struct wire *wire;
	bool outer;			/* with the proxy */
	tls_connect_done *done;
	void *owner;
	enum tls_connect_result result;
};

/* A proxy may speak at once, and be read with the end of the handshake. */
static void
shook_outer(struct wire *w)
{
	proxy_shook(w);
	w->tls->reads = (int)dice(2);
	handshake_read_ahead(w);
}

static void
finish(struct tls_connect *t, enum tls_connect_result result)
{
	static const char *const words[] = { "TLS handshake: done",
	    "TLS handshake: connection closed",
	    "TLS handshake: certificate verify failed" };
	struct road *road = t->road;
	struct wire *w = t->wire;
	tls_connect_done *done = t->done;
	void *done_owner = t->owner;
	bool outer = t->outer;

	tls_connect_cancel(t);
	if (result != TLS_CONNECT_OK)
		road->event = outer || w->tls->broken ? ROAD_NO_OUTER_TLS :
		    ROAD_NO_TLS;
	else if (outer)
		shook_outer(w);
	else
		road->event = ROAD_VERIFIED;
	if (result == TLS_CONNECT_OK && !outer)
		w->host = road->conf.tls->host;
	history("wire %u: %s%s", w->number, words[result], outer ?
	    ", with its proxy" : "");
	done(done_owner, result, words[result]);
}

/* A connection that ended, or bytes that are no TLS, end a handshake. */
static void
on_readable(evutil_socket_t fd, short what, void *owner)
{
	struct tls_connect *t = owner;

	(void)fd;
	(void)what;
	if (buf_len(&t->wire->in) != 0) {
		finish(t, TLS_CONNECT_UNFIT);
		return;
	}
	/* TLS around it may end by an alert. */
	t->wire->tls->broken = t->wire->tls->n == 2 && dice_one_in(2);
	finish(t, TLS_CONNECT_LOST);
}

static void
on_shaken(void *owner)
{
	struct tls_connect *t = owner;

	if (t->wire->peer_end != WIRE_OPEN)
		t->result = TLS_CONNECT_LOST;
	else if (handshake_ahead(t->wire) + buf_len(&t->wire->in) != 0 &&
	    !t->outer)
		t->result = TLS_CONNECT_UNFIT;
	finish(t, t->result);
}

static enum tls_connect_result
some_failure(void)
{
	return dice_one_in(2) ? TLS_CONNECT_LOST : TLS_CONNECT_UNFIT;
}

/* When, and how it ends if nobody disturbs it. */
static void
plan(struct tls_connect *t)
{
	const struct road *r = t->road;
	int64_t most = dice_one_in(8) ? r->conf.handshake_ms - 1 : 30;
	enum proxy_leads leads = r->conf.preface == NULL ? PROXY_TO_HOST :
	    proxy_leads(t->wire);

	t->result = TLS_CONNECT_OK;
	if (leads == PROXY_ASTRAY)
		t->result = TLS_CONNECT_UNFIT;
	else if (road_fails(r, t->outer ? 6 : 3))
		t->result = some_failure();
	if (leads == PROXY_NOWHERE ||
	    (t->result != TLS_CONNECT_OK && dice_one_in(3)))
		return;
	errand_set(&t->end, dice_between(0, most) * NS_PER_MS);
}

struct tls_connect *
tls_connect_start(struct loop *loop, struct tls_client *client, SSL *ssl,
    int fd, tls_connect_done *done, void *owner)
{
	struct tls_connect *t = xcalloc(1, sizeof(*t));

	t->wire = handshake_wire(ssl);
	t->road = road_of(owner);
	must(t->wire == t->road->wire && fd == socket_fd(t->wire),
	    "a handshake on another connection");
	t->outer = client == t->road->conf.preface_tls;
	t->done = done;
	t->owner = owner;
	road_enters(t->road, t->outer ? ROAD_SHAKES_OUTER : ROAD_SHAKES);
	errand_init(&t->end, on_shaken, t);
	t->end.base = loop_base(loop);
	plan(t);
	t->readable = event_new(loop_base(loop), fd, EV_READ, on_readable, t);
	event_add(t->readable, NULL);
	return t;
}

void
tls_connect_cancel(struct tls_connect *t)
{
	if (t == NULL)
		return;
	event_free(t->readable);
	errand_clear(&t->end);
	free(t);
}
