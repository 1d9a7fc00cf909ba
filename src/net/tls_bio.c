/*
 * A socket BIO of our own; see tls_bio.h.  Called by OpenSSL, set up by
 * dialling, driven by links.
 */
#include "net/tls_bio.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>

#include "base/alloc.h"

struct tls_bio {
	int fd;
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

static int
tls_bio_on_read(BIO *b, char *into, int size)
{
	struct tls_bio *x = get(b);
	ssize_t n;

	BIO_clear_retry_flags(b);
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
	if (buf_len(&x->pending) == 0)
		done = send_some(x, p, n);
	if (done == -1)
		return -1;
	x->written += n;
	buf_append(&x->pending, p + done, n - (size_t)done);
	return size;
}

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
		return (long)buf_len(&get(b)->pending);
	case BIO_C_GET_FD:
		if (p != NULL)
			*(int *)p = get(b)->fd;
		return get(b)->fd;
	default:
		return 0;
	}
}

static int
tls_bio_on_destroy(BIO *b)
{
	struct tls_bio *x = get(b);

	if (x != NULL)
		buf_release(&x->pending);
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

BIO *
tls_bio_attach(SSL *ssl, int fd)
{
	struct tls_bio *x = xcalloc(1, sizeof(*x));
	BIO *b;

	if (CRYPTO_THREAD_run_once(&method_once, make_method) == 0 ||
	    (b = BIO_new(method)) == NULL)
		abort();
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
	get(b)->reads = n;
}

void
tls_bio_allow_message(BIO *b)
{
	get(b)->messages++;
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
	return &get(b)->pending;
}

int
tls_bio_flush(BIO *b)
{
	struct tls_bio *x = get(b);
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
	return get(b)->written;
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
