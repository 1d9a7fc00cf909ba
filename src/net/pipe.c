/*
 * System calls and TLS of a link; see pipe.h.
 */
#include "net/pipe.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/tls_bio.h"

/* The largest plaintext of a record (RFC 8446 section 5.1). */
#define RECORD_MAX	16384

void
pipe_init(struct pipe *p, int fd, SSL *ssl)
{
	*p = (struct pipe){ .ssl = ssl, .fd = fd };
	if (ssl == NULL)
		return;
	/* Without read-ahead, a record takes two reads. */
	SSL_set_read_ahead(ssl, 1);
	p->bio = tls_bio_of(ssl);
	if (p->bio == NULL)
		p->bio = tls_bio_attach(ssl, fd);
}

void
pipe_release(struct pipe *p)
{
	SSL_free(p->ssl);
	p->ssl = NULL;
	p->bio = NULL;
}

static enum pipe_state
broken_by(struct pipe *p, int e)
{
	p->error = e;
	switch (e) {
	case ECONNRESET:
	case EPIPE:
	case ETIMEDOUT:
	case ENOTCONN:
		return PIPE_RESET;
	default:
		return PIPE_BROKEN;
	}
}

/* -- reading -- */

void
pipe_allow_reads(struct pipe *p, int reads)
{
	if (p->ssl != NULL)
		tls_bio_allow_reads(p->bio, reads);
}

static enum pipe_state
read_plain(struct pipe *p, uint8_t *into, size_t size, size_t *n)
{
	ssize_t got = recv(p->fd, into, size, 0);

	if (got > 0)
		*n = (size_t)got;
	else if (got == 0)
		return PIPE_ENDED;
	else if (errno != EAGAIN && errno != EINTR)
		return broken_by(p, errno);
	return PIPE_WAIT;
}

/* The state after SSL_read_ex() or SSL_write_ex() failed. */
static enum pipe_state
tls_state(struct pipe *p)
{
	if (tls_bio_is_flooded(p->bio) || tls_bio_is_broken(p->bio))
		return PIPE_GARBLED;
	switch (SSL_get_error(p->ssl, 0)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return PIPE_WAIT;
	case SSL_ERROR_ZERO_RETURN:
		return PIPE_ENDED;
	case SSL_ERROR_SYSCALL:
		if (tls_bio_eof(p->bio))
			return PIPE_CUT;
		return broken_by(p, tls_bio_errno(p->bio));
	default:
		return PIPE_GARBLED;
	}
}

static void
note_received(struct pipe *p, size_t n)
{
	uint64_t before = p->received / PIPE_BYTES_PER_MESSAGE;

	p->received += n;
	if (p->received / PIPE_BYTES_PER_MESSAGE != before)
		tls_bio_allow_message(p->bio);
}

static enum pipe_state
read_tls(struct pipe *p, uint8_t *into, size_t size, size_t *n)
{
	size_t got;

	while (size - *n >= RECORD_MAX) {
		ERR_clear_error();
		if (SSL_read_ex(p->ssl, into + *n, size - *n, &got) != 1)
			return tls_state(p);
		*n += got;
		note_received(p, got);
		if (tls_bio_is_flooded(p->bio))
			return PIPE_GARBLED;
		if (SSL_has_pending(p->ssl) == 0 &&
		    !tls_bio_holds_input(p->bio))
			return PIPE_WAIT;
	}
	return PIPE_MORE;
}

enum pipe_state
pipe_read(struct pipe *p, uint8_t *into, size_t size, size_t *n)
{
	*n = 0;
	return p->ssl != NULL ? read_tls(p, into, size, n) :
	    read_plain(p, into, size, n);
}

bool
pipe_holds_input(const struct pipe *p)
{
	return p->ssl != NULL && (SSL_has_pending(p->ssl) == 1 ||
	    (SSL_get_shutdown(p->ssl) & SSL_RECEIVED_SHUTDOWN) != 0 ||
	    tls_bio_holds_input(p->bio));
}

/* Reads records that TLS sends for itself, such as tickets, on the way. */
static enum pipe_state
peek_tls(struct pipe *p)
{
	uint8_t byte;
	size_t n;

	/* One read for those records, one to see that there is no more. */
	pipe_allow_reads(p, 2);
	ERR_clear_error();
	return SSL_peek_ex(p->ssl, &byte, 1, &n) == 1 ? PIPE_MORE :
	    tls_state(p);
}

