/*
 * A socket BIO of our own; see tls_bio.h.  Called by OpenSSL, set up by
 * dialling, driven by links.
 */
#include "net/tls_bio.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "base/alloc.h"
#include "net/tls_alert.h"

struct tls_bio {
	SSL *outer;		/* TLS around this one; NULL: none */
	struct tls_bio *bottom;	/* the outermost, which has the socket; may
				   be this */
	bool broken;		/* that has failed */
	int fd;			/* where there is none: the socket, and the
				   bytes of the wire */
	int reads;		/* reads allowed, or TLS_BIO_UNLIMITED */
	int error;
	bool eof;
	uint64_t messages;	/* messages that may still come */
	bool flooded;
	uint8_t alert;		/* the alert that came last */
	uint64_t written;	/* bytes, pending ones included */
	struct buf pending;
};

/* The table of the functions below: made once per process, never changed. */
static BIO_METHOD *method;
static int method_type;
static CRYPTO_ONCE method_once = CRYPTO_ONCE_STATIC_INIT;

static struct tls_bio *
get(const BIO *b)
{
	/* BIO_get_data() takes no const, though it changes nothing. */
	union { const BIO *in; BIO *out; } u = { .in = b };

	return BIO_get_data(u.out);
}

/* -- TLS around it -- */

/* Its end is not that of TLS within, which knows itself if it was cut off. */
static void
outer_failed(struct tls_bio *x, BIO *b)
{
	const struct tls_bio *outer = get(tls_bio_of(x->outer));

	switch (SSL_get_error(x->outer, 0)) {
	case SSL_ERROR_WANT_READ:
		BIO_set_retry_read(b);
		break;
	case SSL_ERROR_ZERO_RETURN:
		x->eof = !outer->flooded;
		x->broken = outer->flooded;
		break;
	case SSL_ERROR_SYSCALL:
		x->eof = outer->eof;
		x->error = outer->error;
		break;
	default:
		x->broken = true;
		break;
	}
	/* It would be taken for an error of TLS within. */
	ERR_clear_error();
}

static int
read_outer(struct tls_bio *x, BIO *b, char *into, int size)
{
	size_t n;

	ERR_clear_error();
	if (SSL_read_ex(x->outer, into, (size_t)size, &n) == 1)
		return (int)n;
	outer_failed(x, b);
	return x->eof ? 0 : -1;
}

/*
 * One record for another, or two: what is around it makes it longer.  It may be
 * an alert about an error of TLS within, which must stay in the queue.
 */
static int
write_outer(struct tls_bio *x, const char *p, int size)
{
	size_t left = (size_t)size, n;

	(void)ERR_set_mark();
	while (left != 0 && SSL_write_ex(x->outer, p, left, &n) == 1) {
		p += n;
		left -= n;
	}
	(void)ERR_pop_to_mark();
	if (left == 0)
		return size;
	x->error = get(tls_bio_of(x->outer))->error;
	x->broken = x->error == 0;
	return -1;
}

/* -- the socket -- */

static int
tls_bio_on_read(BIO *b, char *into, int size)
{
	struct tls_bio *x = get(b);
	ssize_t n;

	BIO_clear_retry_flags(b);
	if (x->outer != NULL)
		return read_outer(x, b, into, size);
	if (x->reads == 0) {
		BIO_set_retry_read(b);
		return -1;
	}
	do {
		n = recv(x->fd, into, (size_t)size, 0);
	} while (n == -1 && errno == EINTR);
	if (x->reads > 0)
		x->reads--;
	if (n > 0)
		return (int)n;
	if (n == 0) {
		x->eof = true;
		x->reads = 0;
		return 0;
	}
	if (errno == EAGAIN)
		BIO_set_retry_read(b);
	else
		x->error = errno;
	return -1;
}

static ssize_t
send_some(struct tls_bio *x, const void *p, size_t n)
{
	ssize_t done;

	do {
		done = send(x->fd, p, n, MSG_NOSIGNAL);
	} while (done == -1 && errno == EINTR);
	if (done == -1 && errno == EAGAIN)
		return 0;
	if (done == -1)
		x->error = errno;
	return done;
}

static int
tls_bio_on_write(BIO *b, const char *p, int size)
{
	struct tls_bio *x = get(b);
	size_t n = (size_t)size;
	ssize_t done = 0;

	BIO_clear_retry_flags(b);
	if (x->outer != NULL)
		return write_outer(x, p, size);
	if (buf_len(&x->pending) == 0)
		done = send_some(x, p, n);
	if (done == -1)
		return -1;
	x->written += n;
	buf_append(&x->pending, p + done, n - (size_t)done);
	return size;
}

/* -- for OpenSSL -- */

/*
 * One message too many.  Without the shutdown OpenSSL would process everything
 * that was read ahead.
 */
static void
count_message(struct tls_bio *x, SSL *ssl)
{
	if (x->messages-- > 0)
		return;
	x->messages = 0;
	x->flooded = true;
	SSL_set_shutdown(ssl, SSL_RECEIVED_SHUTDOWN);
}

static void
tls_bio_on_message(int written, int version, int type, const void *bytes,
    size_t n, SSL *ssl, void *arg)
{
	struct tls_bio *x = arg;

	(void)version;
	if (written)
		return;
	if (type == SSL3_RT_HANDSHAKE)
		count_message(x, ssl);
	else if (type == SSL3_RT_ALERT && n == 2)
		x->alert = ((const uint8_t *)bytes)[1];
}

