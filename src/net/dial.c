/*
 * Dialling; see dial.h.
 *
 * Addresses are tried in order; the next one starts when 250 ms passed
 * without a connection or as soon as all tries so far have failed (RFC 8305
 * section 5).  The first that connects wins and shakes hands; the others are
 * closed.
 *
 * Where that fails, the addresses are doubted, the name is looked up again and
 * all is done once more.  A peer that is there but not as it should be, as one
 * that cannot prove to be the host, is left out then; one that was lost in its
 * handshake comes last.
 */
#include "net/dial.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/timer.h"
#include "net/tls_bio.h"

#define STAGGER_MS	250

/* Per turn: whoever sends without end must not hold the loop. */
#define HANDSHAKE_READS	4

/* One TCP connection under way. */
struct try {
	struct dial *dial;
	struct try *next;
	const struct addr *to;		/* of the dial's */
	int fd;
	struct event *event;
};

struct dial {
	struct loop *loop;
	struct dial_conf conf;
	dial_done *done;
	void *owner;
	struct resolve *resolve;
	struct addr *addrs;
	size_t n, next;			/* addresses; the next to try */
	struct try *tries;
	SSL *ssl;
	int fd;				/* of the connection that won */
	struct addr peer;		/* of it; kept when it has failed */
	bool unfit;			/* that it is there changes nothing */
	struct event *event;		/* of the handshake */
	short watched;
	int64_t connect_until;		/* loop_now() */
	bool again;			/* the second go */
	struct timer *deadline;
	struct timer *stagger;
	struct deferred finish;
	enum dial_result result;
	char why[256];
};

/* -- the end -- */

static void
drop_try(struct try *t)
{
	struct try **at = &t->dial->tries;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	event_free(t->event);
	if (t->fd != -1)
		close(t->fd);
	free(t);
}

static void
drop_connection(struct dial *d)
{
	if (d->event != NULL)
		event_free(d->event);
	SSL_free(d->ssl);
	if (d->fd != -1)
		close(d->fd);
	d->event = NULL;
	d->ssl = NULL;
	d->fd = -1;
}

/* Everything but what is handed over. */
static void
dial_free(struct dial *d)
{
	resolve_cancel(d->resolve);
	while (d->tries != NULL)
		drop_try(d->tries);
	drop_connection(d);
	timer_free(d->deadline);
	timer_free(d->stagger);
	deferred_cancel(&d->finish);
	free(d->addrs);
	free(d);
}

static void
hand_over(struct dial *d)
{
	dial_done *done = d->done;
	void *done_owner = d->owner;
	enum dial_result result = d->result;
	SSL *ssl = NULL;
	int fd = -1;
	char why[sizeof(d->why)];

	memcpy(why, d->why, sizeof(why));
	if (result == DIAL_OK) {
		ssl = d->ssl;
		fd = d->fd;
		d->ssl = NULL;
		d->fd = -1;
	}
	dial_free(d);
	done(done_owner, result, ssl, fd, why);
}

static void on_resolved(void *, const struct addr *, size_t, const char *);

/* Nothing but greetings was sent, so it does no harm. */
static void
go_again(struct dial *d)
{
	int64_t left = d->connect_until - loop_now(d->loop);

	drop_connection(d);
	free(d->addrs);
	d->addrs = NULL;
	d->n = d->next = 0;
	d->again = true;
	timer_set(d->deadline, (left + NS_PER_MS - 1) / NS_PER_MS);
	d->resolve = resolve_start(d->conf.resolver, d->conf.host,
	    d->conf.port, on_resolved, d);
}

static bool
may_go_again(const struct dial *d)
{
	return !d->again && d->n != 0 && d->result != DIAL_TIMEOUT &&
	    loop_now(d->loop) < d->connect_until;
}

static void
finish(void *owner)
{
	struct dial *d = owner;

	if (d->result != DIAL_OK && d->n != 0)
		resolve_doubt(d->conf.resolver, d->conf.host);
	if (d->result != DIAL_OK && may_go_again(d))
		go_again(d);
	else
		hand_over(d);
}

