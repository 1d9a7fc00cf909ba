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
#include "seal/foreign.h"
#include "seal/hybrid.h"
#include "seal/lines.h"
#include "seal/passphrase.h"
#include "seal/x25519.h"

#define PREFIX		TEXT("age-secret-key-")
#define HYBRID_PREFIX	TEXT("age-secret-key-pq-")

/* Bytes of the secret, a scalar or a seed by the kind of the recipient. */
#define SECRET		32

static_assert(SECRET == CRYPTO_POINT && SECRET == XWING_SEED,
    "identities of both kinds have the same length");

struct identity {
	struct secret *secret;
	struct recipient recipient;
};

/* Learnt while a set that is otherwise constant is used. */
struct known_passphrase {
	struct passphrase_source source;	/* .ask NULL: none */
	struct secret *secret;			/* or NULL */
	const struct passphrase_memo *memo;	/* or NULL */
};

struct identities {
	struct identity *v;
	size_t n;
	struct known_passphrase *passphrase;
	struct identity_source more;		/* .find NULL: none */
};

struct identities *
identities_new(void)
{
	struct identities *ids = xcalloc(1, sizeof(*ids));

	ids->passphrase = xcalloc(1, sizeof(*ids->passphrase));
	return ids;
}

/* Removes the identities from the n-th on. */
static void
cut_to(struct identities *ids, size_t n)
{
	while (ids->n > n)
		secret_free(ids->v[--ids->n].secret);
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
	recipient_format(&ids->v[i].recipient, text);
}

static struct text
prefix_of(enum recipient_kind kind)
{
	return kind == RECIPIENT_HYBRID ? HYBRID_PREFIX : PREFIX;
}

/* Sets the recipient of an identity, whose kind is set already. */
static enum status
find_recipient(struct identity *id)
{
	const uint8_t *secret = secret_read(id->secret);
	struct recipient *r = &id->recipient;
	bool ok = false;

	switch (r->kind) {
	case RECIPIENT_X25519:
		ok = crypto_x25519_public(secret, r->key.point);
		break;
	case RECIPIENT_HYBRID:
		if (!mlkem_offered())
			return STATUS_NO_MLKEM;
		ok = xwing_public(secret, r->key.hybrid);
		break;
	}
	return ok ? STATUS_OK : STATUS_CRYPTO;
}

static enum status
decode(struct identity *id, struct text t)
{
	if (text_starts_with(t, TEXT("AGE-SECRET-KEY-PQ-1"))) {
		id->recipient.kind = RECIPIENT_HYBRID;
		if (!mlkem_offered())
			return STATUS_NO_MLKEM;
	}
	/* The form is all upper case; lower case alone is valid Bech32. */
	switch (bech32_decode(t, prefix_of(id->recipient.kind),
	    secret_bytes(id->secret), SECRET)) {
	case BECH32_OK:
		return t.p[0] == 'A' ? find_recipient(id) :
		    STATUS_BAD_IDENTITY;
	case BECH32_CHECKSUM:
		return STATUS_MISTYPED_IDENTITY;
	case BECH32_PREFIX:
	case BECH32_FORM:
		break;
	}
	return foreign_identity(t);
}

