/*
 * The header of an age file; see header.h.
 *
 *	age-encryption.org/v1
 *	-> TYPE ARGUMENT ...
 *	BASE64 IN LINES OF 64 CHARACTERS, THE LAST ONE SHORTER, MAYBE EMPTY
 *	--- BASE64 OF THE CODE
 */
#include "seal/header.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/base64.h"

#define BODY_LINE	64	/* characters; 48 bytes */

/* The beginning that all versions have. */
#define FAMILY		(sizeof("age-encryption.org/") - 1)

/* "v" and a number of more than one digit, or above 1. */
static bool
is_newer(const uint8_t *p, size_t n)
{
	if (n < 2 || p[0] != 'v' || p[1] < '1' || p[1] > '9')
		return false;
	return p[1] != '1' || (n > 2 && p[2] >= '0' && p[2] <= '9');
}

enum status
header_check_start(const uint8_t *p, size_t n)
{
	static const char version[] = HEADER_VERSION;
	size_t known = sizeof(version) - 1;

	if (memcmp(p, version, n < known ? n : known) == 0)
		return STATUS_OK;
	if (memcmp(p, version, n < FAMILY ? n : FAMILY) != 0)
		return STATUS_NOT_AGE;
	return is_newer(p + FAMILY, n - FAMILY) ? STATUS_VERSION :
	    STATUS_HEADER;
}

unsigned
header_version(const uint8_t *p, size_t n)
{
	unsigned version = 0;

	for (size_t i = FAMILY + 1; i < n && version < 100000000 &&
	    p[i] >= '0' && p[i] <= '9'; i++)
		version = version * 10 + (unsigned)(p[i] - '0');
	return version;
}

bool
header_is_last_line(const uint8_t *p, size_t n)
{
	return n >= 4 && memcmp(p, "---", 3) == 0 && p[n - 1] == '\n';
}

/* Takes the next line off *rest, without its newline. */
static bool
take_line(struct text *rest, struct text *line)
{
	const char *end = rest->n != 0 ? memchr(rest->p, '\n', rest->n) : NULL;

	if (end == NULL)
		return false;
	*line = text_range(rest->p, end);
	*rest = text_range(end + 1, rest->p + rest->n);
	return true;
}

static bool
is_argument(struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] < 33 || t.p[i] > 126)
			return false;
	}
	return t.n != 0;
}

static enum status
parse_args(struct stanza *s, struct text line)
{
	struct text arg;
	size_t room = 0;

	while (text_split(&line, ' ', &arg)) {
		if (!is_argument(arg))
			return STATUS_HEADER;
		if (s->n_args == room) {
			room = room != 0 ? room * 2 : 4;
			s->args = xreallocarray(s->args, room,
			    sizeof(*s->args));
		}
		s->args[s->n_args++] = arg;
	}
	return STATUS_OK;
}

/* A body has any number of full lines and a shorter one at its end. */
static enum status
parse_body(struct stanza *s, struct text *rest)
{
	const char *from = rest->p;
	struct text line;
	size_t n;

	do {
		if (!take_line(rest, &line) || line.n > BODY_LINE)
			return STATUS_HEADER;
	} while (line.n == BODY_LINE);
	s->body = xmalloc(BASE64_ROOM((size_t)(rest->p - from)));
	do {
		n = BASE64_ROOM(BODY_LINE);
		line = text_range(from, memchr(from, '\n',
		    (size_t)(rest->p - from)));
		if (!base64_decode(line, s->body + s->n_body, &n))
			return STATUS_HEADER;
		s->n_body += n;
		from += line.n + 1;
	} while (line.n == BODY_LINE);
	return STATUS_OK;
}

static struct stanza *
add_stanza(struct header *h)
{
	struct stanza *s;

	/* Doubled at powers of two. */
	if ((h->n_stanzas & (h->n_stanzas - 1)) == 0)
		h->stanzas = xreallocarray(h->stanzas,
		    h->n_stanzas != 0 ? h->n_stanzas * 2 : 1,
		    sizeof(*h->stanzas));
	s = &h->stanzas[h->n_stanzas++];
	*s = (struct stanza){ .n_args = 0 };
	return s;
}

static enum status
parse_stanza(struct header *h, struct text line, struct text *rest)
{
	struct stanza *s = add_stanza(h);
	enum status status;

	line = text_range(line.p + 3, line.p + line.n);
	if ((status = parse_args(s, line)) != STATUS_OK)
		return status;
	return parse_body(s, rest);
}

