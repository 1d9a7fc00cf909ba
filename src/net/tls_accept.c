/*
 * Handshakes with clients; see tls_accept.h.  Called where clients are taken
 * in.  It knows neither why certificates are trusted nor what is spoken
 * afterwards.
 *
 * What a client can have us do is bounded: by the time, by the reads of a turn,
 * by what all of them may do in one (loop_allows_heavy()), by the number of
 * messages (tls_bio.h) and by OpenSSL's limits of each, of which
 * TLS_CLIENT_CHAIN_MOST is one.
 */
#include "net/tls_accept.h"

#include <errno.h>
#include <event2/event.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "net/linger.h"
#include "net/timer.h"
#include "net/tls_accept_why.h"
#include "net/tls_bio.h"

/* Per turn: a client that sends without end must not hold the loop. */
#define HANDSHAKE_READS	4

/* In which a client that is refused reads the alert. */
#define ALERT_MS	1000

/* The first byte of every TLS connection (RFC 8446 section 5.1). */
#define TLS_HANDSHAKE	0x16

struct tls_accept {
	struct loop *loop;
	struct tls_server *server;
	tls_accept_done *done;
	void *owner;
	int fd;
	SSL *ssl;			/* from the first byte on */
	struct event *event;
	short watched;
	struct timer deadline;
	struct deferred finish;
	enum tls_accept_result result;
	bool named;			/* the client is known by these */
	struct cert_names names;
	char why[256];
};

/* -- the end -- */

/* Frees everything except what is handed over. */
static void
tls_accept_free(struct tls_accept *a)
{
	if (a->event != NULL)
		event_free(a->event);
	SSL_free(a->ssl);
	if (a->fd != -1)
		close(a->fd);
	timer_end(&a->deadline);
	deferred_cancel(&a->finish);
	cert_names_release(&a->names);
	tls_server_free(a->server);
	free(a);
}

/*
 * An alert is on its way that says what was wrong, and close() would destroy it
 * where the client sent more than was read.
 */
static void
linger(struct loop *loop, int fd, SSL *ssl)
{
	static const struct linger_terms terms = {
		.most_ms = ALERT_MS, .silent_ms = ALERT_MS,
	};

	linger_start(loop, fd, tls_bio_pending(tls_bio_of(ssl)), &terms);
}

void
tls_accept_undo(struct loop *loop, const struct tls_accepted *t)
{
	(void)SSL_shutdown(t->ssl);
	ERR_clear_error();
	linger(loop, t->fd, t->ssl);
	SSL_free(t->ssl);
}

/*
 * Nothing of it is left when the owner is called; names and words are lent.
 * Only the event of a client that is let in stays until its link has one, so
 * that the descriptor is not taken out of the loop and put in again: two system
 * calls for each client.
 */
static void
finish(void *owner)
{
	struct tls_accept *a = owner;
	struct event *event = NULL;
	struct cert_names names = a->names;
	struct tls_accepted accepted = {
		.result = a->result, .fd = -1,
		.names = a->named ? &names : NULL,
	};
	tls_accept_done *done = a->done;
	void *done_owner = a->owner;
	char why[sizeof(a->why)];

	memcpy(why, a->why, sizeof(why));
	accepted.why = why;
	a->names = (struct cert_names){ .uri = NULL };
	if (a->result == TLS_ACCEPT_OK || a->result == TLS_ACCEPT_PLAIN) {
		accepted.ssl = a->ssl;
		accepted.fd = a->fd;
		a->ssl = NULL;
		a->fd = -1;
	} else if (a->ssl != NULL && a->result == TLS_ACCEPT_FAILED) {
		linger(a->loop, a->fd, a->ssl);
		a->fd = -1;
	}
	if (a->result == TLS_ACCEPT_OK) {
		event = a->event;
		a->event = NULL;
	}
	tls_accept_free(a);
	done(done_owner, &accepted);
	if (event != NULL)
		event_free(event);
	cert_names_release(&names);
}

/* Ends it at the end of the turn; events until then do not count. */
static void
end(struct tls_accept *a, enum tls_accept_result result, const char *why)
{
	a->result = result;
	snprintf(a->why, sizeof(a->why), "%s", why);
	timer_clear(&a->deadline);
	if (result != TLS_ACCEPT_OK)
		event_del(a->event);
	deferred_queue(a->loop, &a->finish);
}

static void
tls_accept_on_deadline(void *owner)
{
	struct tls_accept *a = owner;

	end(a, TLS_ACCEPT_TIMEOUT, a->ssl != NULL ?
	    "the handshake did not end in time" : "nothing came in time");
}

