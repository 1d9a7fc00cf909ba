/*
 * Opening as bytes come; see opener.h.
 */
#include "seal/opener.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/encoding.h"
#include "seal/armor.h"
#include "seal/header.h"

/* The bytes that show the form: armor may follow a byte order mark. */
#define FIRST		4

enum open_state {
	OPEN_START,		/* too few bytes seen to tell the form */
	OPEN_HEADER,		/* collecting its lines */
	OPEN_NONCE,
	OPEN_PAYLOAD,
};

struct opener {
	const struct identities *identities;
	struct armor_reader *armor;	/* NULL: binary */
	enum open_state state;
	enum status failed;
	uint8_t first[FIRST];	/* the bytes seen at the start */
	size_t n_first;
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
	o->state = OPEN_START;
	o->failed = STATUS_OK;
	buf_init(&o->header, NULL);
	return o;
}

void
opener_free(struct opener *o)
{
	if (o == NULL)
		return;
	armor_reader_free(o->armor);
	buf_release(&o->header);
	secret_free(o->file_key);
	payload_reader_free(o->payload);
	free(o);
}

void
opener_expect_armor(struct opener *o)
{
	assert(o->state == OPEN_START);
	o->armor = armor_reader_new();
	o->state = OPEN_HEADER;
}

struct seal_fault
opener_fault(const struct opener *o)
{
	struct seal_fault fault = { .line = 0 };

	if (o->failed == STATUS_ARMOR)
		fault.line = armor_reader_line(o->armor);
	else if (o->failed == STATUS_VERSION)
		fault.version = header_version(buf_data(&o->header),
		    buf_len(&o->header));
	return fault;
}

const char *
seal_fault_text(const struct seal_fault *fault, enum status status, char *out)
{
	if (status != STATUS_VERSION || fault->version == 0)
		return status_text(status);
	(void)snprintf(out, SEAL_FAULT_TEXT, "a newer version of the age "
	    "format, v%u; v1 is the one that is known here", fault->version);
	return out;
}

/* Armor begins with its first line or blanks. */
static enum status
start(struct opener *o)
{
	struct text t = { .p = (const char *)o->first, .n = o->n_first };
	size_t mark = encoding_mark(t);
	char first = mark < t.n ? t.p[mark] : '\0';

	if (encoding_is_utf16(t))
		return STATUS_UTF16;
	if (ascii_is_one_of(first, "- \t\r\n"))
		o->armor = armor_reader_new();
	else if (mark != 0 || first != HEADER_VERSION[0])
		return STATUS_NOT_AGE;
	o->n_first -= mark;
	memmove(o->first, o->first + mark, o->n_first);
	o->state = OPEN_HEADER;
	return STATUS_OK;
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

static enum status
push_binary(struct opener *o, const uint8_t *p, size_t n,
    struct seal_writer out)
{
	enum status status = STATUS_OK;

	while (n != 0 && status == STATUS_OK) {
		switch (o->state) {
		case OPEN_START:
		case OPEN_HEADER:
			status = push_header(o, &p, &n);
			break;
		case OPEN_NONCE:
			status = push_nonce(o, &p, &n);
			break;
		case OPEN_PAYLOAD:
			return payload_read(o->payload, p, n, out);
		}
	}
	return status;
}

/* The writer behind the armor. */
struct unarmored {
	struct opener *opener;
	struct seal_writer out;
};

static enum status
push_unarmored(void *ctx, const uint8_t *p, size_t n)
{
	const struct unarmored *u = ctx;

	return push_binary(u->opener, p, n, u->out);
}

static enum status
push(struct opener *o, const uint8_t *p, size_t n, struct seal_writer out)
{
	struct unarmored u = { .opener = o, .out = out };

	if (o->armor == NULL)
		return push_binary(o, p, n, out);
	return armor_read(o->armor, p, n, (struct seal_writer){
	    .write = push_unarmored, .ctx = &u });
}

/* Goes on with the bytes seen at the start. */
static void
begin(struct opener *o, struct seal_writer out)
{
	o->failed = start(o);
	if (o->failed == STATUS_OK)
		o->failed = push(o, o->first, o->n_first, out);
}

enum status
opener_push(struct opener *o, const uint8_t *p, size_t n,
    struct seal_writer out)
{
	while (n != 0 && o->state == OPEN_START && o->failed == STATUS_OK) {
		o->first[o->n_first++] = *p++;
		n--;
		if (o->n_first == FIRST)
			begin(o, out);
	}
	if (n != 0 && o->failed == STATUS_OK)
		o->failed = push(o, p, n, out);
	return o->failed;
}

static enum status
end_binary(struct opener *o, struct seal_writer out)
{
	switch (o->state) {
	case OPEN_START:
		return STATUS_NOT_AGE;
	case OPEN_HEADER:
		return buf_len(&o->header) < sizeof(HEADER_VERSION) - 1 ?
		    STATUS_NOT_AGE : STATUS_HEADER;
	case OPEN_NONCE:
		return STATUS_HEADER;
	case OPEN_PAYLOAD:
		return payload_read_end(o->payload, out);
	}
	return STATUS_OK;
}

enum status
opener_end(struct opener *o, struct seal_writer out)
{
	struct unarmored u = { .opener = o, .out = out };

	if (o->failed == STATUS_OK && o->state == OPEN_START)
		begin(o, out);
	if (o->failed == STATUS_OK && o->armor != NULL)
		o->failed = armor_read_end(o->armor, (struct seal_writer){
		    .write = push_unarmored, .ctx = &u });
	if (o->failed == STATUS_OK)
		o->failed = end_binary(o, out);
	return o->failed;
}
