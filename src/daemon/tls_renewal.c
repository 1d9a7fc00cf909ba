/*
 * Renewed files as bytes; see tls_renewal.h.
 */
#include "daemon/tls_renewal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "daemon/control_channel.h"

/* More than a pipe ever holds. */
#define MOST	((size_t)64 * 1024 * 1024)

/* Before the texts: sender and reader are the same program. */
struct head {
	struct cert_span span[CONF_TLS_FILES];
	uint64_t listener;
	uint64_t length[CONF_TLS_FILES];
};

struct tls_renewal
tls_renewal_of(size_t listener, const struct conf_listener_tls *tls)
{
	return (struct tls_renewal){
		.listener = listener,
		.certificate = tls->certificate,
		.certificate_key = secret_text(tls->certificate_key),
		.client_ca = tls->client_ca,
		.client_crl = tls->client_crl,
	};
}

static struct secret *
join(const struct head *head, const struct tls_renewal *r)
{
	const struct text parts[] = {
		{ .p = (const char *)head, .n = sizeof(*head) },
		r->certificate, r->certificate_key, r->client_ca, r->client_crl,
	};

	return secret_join(parts, sizeof(parts) / sizeof(*parts));
}

static void
set_lengths(struct head *head, const struct tls_renewal *r)
{
	head->length[CONF_TLS_CERTIFICATE] = r->certificate.n;
	head->length[CONF_TLS_KEY] = r->certificate_key.n;
	head->length[CONF_TLS_CLIENT_CA] = r->client_ca.n;
	head->length[CONF_TLS_CLIENT_CRL] = r->client_crl.n;
}

struct secret *
tls_renewal_pack(const struct tls_renewal *r)
{
	struct head head = { .listener = r->listener };

	set_lengths(&head, r);
	memcpy(head.span, r->span, sizeof(head.span));
	return join(&head, r);
}

bool
tls_renewal_digest(const struct tls_renewal *r, uint8_t out[DIGEST_SIZE])
{
	struct head head = { .listener = 0 };
	struct secret *all;
	bool good;

	set_lengths(&head, r);
	all = join(&head, r);
	good = digest_sha256(secret_read(all), secret_len(all), out);
	secret_free(all);
	return good;
}

/* The next text of that length; an empty one is not there. */
static struct text
next_text(struct text *rest, uint64_t n, bool *good)
{
	struct text t = { .p = rest->p, .n = (size_t)n };

	if (n > rest->n)
		*good = false;
	if (!*good || n == 0)
		return (struct text){ .p = NULL };
	rest->p += n;
	rest->n -= (size_t)n;
	return t;
}

static bool
read_texts(struct text rest, const uint64_t n[CONF_TLS_FILES],
    struct tls_renewal *r)
{
	bool good = true;

	r->certificate = next_text(&rest, n[CONF_TLS_CERTIFICATE], &good);
	r->certificate_key = next_text(&rest, n[CONF_TLS_KEY], &good);
	r->client_ca = next_text(&rest, n[CONF_TLS_CLIENT_CA], &good);
	r->client_crl = next_text(&rest, n[CONF_TLS_CLIENT_CRL], &good);
	return good && rest.n == 0;
}

bool
tls_renewal_read(const struct secret *bytes, const struct conf *conf,
    struct tls_renewal *r)
{
	struct text rest = secret_text(bytes);
	struct head head;

	if (rest.n < sizeof(head))
		return false;
	memcpy(&head, rest.p, sizeof(head));
	rest.p += sizeof(head);
	rest.n -= sizeof(head);
	if (!read_texts(rest, head.length, r) ||
	    head.listener >= conf->n_listeners ||
	    conf->listeners[head.listener].tls.certificate.p == NULL)
		return false;
	memcpy(r->span, head.span, sizeof(r->span));
	r->listener = (size_t)head.listener;
	return true;
}

/* The reading end of a pipe that holds them all, or -1. */
static int
pipe_of(const struct secret *bytes)
{
	size_t n = secret_len(bytes);
	int ends[2];
	ssize_t put;

	if (n > INT_MAX || pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return -1;
	(void)fcntl(ends[1], F_SETPIPE_SZ, (int)n);
	put = write(ends[1], secret_read(bytes), n);
	close(ends[1]);
	if (put >= 0 && (size_t)put == n)
		return ends[0];
	close(ends[0]);
	errno = EFBIG;
	return -1;
}

bool
tls_renewal_send(int control, const struct secret *bytes)
{
	int fd = pipe_of(bytes);
	bool sent;

	if (fd == -1)
		return false;
	sent = control_send(control, CONTROL_RENEWAL, fd, NULL);
	close(fd);
	return sent;
}

struct secret *
tls_renewal_from(int fd)
{
	return secret_from_fd(fd, MOST, NULL);
}