/* At the end of the turn; what happens until then no longer counts. */
static void
stop(struct dial *d)
{
	timer_clear(d->deadline);
	timer_clear(d->stagger);
	while (d->tries != NULL)
		drop_try(d->tries);
	if (d->event != NULL)
		event_del(d->event);
	deferred_queue(d->loop, &d->finish);
}

static void
end(struct dial *d, enum dial_result result, const char *what,
    const char *why)
{
	d->result = result;
	snprintf(d->why, sizeof(d->why), "%s%s%s", what,
	    why[0] != '\0' ? ": " : "", why);
	stop(d);
}

static void
on_deadline(void *owner)
{
	struct dial *d = owner;
	const char *what = d->ssl != NULL ? "TLS handshake" :
	    d->resolve != NULL ? "name look-up" : "connect";

	resolve_cancel(d->resolve);
	d->resolve = NULL;
	end(d, DIAL_TIMEOUT, what, "no answer in time");
}

/* -- TLS -- */

static void on_handshake(evutil_socket_t, short, void *);

/* For an answer, and for room if ours did not leave yet. */
static void
watch_handshake(struct dial *d)
{
	short what = EV_READ;

	if (buf_len(tls_bio_pending(tls_bio_of(d->ssl))) != 0)
		what |= EV_WRITE;
	if (d->event != NULL && d->watched == what)
		return;
	if (d->event != NULL)
		event_free(d->event);
	d->watched = what;
	d->event = event_new(loop_base(d->loop), d->fd,
	    (short)(what | EV_PERSIST), on_handshake, d);
	if (d->event == NULL)
		abort();
	event_add(d->event, NULL);
}

static bool
is_lost(const struct dial *d)
{
	const BIO *bio = tls_bio_of(d->ssl);

	return tls_bio_eof(bio) || tls_bio_errno(bio) != 0;
}

static void
handshake(struct dial *d)
{
	char why[200];
	int r;

	ERR_clear_error();
	tls_bio_allow_reads(tls_bio_of(d->ssl), HANDSHAKE_READS);
	r = SSL_connect(d->ssl);
	if (r == 1) {
		d->unfit = !tls_client_verified(d->conf.tls, d->ssl, why,
		    sizeof(why));
		if (d->unfit)
			end(d, DIAL_TLS, "TLS", why);
		else
			end(d, DIAL_OK, "connected", "");
		return;
	}
	switch (SSL_get_error(d->ssl, r)) {
	case SSL_ERROR_WANT_READ:
		watch_handshake(d);
		return;
	default:
		d->unfit = !is_lost(d);
		tls_error_text(d->ssl, r, why, sizeof(why));
		end(d, DIAL_TLS, "TLS handshake", why);
		return;
	}
}

static void
on_handshake(evutil_socket_t fd, short what, void *owner)
{
	struct dial *d = owner;
	int error = 0;

	(void)fd;
	if ((what & EV_WRITE) != 0)
		error = tls_bio_flush(tls_bio_of(d->ssl));
	if (error != 0 && error != EAGAIN)
		end(d, DIAL_TLS, "TLS handshake", strerror(error));
	else
		handshake(d);
}

