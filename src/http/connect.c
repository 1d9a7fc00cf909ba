/*
 * CONNECT, as the client of a proxy; see connect.h.
 */
#include "http/connect.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "http/h1_complaint.h"
#include "http/h1_parse.h"

struct connect_answer {
	const struct codec_limits *limits;
	struct buf in;
	struct h1_scan scan;
	struct fields fields;
	unsigned interim, status;
	char *why;
	size_t why_size;
};

void
connect_request(struct buf *out, struct text authority,
    struct text credential)
{
	(void)buf_reserve(out, 2 * authority.n + credential.n + 64);
	buf_append_text(out, TEXT("CONNECT "));
	buf_append_text(out, authority);
	buf_append_text(out, TEXT(" HTTP/1.1\r\nHost: "));
	buf_append_text(out, authority);
	buf_append_text(out, TEXT("\r\n"));
	if (credential.n != 0) {
		buf_append_text(out, TEXT("Proxy-Authorization: "));
		buf_append_text(out, credential);
		buf_append_text(out, TEXT("\r\n"));
	}
	buf_append_text(out, TEXT("\r\n"));
}

struct connect_answer *
connect_answer_new(const struct codec_limits *limits)
{
	struct connect_answer *a = xcalloc(1, sizeof(*a));

	a->limits = limits;
	buf_init(&a->in, NULL);
	return a;
}

void
connect_answer_free(struct connect_answer *a)
{
	if (a == NULL)
		return;
	/* It may hold the credential that the proxy was sent. */
	buf_consume_wipe(&a->in, buf_len(&a->in));
	buf_release(&a->in);
	fields_release(&a->fields);
	free(a);
}

static enum connect_result __attribute__((format(printf, 2, 3)))
fail(const struct connect_answer *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(a->why, a->why_size, fmt, ap);
	va_end(ap);
	return CONNECT_FAILED;
}

static enum connect_result
fail_of(const struct connect_answer *a, enum h1_result r,
    const struct h1_why *why)
{
	char *complaint;

	if (r != H1_BAD)
		return fail(a, "the head of the proxy's answer is too large");
	complaint = h1_complain(H1_RESPONSE, buf_text(&a->in).p,
	    buf_len(&a->in), why);
	(void)fail(a, "the proxy's answer is not strictly valid HTTP: %s",
	    complaint);
	free(complaint);
	return CONNECT_FAILED;
}

/* "Content-Length: 0" is common, and harmless. */
static bool
announces_body(const struct head *h)
{
	const struct field *f = fields_find(&h->fields, FIELD_CONTENT_LENGTH);

	return fields_find(&h->fields, FIELD_TRANSFER_ENCODING) != NULL ||
	    fields_count(&h->fields, FIELD_CONTENT_LENGTH) > 1 ||
	    (f != NULL && !text_eq(f->value, TEXT("0")));
}

/* behind: bytes that came with it and are none of it. */
static enum connect_result
judge(struct connect_answer *a, const struct head *h, size_t behind)
{
	const char *reason = status_reason(h->status);

	if (h->kind == HEAD_INTERIM && h->status != 101)
		return a->interim++ < a->limits->interim ? CONNECT_MORE :
		    fail(a, "the proxy sent too many interim responses");
	a->status = h->status;
	if (h->status < 200 || h->status > 299)
		return fail(a, "the proxy answered %u%s%s",
		    (unsigned)h->status, *reason != '\0' ? " " : "", reason);
	if (announces_body(h))
		return fail(a, "the proxy answered %u with a body, in place of "
		    "a tunnel", (unsigned)h->status);
	if (behind != 0)
		return fail(a, "bytes came behind the proxy's answer %u, "
		    "before TLS began", (unsigned)h->status);
	return CONNECT_OPEN;
}

/* One head, if it is there whole. */
static enum connect_result
take_head(struct connect_answer *a, bool *taken)
{
	struct text in = buf_text(&a->in);
	enum connect_result result;
	struct h1_why why;
	struct head h;
	enum h1_result r;
	size_t n;

	*taken = false;
	r = h1_find_end(H1_RESPONSE, in.p, in.n, a->limits, &a->scan, &n,
	    &why);
	if (r == H1_MORE)
		return CONNECT_MORE;
	if (r == H1_OK)
		r = h1_parse_response(in.p, n, a->limits, &a->fields, &h,
		    &why);
	if (r != H1_OK)
		return fail_of(a, r, &why);
	*taken = true;
	result = judge(a, &h, in.n - n);
	buf_consume_wipe(&a->in, n);
	a->scan = (struct h1_scan){ .seen = 0 };
	return result;
}

enum connect_result
connect_answer_input(struct connect_answer *a, const uint8_t *p, size_t n,
    char *why, size_t why_size)
{
	enum connect_result r;
	bool taken;

	a->why = why;
	a->why_size = why_size;
	buf_append(&a->in, p, n);
	do {
		r = take_head(a, &taken);
	} while (taken && r == CONNECT_MORE && buf_len(&a->in) != 0);
	return r;
}

unsigned
connect_answer_status(const struct connect_answer *a)
{
	return a->status;
}
