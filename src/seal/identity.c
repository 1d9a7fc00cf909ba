/*
 * Identities; see identity.h.
 */
#include "seal/identity.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "seal/bech32.h"
#include "seal/crypto.h"
#include "seal/passphrase.h"
#include "seal/x25519.h"

#define IDENTITY_PREFIX		TEXT("age-secret-key-")
#define IDENTITY_LEN		BECH32_LEN(15, CRYPTO_POINT)

struct identity {
	struct secret *scalar;
	uint8_t recipient[CRYPTO_POINT];
};

/* Learnt while a set is used that does not change otherwise. */
struct known_passphrase {
	struct passphrase_source source;	/* .ask NULL: asked already */
	struct secret *secret;			/* or NULL */
};

struct identities {
	struct identity *v;
	size_t n;
	struct known_passphrase *passphrase;
};

struct identities *
identities_new(void)
{
	struct identities *ids = xcalloc(1, sizeof(*ids));

	ids->passphrase = xcalloc(1, sizeof(*ids->passphrase));
	return ids;
}

/* Forgets those from the n-th on. */
static void
cut_to(struct identities *ids, size_t n)
{
	while (ids->n > n)
		secret_free(ids->v[--ids->n].scalar);
}

void
identities_free(struct identities *ids)
{
	if (ids == NULL)
		return;
	cut_to(ids, 0);
	secret_free(ids->passphrase->secret);
	free(ids->passphrase);
	free(ids->v);
	free(ids);
}

size_t
identities_count(const struct identities *ids)
{
	return ids->n;
}

void
identities_recipient(const struct identities *ids, size_t i, char *text)
{
	assert(i < ids->n);
	recipient_format(ids->v[i].recipient, text);
}

static enum status
parse_one(struct identities *ids, struct text t)
{
	struct identity id;

	if (text_starts_with(t, TEXT("AGE-SECRET-KEY-PQ-1")))
		return STATUS_NO_MLKEM;
	id.scalar = secret_new(CRYPTO_POINT);
	/* The form is all upper case; lower case alone is valid Bech32. */
	if (bech32_decode(t, IDENTITY_PREFIX, secret_bytes(id.scalar),
	    CRYPTO_POINT) != BECH32_OK || t.p[0] != 'A') {
		secret_free(id.scalar);
		return STATUS_BAD_IDENTITY;
	}
	if (!crypto_x25519_public(secret_read(id.scalar), id.recipient)) {
		secret_free(id.scalar);
		return STATUS_CRYPTO;
	}
	ids->v = xreallocarray(ids->v, ids->n + 1, sizeof(*ids->v));
	ids->v[ids->n++] = id;
	return STATUS_OK;
}

void
identities_ask_passphrase(struct identities *ids,
    struct passphrase_source source)
{
	ids->passphrase->source = source;
}

void
identities_set_passphrase(struct identities *ids, struct secret *passphrase)
{
	secret_free(ids->passphrase->secret);
	ids->passphrase->secret = passphrase;
}

void
identities_add_recipients(const struct identities *ids,
    struct recipients *recipients)
{
	for (size_t i = 0; i < ids->n; i++)
		recipients_add_point(recipients, ids->v[i].recipient);
}