enum pipe_state
pipe_look(struct pipe *p)
{
	uint8_t byte;
	ssize_t n;

	if (p->ssl != NULL)
		return peek_tls(p);
	n = recv(p->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	if (n == -1)
		return errno == EAGAIN ? PIPE_WAIT : broken_by(p, errno);
	return n == 0 ? PIPE_ENDED : PIPE_MORE;
}

/* -- writing -- */

static enum pipe_state
write_plain(struct pipe *p, struct text t, size_t *n)
{
	ssize_t done;

	do {
		done = send(p->fd, t.p, t.n, MSG_NOSIGNAL);
	} while (done == -1 && errno == EINTR);
	if (done == -1 && errno != EAGAIN)
		return broken_by(p, errno);
	if (done > 0)
		*n = (size_t)done;
	p->written += *n;
	return *n < t.n ? PIPE_WAIT : PIPE_MORE;
}

/* Writes one record at most; the BIO takes it whole. */
static enum pipe_state
write_tls(struct pipe *p, struct text t, size_t *n)
{
	ERR_clear_error();
	if (SSL_write_ex(p->ssl, t.p, t.n < RECORD_MAX ? t.n : RECORD_MAX,
	    n) == 1)
		return pipe_pending(p) != 0 ? PIPE_WAIT : PIPE_MORE;
	*n = 0;
	if (tls_bio_is_broken(p->bio) ||
	    SSL_get_error(p->ssl, 0) != SSL_ERROR_SYSCALL)
		return PIPE_GARBLED;
	return broken_by(p, tls_bio_errno(p->bio));
}

enum pipe_state
pipe_write(struct pipe *p, struct text t, size_t *n)
{
	*n = 0;
	return p->ssl != NULL ? write_tls(p, t, n) : write_plain(p, t, n);
}

enum pipe_state
pipe_flush(struct pipe *p)
{
	int e = p->ssl != NULL ? tls_bio_flush(p->bio) : 0;

	if (e == 0)
		return PIPE_MORE;
	return e == EAGAIN ? PIPE_WAIT : broken_by(p, e);
}

size_t
pipe_pending(const struct pipe *p)
{
	return p->ssl != NULL ? buf_len(tls_bio_pending(p->bio)) : 0;
}

/* -- the socket -- */

/* TCP only: bytes not sent, or sent and not acknowledged. */
static uint64_t
queued(const struct pipe *p)
{
	int n;

	if (ioctl(p->fd, SIOCOUTQ, &n) != 0 || n < 0)
		return 0;
	return (uint64_t)n;
}

uint64_t
pipe_unsent(const struct pipe *p)
{
	return p->ssl == NULL ? queued(p) : 0;
}

uint64_t
pipe_written(const struct pipe *p)
{
	return p->ssl != NULL ? tls_bio_written(p->bio) : p->written;
}

uint64_t
pipe_arrived(const struct pipe *p)
{
	uint64_t written = pipe_written(p);
	uint64_t here = pipe_pending(p) + queued(p);

	return written > here ? written - here : 0;
}

bool
pipe_is_gone(const struct pipe *p)
{
	struct pollfd pfd = { .fd = p->fd };

	return poll(&pfd, 1, 0) == 1 &&
	    (pfd.revents & (POLLERR | POLLHUP)) != 0;
}

void
pipe_complaint(const struct pipe *p, char *why, size_t why_size)
{
	if (p->error != 0)
		(void)snprintf(why, why_size, "%s", strerror(p->error));
	else
		tls_bio_complaint(p->ssl, why, why_size);
}

/* -- the end -- */

struct buf *
pipe_finish(struct pipe *p)
{
	if (p->ssl == NULL)
		return NULL;
	ERR_clear_error();
	SSL_shutdown(p->ssl);
	ERR_clear_error();
	tls_bio_end_outer(p->bio);
	return pipe_flush(p) == PIPE_WAIT ? tls_bio_pending(p->bio) : NULL;
}

void
pipe_abandon(struct pipe *p)
{
	if (p->ssl != NULL)
		SSL_set_shutdown(p->ssl,
		    SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}
