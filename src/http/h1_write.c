/*
 * The bytes of HTTP/1.1 messages; see h1_write.h.
 */
#include "http/h1_write.h"

#include <assert.h>

/* More than the start line's fixed parts and our own fields need. */
#define FIXED	256

static char *
put(char *p, struct text t)
{
	if (t.n != 0)
		memcpy(p, t.p, t.n);
	return p + t.n;
}

static char *
put_decimal(char *p, uint64_t v)
{
	char digits[TEXT_DIGITS];

	return put(p, text_of_u64(v, digits));
}

/* A status has three digits. */
static char *
put_status(char *p, unsigned status)
{
	assert(status >= 100 && status <= 999);
	*p++ = (char)('0' + status / 100);
	*p++ = (char)('0' + status / 10 % 10);
	*p++ = (char)('0' + status % 10);
	return p;
}

/* Fields that the codec writes itself. */
#define OURS		(FIELD_BIT(CONNECTION) | FIELD_BIT(CONTENT_LENGTH) | \
	FIELD_BIT(TRANSFER_ENCODING))
#define OURS_IN_REQUEST	(OURS | FIELD_BIT(HOST))

static size_t
fields_size(const struct fields *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		n += list->v[i].name.n + list->v[i].value.n + 4;
	return n;
}

static char *
put_field(char *p, const struct field *f)
{
	memcpy(p, f->name.p, f->name.n);
	p += f->name.n;
	*p++ = ':';
	*p++ = ' ';
	if (f->value.n != 0)
		memcpy(p, f->value.p, f->value.n);
	p += f->value.n;
	*p++ = '\r';
	*p++ = '\n';
	return p;
}

/* Writes all fields except those of ours. */
static char *
put_fields(char *p, const struct fields *list, uint64_t ours)
{
	for (size_t i = 0; i < list->n; i++) {
		if ((UINT64_C(1) << list->v[i].id & ours) == 0)
			p = put_field(p, &list->v[i]);
	}
	return p;
}

static char *
put_body(char *p, enum h1_body body, const struct head *h)
{
	switch (body) {
	case H1_BODY_NONE:
	case H1_BODY_CLOSE:
		break;
	case H1_BODY_LENGTH:
		p = put(p, TEXT("Content-Length: "));
		p = put_decimal(p, h->framing == BODY_LENGTH ? h->length : 0);
		p = put(p, TEXT("\r\n"));
		break;
	case H1_BODY_CHUNKED:
		p = put(p, TEXT("Transfer-Encoding: chunked\r\n"));
		break;
	}
	return p;
}

static char *
put_connection(char *p, enum h1_connection connection)
{
	switch (connection) {
	case H1_CONNECTION_NONE:
		break;
	case H1_CONNECTION_CLOSE:
		p = put(p, TEXT("Connection: close\r\n"));
		break;
	case H1_CONNECTION_KEEP:
		p = put(p, TEXT("Connection: keep-alive\r\n"));
		break;
	}
	return p;
}

void
h1_write_request(struct buf *b, const struct head *h, enum h1_body body,
    enum h1_connection connection)
{
	size_t room = FIXED + h->method.n + h->target.n + h->authority.n +
	    fields_size(&h->fields);
	char *start = (char *)buf_reserve(b, room), *p = start;

	p = put(p, h->method);
	*p++ = ' ';
	p = put(p, h->target);
	p = put(p, TEXT(" HTTP/1.1\r\nHost: "));
	p = put(p, h->authority);
	*p++ = '\r';
	*p++ = '\n';
	p = put_fields(p, &h->fields, OURS_IN_REQUEST);
	p = put_body(p, body, h);
	p = put_connection(p, connection);
	*p++ = '\r';
	*p++ = '\n';
	assert((size_t)(p - start) <= room);
	buf_commit(b, (size_t)(p - start));
}

void
h1_write_response(struct buf *b, const struct head *h, enum h1_body body,
    enum h1_connection connection)
{
	size_t room = FIXED + fields_size(&h->fields);
	char *start = (char *)buf_reserve(b, room), *p = start;

	p = put(p, TEXT("HTTP/1.1 "));
	p = put_status(p, h->status);
	*p++ = ' ';
	p = put(p, text_of(status_reason(h->status)));
	*p++ = '\r';
	*p++ = '\n';
	p = put_fields(p, &h->fields, OURS);
	p = put_body(p, body, h);
	p = put_connection(p, connection);
	*p++ = '\r';
	*p++ = '\n';
	assert((size_t)(p - start) <= room);
	buf_commit(b, (size_t)(p - start));
}

static char *
put_hex(char *p, uint64_t v)
{
	char digits[16];
	size_t i = sizeof(digits);

	do {
		digits[--i] = "0123456789abcdef"[v % 16];
		v /= 16;
	} while (v != 0);
	return put(p, text_range(digits + i, digits + sizeof(digits)));
}

void
h1_write_chunk(struct buf *b, const uint8_t *bytes, size_t n)
{
	char *start, *p;

	if (n == 0)
		return;
	p = start = (char *)buf_reserve(b, n + 20);
	p = put_hex(p, n);
	p = put(p, TEXT("\r\n"));
	p = put(p, (struct text){ (const char *)bytes, n });
	p = put(p, TEXT("\r\n"));
	buf_commit(b, (size_t)(p - start));
}

void
h1_write_chunks_end(struct buf *b, const struct fields *trailers)
{
	size_t room = 8 + (trailers != NULL ? fields_size(trailers) : 0);
	char *start = (char *)buf_reserve(b, room), *p = start;

	p = put(p, TEXT("0\r\n"));
	if (trailers != NULL)
		p = put_fields(p, trailers, OURS_IN_REQUEST);
	p = put(p, TEXT("\r\n"));
	assert((size_t)(p - start) <= room);
	buf_commit(b, (size_t)(p - start));
}