static long
tls_bio_on_ctrl(BIO *b, int command, long number, void *p)
{
	(void)number;
	switch (command) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_WPENDING:
		return (long)buf_len(&get(b)->bottom->pending);
	case BIO_C_GET_FD:
		if (p != NULL)
			*(int *)p = get(b)->bottom->fd;
		return get(b)->bottom->fd;
	default:
		return 0;
	}
}

static int
tls_bio_on_destroy(BIO *b)
{
	struct tls_bio *x = get(b);

	if (x != NULL) {
		buf_release(&x->pending);
		SSL_free(x->outer);
	}
	free(x);
	BIO_set_data(b, NULL);
	return 1;
}

static void
make_method(void)
{
	method_type = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK |
	    BIO_TYPE_DESCRIPTOR;
	method = BIO_meth_new(method_type, "sallyport socket");
	if (method == NULL)
		abort();
	BIO_meth_set_read(method, tls_bio_on_read);
	BIO_meth_set_write(method, tls_bio_on_write);
	BIO_meth_set_ctrl(method, tls_bio_on_ctrl);
	BIO_meth_set_destroy(method, tls_bio_on_destroy);
}

/* -- for net/ -- */

static BIO *
attach(SSL *ssl, SSL *outer, int fd)
{
	struct tls_bio *x = xcalloc(1, sizeof(*x));
	BIO *b;

	if (CRYPTO_THREAD_run_once(&method_once, make_method) == 0 ||
	    (b = BIO_new(method)) == NULL)
		abort();
	x->outer = outer;
	x->bottom = outer != NULL ? get(tls_bio_of(outer))->bottom : x;
	x->fd = fd;
	x->reads = TLS_BIO_UNLIMITED;
	x->messages = TLS_BIO_MESSAGES_MAX;
	buf_init(&x->pending, NULL);
	BIO_set_data(b, x);
	BIO_set_init(b, 1);
	SSL_set_bio(ssl, b, b);
	SSL_set_msg_callback(ssl, tls_bio_on_message);
	SSL_set_msg_callback_arg(ssl, x);
	return b;
}

BIO *
tls_bio_attach(SSL *ssl, int fd)
{
	return attach(ssl, NULL, fd);
}

BIO *
tls_bio_attach_within(SSL *ssl, SSL *outer)
{
	return attach(ssl, outer, -1);
}

BIO *
tls_bio_of(SSL *ssl)
{
	BIO *b = SSL_get_rbio(ssl);

	if (b == NULL || method == NULL ||
	    BIO_method_type(b) != method_type)
		return NULL;
	return b;
}

void
tls_bio_allow_reads(BIO *b, int n)
{
	get(b)->bottom->reads = n;
}

void
tls_bio_allow_message(BIO *b)
{
	struct tls_bio *x = get(b);

	x->messages++;
	if (x->outer != NULL)
		tls_bio_allow_message(tls_bio_of(x->outer));
}

bool
tls_bio_is_flooded(const BIO *b)
{
	return get(b)->flooded;
}

uint8_t
tls_bio_alert(const BIO *b)
{
	return get(b)->alert;
}

struct buf *
tls_bio_pending(BIO *b)
{
	return &get(b)->bottom->pending;
}

int
tls_bio_flush(BIO *b)
{
	struct tls_bio *x = get(b)->bottom;
	ssize_t n;

	while (buf_len(&x->pending) != 0) {
		n = send_some(x, buf_data(&x->pending), buf_len(&x->pending));
		if (n == -1)
			return x->error;
		if (n == 0)
			return EAGAIN;
		buf_consume(&x->pending, (size_t)n);
	}
	return 0;
}

uint64_t
tls_bio_written(const BIO *b)
{
	return get(b)->bottom->written;
}

bool
tls_bio_eof(const BIO *b)
{
	return get(b)->eof;
}

int
tls_bio_errno(const BIO *b)
{
	return get(b)->error;
}

bool
tls_bio_holds_input(const BIO *b)
{
	const struct tls_bio *x = get(b);

	return x->outer != NULL && (SSL_has_pending(x->outer) == 1 ||
	    (SSL_get_shutdown(x->outer) & SSL_RECEIVED_SHUTDOWN) != 0);
}

bool
tls_bio_is_broken(const BIO *b)
{
	return get(b)->broken;
}

void
tls_bio_end_outer(BIO *b)
{
	struct tls_bio *x = get(b);

	if (x->outer == NULL)
		return;
	ERR_clear_error();
	(void)SSL_shutdown(x->outer);
	ERR_clear_error();
}

void
tls_bio_complaint(SSL *ssl, char *why, size_t why_size)
{
	static const char with_proxy[] = "TLS with the proxy: ";
	const struct tls_bio *x = get(tls_bio_of(ssl));

	if (x->broken && why_size > sizeof(with_proxy)) {
		memcpy(why, with_proxy, sizeof(with_proxy));
		tls_bio_complaint(x->outer, why + sizeof(with_proxy) - 1,
		    why_size - sizeof(with_proxy) + 1);
	} else if (x->alert != TLS_ALERT_CLOSE_NOTIFY) {
		tls_alert_text(ssl, x->alert, why, why_size);
	} else {
		(void)snprintf(why, why_size, "%s", x->flooded ?
		    "too many messages" : "a broken record");
	}
}
