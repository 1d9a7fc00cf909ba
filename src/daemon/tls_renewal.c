/*
 * Renewed files as bytes; see tls_renewal.h.
 */
#include "daemon/tls_renewal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/secret_veil.h"

/* More than all files of a listener are. */
#define MOST		((size_t)256 * 1024 * 1024)

#define KEY_TEXT	BASE64_LEN(SECRET_VEIL_KEY)

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
	for (size_t i = 0; i < CONF_TLS_FILES; i++)
		r->span[i].subject[CERT_NAME - 1] = '\0';
	r->listener = (size_t)head.listener;
	return true;
}

bool
tls_renewal_send(int control, const struct secret *bytes)
{
	uint8_t key[SECRET_VEIL_KEY];
	char text[KEY_TEXT + 1];
	bool sent;
	int fd;

	if (secret_len(bytes) > MOST) {
		errno = EFBIG;
		return false;
	}
	fd = secret_veil(bytes, key);
	if (fd == -1)
		return false;
	base64_encode(key, sizeof(key), text);
	text[KEY_TEXT] = '\0';
	sent = control_send(control, CONTROL_RENEWAL, fd, text);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(text, sizeof(text));
	close(fd);
	return sent;
}

struct secret *
tls_renewal_from(const struct control_message *m)
{
	uint8_t room[BASE64_ROOM(KEY_TEXT)];
	struct secret *bytes = NULL;
	size_t n = sizeof(room);

	if (m->fd != -1 && strlen(m->text) == KEY_TEXT &&
	    base64_decode(text_of(m->text), room, &n) && n == SECRET_VEIL_KEY)
		bytes = secret_unveil(m->fd, MOST, room);
	explicit_bzero(room, sizeof(room));
	return bytes;
}