static void
connected(struct dial *d, struct try *t)
{
	int on = 1;

	d->fd = t->fd;
	d->peer = *t->to;
	t->fd = -1;
	timer_clear(d->stagger);
	while (d->tries != NULL)
		drop_try(d->tries);
	(void)setsockopt(d->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	d->ssl = tls_client_ssl(d->conf.tls, d->conf.sessions, d->fd);
	if (d->ssl == NULL) {
		end(d, DIAL_TLS, "TLS", "cannot begin a handshake");
		return;
	}
	timer_set(d->deadline, d->conf.handshake_ms);
	handshake(d);
}

/* -- TCP -- */

static void try_next(struct dial *);

static void
try_failed(struct dial *d, int error)
{
	if (d->next < d->n)
		try_next(d);
	else if (d->tries == NULL)
		end(d, DIAL_UNREACHABLE, "connect", strerror(error));
}

static void
on_connect(evutil_socket_t fd, short what, void *owner)
{
	struct try *t = owner;
	struct dial *d = t->dial;
	int error = 0;
	socklen_t len = sizeof(error);

	(void)what;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	if (error == 0) {
		connected(d, t);
		return;
	}
	drop_try(t);
	try_failed(d, error);
}

/* Starts one; false with errno. */
static bool
start_try(struct dial *d, const struct addr *a)
{
	int fd = socket(a->sa.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct try *t;

	if (fd == -1)
		return false;
	if (connect(fd, &a->sa, a->len) != 0 && errno != EINPROGRESS) {
		int saved = errno;

		close(fd);
		errno = saved;
		return false;
	}
	t = xcalloc(1, sizeof(*t));
	t->dial = d;
	t->to = a;
	t->fd = fd;
	t->event = event_new(loop_base(d->loop), fd, EV_WRITE, on_connect, t);
	if (t->event == NULL)
		abort();
	event_add(t->event, NULL);
	t->next = d->tries;
	d->tries = t;
	return true;
}

static void
try_next(struct dial *d)
{
	int error = EHOSTUNREACH;

	while (d->next < d->n) {
		if (start_try(d, &d->addrs[d->next++])) {
			if (d->next < d->n)
				timer_set(d->stagger, STAGGER_MS);
			return;
		}
		error = errno;
	}
	try_failed(d, error);
}

static void
on_stagger(void *owner)
{
	struct dial *d = owner;

	if (d->next < d->n)
		try_next(d);
}

static bool
is_peer(const struct dial *d, const struct addr *a)
{
	return a->len == d->peer.len &&
	    memcmp(&a->ss, &d->peer.ss, a->len) == 0;
}

/* All of them, or in a second go those that are worth it. */
static void
take_addrs(struct dial *d, const struct addr *addrs, size_t n)
{
	const struct addr *last = NULL;

	d->addrs = xcalloc(n, sizeof(*addrs));
	for (size_t i = 0; i < n; i++) {
		if (is_peer(d, &addrs[i]))
			last = &addrs[i];
		else
			d->addrs[d->n++] = addrs[i];
	}
	if (last != NULL && !d->unfit)
		d->addrs[d->n++] = *last;
	if (d->unfit && d->n != 0)
		log_warn("%s: %s; another address of it is tried",
		    d->conf.host, d->why);
}

static void
on_resolved(void *owner, const struct addr *addrs, size_t n, const char *why)
{
	struct dial *d = owner;

	d->resolve = NULL;
	if (n == 0) {
		end(d, DIAL_UNREACHABLE, why, "");
		return;
	}
	take_addrs(d, addrs, n);
	if (d->n != 0)
		try_next(d);
	else
		stop(d);	/* as the first go ended */
}

/* -- the beginning -- */

struct dial *
dial_start(struct loop *loop, const struct dial_conf *conf, dial_done *done,
    void *owner)
{
	struct dial *d = xcalloc(1, sizeof(*d));

	d->loop = loop;
	d->conf = *conf;
	d->done = done;
	d->owner = owner;
	d->fd = -1;
	d->deadline = timer_new(loop, on_deadline, d);
	d->stagger = timer_new(loop, on_stagger, d);
	deferred_init(&d->finish, LOOP_SOON, finish, d);
	d->connect_until = loop_now(loop) + conf->connect_ms * NS_PER_MS;
	timer_set(d->deadline, conf->connect_ms);
	d->resolve = resolve_start(conf->resolver, conf->host, conf->port,
	    on_resolved, d);
	return d;
}

void
dial_cancel(struct dial *d)
{
	if (d != NULL)
		dial_free(d);
}
