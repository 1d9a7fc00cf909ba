/*
 * Message heads; see head.h.
 */
#include "http/head.h"

/* Copies a text to *at and moves *at behind it. */
static struct text
move_in(char **at, struct text t)
{
	struct text copy = { .p = *at, .n = t.n };

	if (t.n != 0)
		memcpy(*at, t.p, t.n);
	*at += t.n;
	return copy;
}

static size_t
texts_size(const struct head *h)
{
	size_t n = h->method.n + h->target.n + h->authority.n;

	for (size_t i = 0; i < h->fields.n; i++)
		n += h->fields.v[i].name.n + h->fields.v[i].value.n;
	return n;
}

struct head *
head_copy(struct arena *arena, const struct head *from)
{
	const size_t fields = from->fields.n * sizeof(struct field);
	struct head *h = arena_alloc(arena, sizeof(*h) + fields +
	    texts_size(from));
	struct field *v = (struct field *)(h + 1);
	char *at = (char *)v + fields;

	*h = *from;
	h->method = move_in(&at, from->method);
	h->target = move_in(&at, from->target);
	h->authority = move_in(&at, from->authority);
	for (size_t i = 0; i < from->fields.n; i++) {
		const struct field *f = &from->fields.v[i];

		v[i].id = f->id;
		v[i].name = move_in(&at, f->name);
		v[i].value = move_in(&at, f->value);
		v[i].sensitive = f->sensitive;
	}
	h->fields = (struct fields){
		.v = v, .n = from->fields.n, .cap = from->fields.n
	};
	return h;
}

bool
head_expects_continue(const struct head *h)
{
	const struct field *f = fields_find(&h->fields, FIELD_EXPECT);

	return h->version != 10 && f != NULL &&
	    text_eq_nocase(f->value, TEXT("100-continue"));
}

bool
head_keeps_alive(const struct head *h, uint64_t *seconds)
{
	const struct field *f = fields_find(&h->fields, FIELD_KEEP_ALIVE);
	struct text rest, part, name;

	if (f == NULL)
		return false;
	for (rest = f->value; text_split(&rest, ',', &part); ) {
		if (text_split(&part, '=', &name) && part.p != NULL &&
		    text_eq_nocase(text_trim(name), TEXT("timeout")))
			return text_parse_u64(text_trim(part), UINT32_MAX,
			    seconds);
	}
	return false;
}

bool
head_has_no_body(const struct head *h)
{
	return h->framing == BODY_NONE ||
	    (h->framing == BODY_LENGTH && h->length == 0);
}

bool
method_is_idempotent(struct text method)
{
	return text_eq(method, TEXT("GET")) || text_eq(method, TEXT("PUT")) ||
	    text_eq(method, TEXT("HEAD")) ||
	    text_eq(method, TEXT("DELETE")) ||
	    text_eq(method, TEXT("OPTIONS")) ||
	    text_eq(method, TEXT("TRACE"));
}

static const struct {
	uint16_t status;
	const char *reason;
} reasons[] = {
	{ 100, "Continue" },
	{ 102, "Processing" },
	{ 103, "Early Hints" },
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 203, "Non-Authoritative Information" },
	{ 204, "No Content" },
	{ 205, "Reset Content" },
	{ 206, "Partial Content" },
	{ 207, "Multi-Status" },
	{ 208, "Already Reported" },
	{ 226, "IM Used" },
	{ 300, "Multiple Choices" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 407, "Proxy Authentication Required" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 421, "Misdirected Request" },
	{ 422, "Unprocessable Content" },
	{ 423, "Locked" },
	{ 424, "Failed Dependency" },
	{ 425, "Too Early" },
	{ 426, "Upgrade Required" },
	{ 428, "Precondition Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 451, "Unavailable For Legal Reasons" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
	{ 506, "Variant Also Negotiates" },
	{ 507, "Insufficient Storage" },
	{ 508, "Loop Detected" },
	{ 511, "Network Authentication Required" },
};

const char *
status_reason(unsigned status)
{
	size_t low = 0, high = sizeof(reasons) / sizeof(reasons[0]);

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (reasons[mid].status == status)
			return reasons[mid].reason;
		if (reasons[mid].status < status)
			low = mid + 1;
		else
			high = mid;
	}
	return "";
}