static enum status
parse_mac(struct header *h, struct text line)
{
	uint8_t mac[BASE64_ROOM(BASE64_LEN(CRYPTO_HASH))];
	size_t n = sizeof(mac);

	if (!text_starts_with(line, TEXT("--- ")) ||
	    !base64_decode(text_range(line.p + 4, line.p + line.n), mac, &n) ||
	    n != CRYPTO_HASH)
		return STATUS_HEADER;
	memcpy(h->mac, mac, CRYPTO_HASH);
	return STATUS_OK;
}

enum status
header_parse(struct header *h, const uint8_t *p, size_t n)
{
	struct text rest = { .p = (const char *)p, .n = n }, line;
	enum status status;

	*h = (struct header){ .n_stanzas = 0 };
	if ((status = header_check_start(p, n)) != STATUS_OK)
		return status;
	if (!take_line(&rest, &line))
		return STATUS_HEADER;
	while (take_line(&rest, &line) &&
	    text_starts_with(line, TEXT("-> "))) {
		if ((status = parse_stanza(h, line, &rest)) != STATUS_OK)
			return status;
	}
	/* take_line() leaves line alone where there is none. */
	if (rest.n != 0 || h->n_stanzas == 0)
		return STATUS_HEADER;
	if ((status = parse_mac(h, line)) != STATUS_OK)
		return status;
	h->signed_part = (struct span){ .p = p,
	    .n = (size_t)((const uint8_t *)line.p - p) + 3 };
	return STATUS_OK;
}

void
header_free(struct header *h)
{
	for (size_t i = 0; i < h->n_stanzas; i++) {
		free(h->stanzas[i].args);
		free(h->stanzas[i].body);
	}
	free(h->stanzas);
	*h = (struct header){ .n_stanzas = 0 };
}

/* The code of a header up to and including its "---". */
static enum status
make_mac(struct span signed_part, const struct secret *file_key,
    uint8_t mac[CRYPTO_HASH])
{
	struct span ikm = { secret_read(file_key), secret_len(file_key) };
	struct span none = { .n = 0 };
	uint8_t key[CRYPTO_KEY];
	bool ok;

	ok = crypto_hkdf(ikm, none, SPAN("header"), key, sizeof(key)) &&
	    crypto_hmac((struct span){ key, sizeof(key) }, signed_part, mac);
	explicit_bzero(key, sizeof(key));
	return ok ? STATUS_OK : STATUS_CRYPTO;
}

enum status
header_verify(const struct header *h, const struct secret *file_key)
{
	uint8_t mac[CRYPTO_HASH];
	enum status status;

	if ((status = make_mac(h->signed_part, file_key, mac)) != STATUS_OK)
		return status;
	return secret_same(mac, h->mac, sizeof(mac)) ?
	    STATUS_OK : STATUS_HEADER_MAC;
}

void
header_write_start(struct buf *b)
{
	buf_append_text(b, TEXT(HEADER_VERSION));
}

/* Lines of BODY_LINE characters; the last one is shorter, maybe empty. */
static void
write_body(struct buf *b, struct span body)
{
	const size_t full = BODY_LINE / 4 * 3;
	size_t n, length;

	do {
		n = body.n < full ? body.n : full;
		length = BASE64_LEN(n);
		base64_encode(body.p, n, (char *)buf_reserve(b, length));
		buf_commit(b, length);
		buf_append_text(b, TEXT("\n"));
		body.p += n;
		body.n -= n;
	} while (n == full);
}

void
header_write_stanza(struct buf *b, const struct text *args, size_t n_args,
    struct span body)
{
	buf_append_text(b, TEXT("->"));
	for (size_t i = 0; i < n_args; i++) {
		buf_append_text(b, TEXT(" "));
		buf_append_text(b, args[i]);
	}
	buf_append_text(b, TEXT("\n"));
	write_body(b, body);
}

enum status
header_write_end(struct buf *b, const struct secret *file_key)
{
	uint8_t mac[CRYPTO_HASH];
	char text[BASE64_LEN(CRYPTO_HASH)];
	enum status status;

	buf_append_text(b, TEXT("---"));
	status = make_mac((struct span){ buf_data(b), buf_len(b) }, file_key,
	    mac);
	if (status != STATUS_OK)
		return status;
	base64_encode(mac, sizeof(mac), text);
	buf_append_text(b, TEXT(" "));
	buf_append(b, text, sizeof(text));
	buf_append_text(b, TEXT("\n"));
	return STATUS_OK;
}
