/*
 * Byte pipes; see link.h.  Knows sockets and TLS records, not what the bytes
 * mean; called by whoever owns a codec.
 *
 * The descriptor is watched in one of two ways.  Level-triggered, to read:
 * registered once, one read per event.  Edge-triggered, when nothing is to be
 * read (the owner does not want input, or its end was seen) and yet something
 * came: only to notice that the connection is gone.  The change is made when
 * it is needed, not when the owner says so, since input that nobody wants is
 * rare.
 */
#include "net/link.h"

#include <assert.h>
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/alloc.h"
#include "net/linger.h"
#include "net/tls_bio.h"

/* The largest plaintext of a record (RFC 8446 section 5.1). */
#define RECORD_MAX	16384

/*
 * What may wait to be sent: a record of ours, and what OpenSSL answers to TLS
 * itself, such as requests for new keys.  Who asks for more and does not read
 * it would fill our memory.
 */
#define PENDING_MAX	(4 * RECORD_MAX)

/* Reads after a write that failed: an answer may have come before. */
#define LAST_READS	64

struct link {
	struct loop *loop;
	const struct link_events *events;
	void *owner;
	SSL *ssl;			/* NULL: plain */
	BIO *bio;			/* its tls_bio */
	struct event readable;
	struct event *writable;		/* not NULL: blocked */
	struct deferred turn_end;
	uint64_t received, sent;
	int fd;
	enum link_error fault;		/* to be told, or told */
	enum link_error write_fault;
	enum link_end end;
	bool want_input;
	bool edge;			/* how the descriptor is watched */
	bool eof;			/* told, no input is left */
	bool wake;			/* output() is to be asked */
	bool drain;			/* the SSL may hold input */
	bool told;			/* error() was called */
	bool closed;
};

static void	on_readable(evutil_socket_t, short, void *);
static void	on_writable(evutil_socket_t, short, void *);

static bool
is_alive(const struct link *l)
{
	return !l->closed && l->fault == LINK_OK;
}

static bool
is_reading(const struct link *l)
{
	return is_alive(l) && l->want_input && !l->eof;
}

static enum link_error
error_of(int e)
{
	switch (e) {
	case ECONNRESET:
	case EPIPE:
	case ETIMEDOUT:
	case ENOTCONN:
		return LINK_RESET;
	default:
		return LINK_SYSTEM;
	}
}

static void
arm(struct link *l, struct event *e, short what, event_callback_fn fn)
{
	event_assign(e, loop_base(l->loop), l->fd,
	    (short)(what | EV_PERSIST | (l->edge ? EV_ET : 0)), fn, l);
	event_add(e, NULL);
}

/* libevent wants both events of a descriptor to be of one kind. */
static void
watch(struct link *l, bool edge)
{
	if (l->edge == edge)
		return;
	l->edge = edge;
	event_del(&l->readable);
	if (l->writable != NULL)
		event_del(l->writable);
	arm(l, &l->readable, EV_READ, on_readable);
	if (l->writable != NULL)
		arm(l, l->writable, EV_WRITE, on_writable);
}

static void
block(struct link *l)
{
	if (l->writable != NULL)
		return;
	l->writable = xmalloc(sizeof(*l->writable));
	arm(l, l->writable, EV_WRITE, on_writable);
}

static void
unblock(struct link *l)
{
	if (l->writable == NULL)
		return;
	event_del(l->writable);
	free(l->writable);
	l->writable = NULL;
}

static void
unwatch(struct link *l)
{
	event_del(&l->readable);
	unblock(l);
}

/* The link is dead; the owner hears of it at the end of the turn. */
static void
fail(struct link *l, enum link_error e)
{
	if (l->fault != LINK_OK)
		return;
	l->fault = e;
	unwatch(l);
	deferred_queue(l->loop, &l->turn_end);
}

static void
tell_eof(struct link *l, bool clean)
{
	l->eof = true;
	watch(l, true);
	l->events->eof(l->owner, clean);
}

static void
tell_input(struct link *l, const uint8_t *p, size_t n)
{
	l->received += n;
	l->events->input(l->owner, p, n);
}

/* One read.  True when it brought something. */
static bool
read_plain(struct link *l)
{
	uint8_t *p = loop_scratch(l->loop);
	ssize_t n = recv(l->fd, p, LOOP_SCRATCH, 0);

	if (n > 0) {
		tell_input(l, p, (size_t)n);
		return true;
	}
	if (n == 0)
		tell_eof(l, true);
	else if (errno != EAGAIN && errno != EINTR)
		fail(l, error_of(errno));
	return false;
}