static enum status
parse_one(struct identities *ids, struct text t)
{
	struct identity id = { .secret = secret_new(SECRET) };
	enum status status = decode(&id, t);

	if (status != STATUS_OK) {
		secret_free(id.secret);
		return status;
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
identities_use_memo(struct identities *ids, const struct passphrase_memo *memo)
{
	ids->passphrase->memo = memo;
}

void
identities_set_passphrase(struct identities *ids, struct secret *passphrase)
{
	secret_free(ids->passphrase->secret);
	ids->passphrase->secret = passphrase;
}

const struct secret *
identities_passphrase(const struct identities *ids)
{
	return ids->passphrase->secret;
}

void
identities_find_more(struct identities *ids, struct identity_source source)
{
	ids->more = source;
}

void
identities_add_recipients(const struct identities *ids,
    struct recipients *recipients)
{
	for (size_t i = 0; i < ids->n; i++)
		recipients_add_key(recipients, &ids->v[i].recipient);
}

enum status
identities_parse(struct identities *ids, const uint8_t *p, size_t n,
    unsigned *line_number)
{
	struct text text = { .p = (const char *)p, .n = n };
	struct lines lines = lines_of(text);
	struct text line;
	enum status status;
	size_t before = ids->n;

	*line_number = 1;
	if (encoding_is_utf16(text))
		return STATUS_UTF16;
	while (lines_next(&lines, &line)) {
		if ((status = parse_one(ids, line)) != STATUS_OK) {
			cut_to(ids, before);
			*line_number = lines.number;
			return status;
		}
	}
	*line_number = 0;
	return ids->n > before ? STATUS_OK : STATUS_BAD_IDENTITY;
}

/* "AGE-SECRET-KEY-...", with a NUL; the length without it. */
static size_t
format_identity(const struct identity *id, char *text)
{
	struct text prefix = prefix_of(id->recipient.kind);

	bech32_encode(prefix, secret_read(id->secret), SECRET, text);
	for (; *text != '\0'; text++) {
		if (*text >= 'a' && *text <= 'z')
			*text = (char)(*text - 'a' + 'A');
	}
	return BECH32_LEN(prefix.n, SECRET);
}

static struct secret *
identity_file(const struct identity *id, int64_t created,
    const char *recipient)
{
	char time[CLOCK_TEXT], *head, *p;
	struct secret *text;
	size_t n;

	clock_format_s(time, created);
	head = xasprintf("# created: %s\n# public key: %s\n", time,
	    recipient);
	n = strlen(head);
	/* The NUL's place becomes the last newline. */
	text = secret_new(n + BECH32_LEN(HYBRID_PREFIX.n, SECRET) + 1);
	p = (char *)secret_bytes(text);
	memcpy(p, head, n);
	n += format_identity(id, p + n);
	p[n] = '\n';
	secret_truncate(text, n + 1);
	free(head);
	return text;
}

static enum status
generate(enum recipient_kind kind, int64_t created, struct secret **text,
    char *recipient)
{
	struct identity id = { .recipient.kind = kind };
	enum status status = STATUS_CRYPTO;

	id.secret = secret_new(SECRET);
	if (crypto_random(secret_bytes(id.secret), SECRET))
		status = find_recipient(&id);
	if (status == STATUS_OK) {
		recipient_format(&id.recipient, recipient);
		*text = identity_file(&id, created, recipient);
	}
	secret_free(id.secret);
	return status;
}

enum status
identity_generate(int64_t created, struct secret **text, char *recipient)
{
	return generate(RECIPIENT_X25519, created, text, recipient);
}

enum status
identity_generate_hybrid(int64_t created, struct secret **text,
    char *recipient)
{
	return generate(RECIPIENT_HYBRID, created, text, recipient);
}

/* A passphrase is never one of several ways to open a file. */
static enum status
check_stanza(const struct header *h, const struct stanza *s)
{
	if (x25519_is(s))
		return x25519_check(s);
	if (hybrid_is(s))
		return hybrid_check(s);
	if (!passphrase_is(s))
		return STATUS_OK;
	return h->n_stanzas == 1 ? passphrase_check(s) : STATUS_HEADER;
}

/* One malformed stanza of a known kind makes the header invalid. */
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
	enum status status = STATUS_NEEDS_PASSPHRASE;
	struct secret *given = NULL;

	if (known->secret != NULL)
		status = passphrase_unwrap(s, known->secret, known->memo,
		    file_key);
	if (status != STATUS_NEEDS_PASSPHRASE && status != STATUS_PASSPHRASE)
		return status;
	if (known->source.ask != NULL)
		given = known->source.ask(known->source.ctx);
	if (given == NULL)
		return status;
	secret_free(known->secret);
	known->secret = given;
	return passphrase_unwrap(s, given, known->memo, file_key);
}

static enum status
unwrap_by(const struct identity *id, const struct stanza *s,
    struct secret **file_key)
{
	const struct recipient *r = &id->recipient;

	switch (r->kind) {
	case RECIPIENT_X25519:
		if (x25519_is(s))
			return x25519_unwrap(s, id->secret, r->key.point,
			    file_key);
		break;
	case RECIPIENT_HYBRID:
		if (hybrid_is(s))
			return hybrid_unwrap(s, id->secret, file_key);
		break;
	}
	return STATUS_NO_MATCH;
}

static enum status
unwrap_stanza(const struct identities *ids, const struct stanza *s,
    struct secret **file_key)
{
	enum status status = STATUS_NO_MATCH;

	if (passphrase_is(s))
		return unwrap_by_passphrase(ids->passphrase, s, file_key);
	for (size_t i = 0; i < ids->n && status == STATUS_NO_MATCH; i++)
		status = unwrap_by(&ids->v[i], s, file_key);
	return status;
}

static enum status
unwrap_any(const struct identities *ids, const struct header *h,
    struct secret **file_key)
{
	enum status status = STATUS_NO_MATCH;

	for (size_t i = 0; i < h->n_stanzas && status == STATUS_NO_MATCH; i++)
		status = unwrap_stanza(ids, &h->stanzas[i], file_key);
	return status;
}

enum status
identities_unwrap(const struct identities *ids, const struct header *h,
    struct secret **file_key)
{
	enum status status;

	if ((status = check_stanzas(h)) != STATUS_OK)
		return status;
	do
		status = unwrap_any(ids, h, file_key);
	while (status == STATUS_NO_MATCH && ids->more.find != NULL &&
	    ids->more.find(ids->more.ctx));
	return status;
}