/* -- the handshake -- */

static void tls_accept_on_ready(evutil_socket_t, short, void *);

/* Waits for bytes, and for room if our own have not left yet. */
static void
watch(struct tls_accept *a)
{
	short what = EV_READ;

	if (a->ssl != NULL &&
	    buf_len(tls_bio_pending(tls_bio_of(a->ssl))) != 0)
		what |= EV_WRITE;
	if (a->event != NULL && a->watched == what)
		return;
	if (a->event != NULL)
		event_free(a->event);
	a->watched = what;
	a->event = event_new(loop_base(a->loop), a->fd,
	    (short)(what | EV_PERSIST), tls_accept_on_ready, a);
	if (a->event == NULL)
		abort();
	event_add(a->event, NULL);
}

static void
accept_client(struct tls_accept *a)
{
	switch (tls_server_names(a->server, a->ssl, &a->names)) {
	case TLS_CLIENT_NAMED:
		a->named = true;
		end(a, TLS_ACCEPT_OK, "accepted");
		return;
	case TLS_CLIENT_ANYBODY:
		end(a, TLS_ACCEPT_OK, "accepted");
		return;
	case TLS_CLIENT_REFUSED:
		end(a, TLS_ACCEPT_FAILED, "the client was not verified");
		return;
	}
}

static void
shake_hands(struct tls_accept *a)
{
	char why[200];
	int r;

	ERR_clear_error();
	tls_bio_allow_reads(tls_bio_of(a->ssl), HANDSHAKE_READS);
	r = SSL_accept(a->ssl);
	if (r == 1) {
		accept_client(a);
	} else if (SSL_get_error(a->ssl, r) == SSL_ERROR_WANT_READ) {
		watch(a);
	} else {
		tls_accept_why(a->ssl, r, why, sizeof(why));
		end(a, TLS_ACCEPT_FAILED, why);
	}
}

/* -- the first byte -- */

static bool
is_letter(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static void
begin(struct tls_accept *a, unsigned char first)
{
	if (is_letter(first)) {
		end(a, TLS_ACCEPT_PLAIN,
		    "this is plain HTTP, and this port speaks TLS");
		return;
	}
	if (first != TLS_HANDSHAKE) {
		end(a, TLS_ACCEPT_FAILED, "what came is not TLS");
		return;
	}
	a->ssl = tls_server_ssl(a->server, a->fd);
	if (a->ssl == NULL)
		end(a, TLS_ACCEPT_FAILED, "cannot begin a handshake");
	else
		shake_hands(a);
}

static void
look(struct tls_accept *a)
{
	unsigned char first;
	ssize_t n;

	do {
		n = recv(a->fd, &first, 1, MSG_PEEK);
	} while (n == -1 && errno == EINTR);
	if (n == 1)
		begin(a, first);
	else if (n == 0)
		end(a, TLS_ACCEPT_GONE, "the client closed the connection");
	else if (errno != EAGAIN)
		end(a, TLS_ACCEPT_GONE, strerror(errno));
}

static void
tls_accept_on_ready(evutil_socket_t fd, short what, void *owner)
{
	struct tls_accept *a = owner;
	int error = 0;

	(void)fd;
	/* It stays ready, and the next turn comes at once. */
	if (!loop_allows_heavy(a->loop))
		return;
	if (a->ssl == NULL) {
		look(a);
		return;
	}
	if ((what & EV_WRITE) != 0)
		error = tls_bio_flush(tls_bio_of(a->ssl));
	if (error != 0 && error != EAGAIN)
		end(a, TLS_ACCEPT_FAILED, strerror(error));
	else
		shake_hands(a);
}

/* -- the beginning -- */

struct tls_accept *
tls_accept_start(struct loop *loop, struct tls_server *server, int fd,
    int64_t ms, tls_accept_done *done, void *owner)
{
	struct tls_accept *a = xcalloc(1, sizeof(*a));

	a->loop = loop;
	a->server = tls_server_share(server);
	a->done = done;
	a->owner = owner;
	a->fd = fd;
	timer_init(&a->deadline, loop, tls_accept_on_deadline, a);
	deferred_init(&a->finish, LOOP_SOON, finish, a);
	timer_set(&a->deadline, ms);
	watch(a);
	return a;
}

void
tls_accept_cancel(struct tls_accept *a)
{
	if (a != NULL)
		tls_accept_free(a);
}