/* Fills the scratch as far as records go; says what ended it. */
static int
decrypt(struct link *l, uint8_t *p, size_t *n)
{
	size_t got;

	*n = 0;
	while (LOOP_SCRATCH - *n >= RECORD_MAX) {
		ERR_clear_error();
		if (SSL_read_ex(l->ssl, p + *n, LOOP_SCRATCH - *n, &got) != 1)
			return SSL_get_error(l->ssl, 0);
		*n += got;
		if (SSL_has_pending(l->ssl) == 0)
			return SSL_ERROR_WANT_READ;
	}
	return SSL_ERROR_NONE;
}

/* SSL_read() cannot go on. */
static void
read_tls_ended(struct link *l, int why)
{
	if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
		return;
	if (why == SSL_ERROR_ZERO_RETURN ||
	    (why == SSL_ERROR_SYSCALL && tls_bio_eof(l->bio))) {
		if (is_reading(l))
			tell_eof(l, why == SSL_ERROR_ZERO_RETURN);
		return;
	}
	fail(l, why == SSL_ERROR_SYSCALL ? error_of(tls_bio_errno(l->bio)) :
	    LINK_TLS);
}

/* At most reads reads, and all records they complete. */
static bool
read_tls(struct link *l, int reads)
{
	uint8_t *p = loop_scratch(l->loop);
	bool any = false;
	size_t n;
	int why;

	tls_bio_allow_reads(l->bio, reads);
	do {
		why = decrypt(l, p, &n);
		if (n != 0) {
			any = true;
			tell_input(l, p, n);
		}
		if (!is_alive(l))
			return false;
	} while (why == SSL_ERROR_NONE && l->want_input);
	if (why != SSL_ERROR_NONE)
		read_tls_ended(l, why);
	if (is_alive(l) && buf_len(tls_bio_pending(l->bio)) > PENDING_MAX)
		fail(l, LINK_TLS);
	else if (is_alive(l) && buf_len(tls_bio_pending(l->bio)) != 0)
		block(l);
	return any;
}

static bool
read_once(struct link *l)
{
	return l->ssl != NULL ? read_tls(l, 1) : read_plain(l);
}

/* Both directions have ended, or an error waits. */
static bool
is_gone(int fd)
{
	struct pollfd pfd = { .fd = fd };

	return poll(&pfd, 1, 0) == 1 &&
	    (pfd.revents & (POLLERR | POLLHUP)) != 0;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct link *l = arg;

	(void)what;
	if (is_reading(l)) {
		read_once(l);
		return;
	}
	watch(l, true);
	if (is_gone(fd))
		fail(l, LINK_RESET);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct link *l = arg;
	int e = l->ssl != NULL ? tls_bio_flush(l->bio) : 0;

	(void)fd;
	(void)what;
	if (e == EAGAIN)
		return;
	unblock(l);
	if (e != 0)
		l->write_fault = error_of(e);
	deferred_queue(l->loop, &l->turn_end);
}

/* How much of t was taken, 0 if the link takes none now or failed. */
static size_t
write_plain(struct link *l, struct text t)
{
	ssize_t n;

	do {
		n = send(l->fd, t.p, t.n, MSG_NOSIGNAL);
	} while (n == -1 && errno == EINTR);
	if (n == -1 && errno != EAGAIN) {
		l->write_fault = error_of(errno);
		return 0;
	}
	if (n == -1)
		n = 0;
	if ((size_t)n < t.n)
		block(l);
	return (size_t)n;
}

static size_t
write_tls(struct link *l, struct text t)
{
	size_t n = t.n < RECORD_MAX ? t.n : RECORD_MAX, done;

	ERR_clear_error();
	if (SSL_write_ex(l->ssl, t.p, n, &done) != 1) {
		l->write_fault = SSL_get_error(l->ssl, 0) ==
		    SSL_ERROR_SYSCALL ? error_of(tls_bio_errno(l->bio)) :
		    LINK_TLS;
		return 0;
	}
	if (buf_len(tls_bio_pending(l->bio)) != 0)
		block(l);
	return done;
}

static bool
can_write(const struct link *l)
{
	return is_alive(l) && l->writable == NULL &&
	    l->write_fault == LINK_OK;
}

static void
flush(struct link *l)
{
	while (can_write(l)) {
		struct text t = l->events->output(l->owner);
		size_t n;

		if (t.n == 0) {
			l->wake = false;
			return;
		}
		assert(!l->closed);
		n = l->ssl != NULL ? write_tls(l, t) : write_plain(l, t);
		l->sent += n;
		if (n != 0 || l->writable != NULL)
			l->events->output_done(l->owner, n);
	}
	if (is_alive(l) && l->write_fault != LINK_OK)
		deferred_queue(l->loop, &l->turn_end);
}

/*
 * Nothing can be sent any more, but an answer may have come before the
 * connection broke: an upstream that refuses a body answers and closes.
 */
