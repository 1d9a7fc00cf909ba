/*
 * Opening as bytes come; see open.h.
 */
#include "seal/open.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "seal/header.h"

enum open_state {
	OPEN_HEADER,		/* collecting its lines */
	OPEN_NONCE,
	OPEN_PAYLOAD,
};

struct opener {
	const struct identities *identities;
	enum open_state state;
	enum status failed;
	struct buf header;
	size_t line;		/* where its last line begins */
	struct secret *file_key;
	uint8_t nonce[PAYLOAD_NONCE];
	size_t n_nonce;
	struct payload_reader *payload;
};

struct opener *
opener_new(const struct identities *identities)
{
	struct opener *o = xcalloc(1, sizeof(*o));

	o->identities = identities;
	o->state = OPEN_HEADER;
	o->failed = STATUS_OK;
	buf_init(&o->header, NULL);
	return o;
}

void
opener_free(struct opener *o)
{
	if (o == NULL)
		return;
	buf_release(&o->header);
	secret_free(o->file_key);
	payload_reader_free(o->payload);
	free(o);
}

static enum status
unwrap(struct opener *o)
{
	struct header h;
	enum status status;

	status = header_parse(&h, buf_data(&o->header), buf_len(&o->header));
	if (status == STATUS_OK)
		status = identities_unwrap(o->identities, &h, &o->file_key);
	if (status == STATUS_OK)
		status = header_verify(&h, o->file_key);
	header_free(&h);
	buf_release(&o->header);
	return status;
}

/* Takes bytes up to the end of a line. */
static enum status
push_header(struct opener *o, const uint8_t **p, size_t *n)
{
	const uint8_t *end = memchr(*p, '\n', *n);
	size_t part = end != NULL ? (size_t)(end + 1 - *p) : *n;
	const uint8_t *line;
	enum status status;

	buf_append(&o->header, *p, part);
	*p += part;
	*n -= part;
	status = header_check_start(buf_data(&o->header),
	    buf_len(&o->header));
	if (status != STATUS_OK)
		return status;
	if (buf_len(&o->header) > HEADER_MAX)
		return STATUS_HEADER;
	if (end == NULL)
		return STATUS_OK;
	line = buf_data(&o->header) + o->line;
	part = buf_len(&o->header) - o->line;
	o->line += part;
	if (!header_is_last_line(line, part))
		return STATUS_OK;
	o->state = OPEN_NONCE;
	return unwrap(o);
}

static enum status
push_nonce(struct opener *o, const uint8_t **p, size_t *n)
{
	size_t part = PAYLOAD_NONCE - o->n_nonce;

	part = *n < part ? *n : part;
	memcpy(o->nonce + o->n_nonce, *p, part);
	o->n_nonce += part;
	*p += part;
	*n -= part;
	if (o->n_nonce < PAYLOAD_NONCE)
		return STATUS_OK;
	o->payload = payload_reader_new(o->file_key, o->nonce);
	secret_free(o->file_key);
	o->file_key = NULL;
	o->state = OPEN_PAYLOAD;
	return o->payload != NULL ? STATUS_OK : STATUS_CRYPTO;
}

enum status
opener_push(struct opener *o, const uint8_t *p, size_t n,
    struct seal_writer out)
{
	while (o->failed == STATUS_OK && n != 0) {
		switch (o->state) {
		case OPEN_HEADER:
			o->failed = push_header(o, &p, &n);
			break;
		case OPEN_NONCE:
			o->failed = push_nonce(o, &p, &n);
			break;
		case OPEN_PAYLOAD:
			o->failed = payload_read(o->payload, p, n, out);
			n = 0;
			break;
		}
	}
	return o->failed;
}

enum status
opener_end(struct opener *o, struct seal_writer out)
{
	if (o->failed != STATUS_OK)
		return o->failed;
	switch (o->state) {
	case OPEN_HEADER:
		o->failed = buf_len(&o->header) < sizeof(HEADER_VERSION) - 1 ?
		    STATUS_NOT_AGE : STATUS_HEADER;
		break;
	case OPEN_NONCE:
		o->failed = STATUS_HEADER;
		break;
	case OPEN_PAYLOAD:
		o->failed = payload_read_end(o->payload, out);
		break;
	}
	return o->failed;
}
