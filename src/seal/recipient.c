/*
 * Recipients; see recipient.h.
 */
#include "seal/recipient.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "seal/bech32.h"
#include "seal/passphrase.h"
#include "seal/x25519.h"

#define PREFIX	TEXT("age")

struct recipient {
	uint8_t point[CRYPTO_POINT];
};

struct recipients {
	struct recipient *v;
	size_t n;
	struct secret *passphrase;	/* instead of all those */
	unsigned log_n;
};

static_assert(RECIPIENT_TEXT > BECH32_LEN(3, CRYPTO_POINT),
    "a recipient fits its text");

struct recipients *
recipients_new(void)
{
	return xcalloc(1, sizeof(struct recipients));
}

void
recipients_free(struct recipients *r)
{
	if (r == NULL)
		return;
	secret_free(r->passphrase);
	free(r->v);
	free(r);
}

size_t
recipients_count(const struct recipients *r)
{
	return r->passphrase != NULL ? 1 : r->n;
}

void
recipients_add_point(struct recipients *r, const uint8_t point[CRYPTO_POINT])
{
	assert(r->passphrase == NULL);
	r->v = xreallocarray(r->v, r->n + 1, sizeof(*r->v));
	memcpy(r->v[r->n++].point, point, CRYPTO_POINT);
}

/* Small-order points are refused when they are wrapped for. */
enum status
recipients_add(struct recipients *r, struct text t)
{
	uint8_t point[CRYPTO_POINT];
	enum status status = STATUS_OK;

	if (text_starts_with(t, TEXT("age1pq1")))
		return STATUS_NO_MLKEM;
	switch (bech32_decode(t, PREFIX, point, sizeof(point))) {
	case BECH32_OK:
		/* "AGE1..." is valid Bech32 and no recipient. */
		if (t.p[0] != 'a')
			status = STATUS_BAD_RECIPIENT;
		break;
	case BECH32_CHECKSUM:
		status = STATUS_MISTYPED_RECIPIENT;
		break;
	case BECH32_PREFIX:
	case BECH32_FORM:
		status = STATUS_BAD_RECIPIENT;
		break;
	}
	if (status == STATUS_OK)
		recipients_add_point(r, point);
	return status;
}

enum status
recipients_parse(struct recipients *r, const uint8_t *p, size_t n,
    unsigned *line_number)
{
	struct text rest = { .p = (const char *)p, .n = n }, line;
	enum status status;
	size_t before = r->n;

	*line_number = 0;
	while (rest.n != 0 && text_split(&rest, '\n', &line)) {
		++*line_number;
		if (text_ends_with(line, TEXT("\r")))
			line.n--;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if ((status = recipients_add(r, line)) != STATUS_OK) {
			r->n = before;
			return status;
		}
	}
	*line_number = 0;
	return r->n > before ? STATUS_OK : STATUS_BAD_RECIPIENT;
}

void
recipients_set_passphrase(struct recipients *r, struct secret *passphrase,
    unsigned log_n)
{
	assert(recipients_count(r) == 0);
	r->passphrase = passphrase;
	r->log_n = log_n;
}

void
recipient_format(const uint8_t point[CRYPTO_POINT], char *text)
{
	bech32_encode(PREFIX, point, CRYPTO_POINT, text);
}

void
recipients_text(const struct recipients *r, size_t i, char *text)
{
	assert(i < recipients_count(r));
	if (r->passphrase != NULL)
		*text = '\0';
	else
		recipient_format(r->v[i].point, text);
}

enum status
recipients_wrap(const struct recipients *r, const struct secret *file_key,
    struct buf *header)
{
	enum status status = STATUS_OK;

	assert(recipients_count(r) != 0);
	if (r->passphrase != NULL)
		return passphrase_wrap(file_key, r->passphrase, r->log_n,
		    header);
	for (size_t i = 0; i < r->n && status == STATUS_OK; i++)
		status = x25519_wrap(file_key, r->v[i].point, header);
	return status;
}