static void
read_last(struct link *l)
{
	for (unsigned i = 0; i < LAST_READS && is_reading(l); i++)
		if (!read_once(l))
			break;
	if (is_alive(l))
		fail(l, l->write_fault);
}

static void
turn_ended(void *arg)
{
	struct link *l = arg;

	if (l->drain && is_reading(l)) {
		l->drain = false;
		read_tls(l, 0);
	}
	if (is_alive(l) && l->write_fault != LINK_OK)
		read_last(l);
	if (l->wake && can_write(l))
		flush(l);
	if (l->closed || l->fault == LINK_OK || l->told)
		return;
	l->told = true;
	deferred_cancel(&l->turn_end);
	l->events->error(l->owner, l->fault);
}

struct link *
link_new(struct loop *loop, int fd, const struct link_events *events,
    void *owner)
{
	struct link *l = xcalloc(1, sizeof(*l));

	l->loop = loop;
	l->fd = fd;
	l->events = events;
	l->owner = owner;
	deferred_init(&l->turn_end, LOOP_SOON, turn_ended, l);
	arm(l, &l->readable, EV_READ, on_readable);
	return l;
}

struct link *
link_new_tls(struct loop *loop, SSL *ssl, int fd,
    const struct link_events *events, void *owner)
{
	struct link *l = link_new(loop, fd, events, owner);

	/* Without it, a record takes two reads. */
	SSL_set_read_ahead(ssl, 1);
	l->ssl = ssl;
	l->bio = tls_bio_of(ssl);
	if (l->bio == NULL)
		l->bio = tls_bio_attach(ssl, fd);
	if (buf_len(tls_bio_pending(l->bio)) != 0)
		block(l);
	return l;
}

void
link_set_owner(struct link *l, const struct link_events *events, void *owner)
{
	l->events = events;
	l->owner = owner;
}

/* The SSL has read ahead, perhaps the end. */
static bool
holds_input(const struct link *l)
{
	return l->ssl != NULL && (SSL_has_pending(l->ssl) == 1 ||
	    (SSL_get_shutdown(l->ssl) & SSL_RECEIVED_SHUTDOWN) != 0);
}

void
link_want_input(struct link *l, bool on)
{
	if (l->want_input == on)
		return;
	l->want_input = on;
	if (!is_reading(l))
		return;
	watch(l, false);
	if (holds_input(l)) {
		l->drain = true;
		deferred_queue(l->loop, &l->turn_end);
	}
}

void
link_wake(struct link *l)
{
	l->wake = true;
	if (can_write(l))
		deferred_queue(l->loop, &l->turn_end);
}

void
link_flush(struct link *l)
{
	flush(l);
}

bool
link_is_blocked(const struct link *l)
{
	return l->writable != NULL;
}

/* What the link's end means for TLS; what is left to send, or NULL. */
static struct buf *
end_tls(struct link *l)
{
	if (l->ssl == NULL || l->fault != LINK_OK ||
	    l->write_fault != LINK_OK)
		return NULL;
	if (l->end == LINK_END_ABORT) {
		/* The session is as good as before; the rest is not sent. */
		SSL_set_shutdown(l->ssl,
		    SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
		return NULL;
	}
	ERR_clear_error();
	SSL_shutdown(l->ssl);
	ERR_clear_error();
	return tls_bio_flush(l->bio) == EAGAIN ? tls_bio_pending(l->bio) :
	    NULL;
}

static void
end_socket(struct link *l, struct buf *rest)
{
	struct linger none = { .l_onoff = 1 };

	if (l->end == LINK_END_ABORT)
		setsockopt(l->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	if (rest != NULL || (l->end == LINK_END_LINGER &&
	    l->fault == LINK_OK))
		linger_start(l->loop, l->fd, rest);
	else
		close(l->fd);
}

static void
reap(void *arg)
{
	struct link *l = arg;

	end_socket(l, end_tls(l));
	SSL_free(l->ssl);
	free(l);
}

void
link_close(struct link **p, enum link_end end)
{
	struct link *l = *p;

	*p = NULL;
	if (l == NULL)
		return;
	unwatch(l);
	l->closed = true;
	l->end = end;
	deferred_cancel(&l->turn_end);
	deferred_init(&l->turn_end, LOOP_LATE, reap, l);
	deferred_queue(l->loop, &l->turn_end);
}

int
link_fd(const struct link *l)
{
	return l->fd;
}

uint64_t
link_received(const struct link *l)
{
	return l->received;
}

uint64_t
link_sent(const struct link *l)
{
	return l->sent;
}

uint64_t
link_waiting(const struct link *l)
{
	int n;

	if (l->ssl != NULL || ioctl(l->fd, SIOCOUTQ, &n) != 0 || n < 0)
		return 0;
	return (uint64_t)n;
}
