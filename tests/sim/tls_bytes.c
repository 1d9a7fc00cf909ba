/*
 * net/tls_bio.h, and of OpenSSL what net/pipe needs, over the wires of the
 * simulated world: bytes pass as they are; see handshake.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/ssl.h>

#include "fate.h"
#include "handshake.h"
#include "history.h"
#include "net/tls_bio.h"
#include "socket.h"

#define RECORD_MAX	16384

struct wire *
handshake_wire(const SSL *ssl)
{
	return (struct wire *)(uintptr_t)ssl;
}

struct tls *
handshake_tls(const SSL *ssl)
{
	must(ssl != NULL && handshake_wire(ssl)->tls != NULL,
	    "TLS is used that was freed");
	return handshake_wire(ssl)->tls;
}

static struct tls *
tls_of(const BIO *bio)
{
	return handshake_tls((const SSL *)(const void *)bio);
}

/* -- reading and writing -- */

void
handshake_read_ahead(struct wire *w)
{
	struct tls *t = w->tls;
	size_t n = buf_len(&w->in);

	if (n == 0 || t->reads == 0)
		return;
	t->reads -= t->reads > 0;
	n = fate_piece(n < RECORD_MAX ? n : RECORD_MAX);
	buf_append(&t->ahead, buf_data(&w->in), n);
	wire_take(w, n);
}

static int
fail(struct tls *t, int error, int number)
{
	t->error = error;
	t->number = number;
	return 0;
}

int
SSL_read_ex(SSL *ssl, void *to, size_t most, size_t *n)
{
	struct wire *w = handshake_wire(ssl);
	struct tls *t = handshake_tls(ssl);
	bool may_read = t->reads != 0;

	if (w->peer_end == WIRE_RESET && may_read)
		return fail(t, SSL_ERROR_SYSCALL, ECONNRESET);
	if (buf_len(&t->ahead) == 0)
		handshake_read_ahead(w);
	*n = buf_len(&t->ahead);
	if (*n == 0 && (!may_read || w->peer_end == WIRE_OPEN))
		return fail(t, SSL_ERROR_WANT_READ, EAGAIN);
	if (*n == 0)
		return fail(t, w->peer_end == WIRE_CLEAN ?
		    SSL_ERROR_ZERO_RETURN : SSL_ERROR_SYSCALL, 0);
	*n = fate_piece(*n < most ? *n : most);
	memcpy(to, buf_data(&t->ahead), *n);
	buf_consume(&t->ahead, *n);
	return 1;
}

int
SSL_write_ex(SSL *ssl, const void *from, size_t n, size_t *done)
{
	struct tls *t = handshake_tls(ssl);
	int e;

	buf_append(&t->pending, from, n);
	*done = n;
	e = tls_bio_flush(tls_bio_of(ssl));
	return e == 0 || e == EAGAIN ? 1 : fail(t, SSL_ERROR_SYSCALL, e);
}

int
SSL_get_error(const SSL *ssl, int result)
{
	(void)result;
	return handshake_tls(ssl)->error;
}

int
SSL_has_pending(const SSL *ssl)
{
	return buf_len(&handshake_tls(ssl)->ahead) != 0;
}

int
SSL_get_shutdown(const SSL *ssl)
{
	return handshake_tls(ssl)->error == SSL_ERROR_ZERO_RETURN ?
	    SSL_RECEIVED_SHUTDOWN : 0;
}

void
SSL_set_read_ahead(SSL *ssl, int on)
{
	(void)ssl;
	(void)on;
}

/* -- net/tls_bio.h -- */

BIO *
tls_bio_of(SSL *ssl)
{
	return (BIO *)(void *)ssl;
}

void
tls_bio_allow_reads(BIO *bio, int n)
{
	tls_of(bio)->reads = n;
}

int
tls_bio_flush(BIO *bio)
{
	struct tls *t = tls_of(bio);
	int fd = socket_fd((struct wire *)(void *)bio);
	ssize_t n;

	while (buf_len(&t->pending) != 0) {
		n = send(fd, buf_data(&t->pending), buf_len(&t->pending), 0);
		if (n == -1)
			return t->number = errno;
		buf_consume(&t->pending, (size_t)n);
	}
	return 0;
}

struct buf *
tls_bio_pending(BIO *bio)
{
	return &tls_of(bio)->pending;
}

bool
tls_bio_eof(const BIO *bio)
{
	return tls_of(bio)->number == 0;
}

int
tls_bio_errno(const BIO *bio)
{
	return tls_of(bio)->number;
}

bool
tls_bio_is_broken(const BIO *bio)
{
	return tls_of(bio)->broken;
}

void
tls_bio_complaint(SSL *ssl, char *why, size_t why_size)
{
	(void)ssl;
	(void)snprintf(why, why_size, "the connection ended");
}

/* There is no more TLS around any. */
bool
tls_bio_holds_input(const BIO *bio)
{
	(void)bio;
	return false;
}

void
tls_bio_allow_message(BIO *bio)
{
	(void)bio;
}

bool
tls_bio_is_flooded(const BIO *bio)
{
	(void)bio;
	return false;
}

/* -- what no dial comes to -- */

static _Noreturn void
unexpected(void)
{
	finding("a dial has to do with TLS of clients, or of links");
}

BIO *
tls_bio_attach(SSL *ssl, int fd)
{
	(void)ssl;
	(void)fd;
	unexpected();
}

uint8_t
tls_bio_alert(const BIO *bio)
{
	(void)bio;
	unexpected();
}

uint64_t
tls_bio_written(const BIO *bio)
{
	(void)bio;
	unexpected();
}

void
tls_bio_end_outer(BIO *bio)
{
	(void)bio;
	unexpected();
}