/* A line that ended in CRLF counts as one that ended in LF. */
static struct text
without_cr(struct text line)
{
	if (line.n != 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

enum status
identities_parse(struct identities *ids, const uint8_t *p, size_t n,
    unsigned *line_number)
{
	struct text rest = { .p = (const char *)p, .n = n }, line;
	enum status status;
	size_t before = ids->n;

	*line_number = 0;
	while (rest.n != 0 && text_split(&rest, '\n', &line)) {
		++*line_number;
		line = without_cr(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if ((status = parse_one(ids, line)) != STATUS_OK) {
			cut_to(ids, before);
			return status;
		}
	}
	*line_number = 0;
	return ids->n > before ? STATUS_OK : STATUS_BAD_IDENTITY;
}

/* "AGE-SECRET-KEY-1..." of a scalar, IDENTITY_LEN + 1 bytes. */
static void
format_identity(const uint8_t scalar[CRYPTO_POINT], char *text)
{
	bech32_encode(IDENTITY_PREFIX, scalar, CRYPTO_POINT, text);
	for (; *text != '\0'; text++) {
		if (*text >= 'a' && *text <= 'z')
			*text = (char)(*text - 'a' + 'A');
	}
}

static struct secret *
identity_file(const uint8_t scalar[CRYPTO_POINT], int64_t created,
    const char *recipient)
{
	char time[CLOCK_TEXT], head[160];
	struct secret *text;
	char *p;
	int n;

	clock_format_s(time, created);
	n = snprintf(head, sizeof(head), "# created: %s\n# public key: %s\n",
	    time, recipient);
	assert(n > 0 && (size_t)n < sizeof(head));
	/* The NUL's place becomes the last newline. */
	text = secret_new((size_t)n + IDENTITY_LEN + 1);
	p = (char *)secret_bytes(text);
	memcpy(p, head, (size_t)n);
	format_identity(scalar, p + n);
	p[(size_t)n + IDENTITY_LEN] = '\n';
	return text;
}

enum status
identity_generate(int64_t created, struct secret **text, char *recipient)
{
	struct secret *scalar = secret_new(CRYPTO_POINT);
	uint8_t point[CRYPTO_POINT];
	enum status status = STATUS_CRYPTO;

	if (crypto_random(secret_bytes(scalar), CRYPTO_POINT) &&
	    crypto_x25519_public(secret_read(scalar), point)) {
		recipient_format(point, recipient);
		*text = identity_file(secret_read(scalar), created,
		    recipient);
		status = STATUS_OK;
	}
	secret_free(scalar);
	return status;
}

/* A passphrase is never one of several ways to open a file. */
static enum status
check_stanza(const struct header *h, const struct stanza *s)
{
	if (x25519_is(s))
		return x25519_check(s);
	if (!passphrase_is(s))
		return STATUS_OK;
	return h->n_stanzas == 1 ? passphrase_check(s) : STATUS_HEADER;
}

/* One malformed stanza of a known kind spoils the header. */
static enum status
check_stanzas(const struct header *h)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < h->n_stanzas && status == STATUS_OK; i++)
		status = check_stanza(h, &h->stanzas[i]);
	return status;
}

static enum status
unwrap_by_passphrase(struct known_passphrase *known, const struct stanza *s,
    struct secret **file_key)
{
	struct passphrase_source source = known->source;

	if (known->secret == NULL && source.ask != NULL) {
		known->source.ask = NULL;
		known->secret = source.ask(source.ctx);
	}
	if (known->secret == NULL)
		return STATUS_NEEDS_PASSPHRASE;
	return passphrase_unwrap(s, known->secret, file_key);
}

static enum status
unwrap_stanza(const struct identities *ids, const struct stanza *s,
    struct secret **file_key)
{
	enum status status = STATUS_NO_MATCH;

	if (passphrase_is(s))
		return unwrap_by_passphrase(ids->passphrase, s, file_key);
	if (!x25519_is(s))
		return status;
	for (size_t i = 0; i < ids->n && status == STATUS_NO_MATCH; i++)
		status = x25519_unwrap(s, ids->v[i].scalar,
		    ids->v[i].recipient, file_key);
	return status;
}

enum status
identities_unwrap(const struct identities *ids, const struct header *h,
    struct secret **file_key)
{
	enum status status;

	if ((status = check_stanzas(h)) != STATUS_OK)
		return status;
	status = STATUS_NO_MATCH;
	for (size_t i = 0; i < h->n_stanzas && status == STATUS_NO_MATCH; i++)
		status = unwrap_stanza(ids, &h->stanzas[i], file_key);
	return status;
}
