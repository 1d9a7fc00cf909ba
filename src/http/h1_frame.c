/*
 * What a parsed HTTP/1.1 head means; see h1_frame.h.
 */
#include "http/h1_frame.h"

#include "http/rules.h"

/*
 * Each option is compared with each field's name; no real client has so many.
 */
#define MAX_OPTIONS	100

/* Checks the options of Connection, each by itself and their number. */
static const char *
check_options(const struct head *h)
{
	struct field_cursor at = { .next = 0 };
	struct text option;
	unsigned n = 0;

	while (fields_next_member(&h->fields, FIELD_CONNECTION, &at, &option)) {
		if (connection_option_is_refused(option))
			return "Connection has an option that is no token, or "
			       "names a field that cannot be left out";
		if (n++ == MAX_OPTIONS)
			return "Connection has more than a hundred options";
	}
	return NULL;
}

/* The fields that frame a message: how many, and the last of each. */
struct framing {
	size_t n_hosts, n_codings, n_lengths, n_connections;
	const struct field *host, *coding, *length;
};

static void
find_framing(const struct fields *list, struct framing *found)
{
	*found = (struct framing){ .n_hosts = 0 };
	for (size_t i = 0; i < list->n; i++) {
		const struct field *f = &list->v[i];

		if (f->id == FIELD_HOST) {
			found->n_hosts++;
			found->host = f;
		} else if (f->id == FIELD_TRANSFER_ENCODING) {
			found->n_codings++;
			found->coding = f;
		} else if (f->id == FIELD_CONTENT_LENGTH) {
			found->n_lengths++;
			found->length = f;
		} else if (f->id == FIELD_CONNECTION) {
			found->n_connections++;
		}
	}
}

static const char *
frame_by_coding(struct head *h, const struct framing *found)
{
	h->framing = BODY_STREAM;
	if (found->n_lengths != 0)
		return "Content-Length stands beside Transfer-Encoding";
	if (h->version != 11)
		return "Transfer-Encoding stands in a message of HTTP/1.0";
	if (found->n_codings != 1)
		return "Transfer-Encoding is there more than once";
	return transfer_encoding_is_chunked(found->coding->value) ? NULL :
	    "Transfer-Encoding is not \"chunked\"";
}

/* RFC 9112 section 6.3, rules 3 to 5, without what they tolerate. */
static const char *
frame_body(struct head *h, const struct framing *found)
{
	h->framing = BODY_NONE;
	if (found->n_codings != 0)
		return frame_by_coding(h, found);
	if (found->n_lengths == 0)
		return NULL;
	h->framing = BODY_LENGTH;
	if (found->n_lengths != 1)
		return "Content-Length is there more than once";
	return content_length_parse(found->length->value, &h->length) ? NULL :
	    "Content-Length is not a number";
}

static const char *
check_absolute(const struct head *h, const struct authority *named)
{
	struct authority target;
	bool https;

	if (!authority_parse(h->authority, &target))
		return "the host of the target is not a host with or without "
		       "a port";
	/* "https://" ends where the authority starts. */
	https = ascii_lower(h->authority.p[-4]) == 's';
	return named == NULL ||
	    authority_agrees(named, &target, https ? 443 : 80) ? NULL :
	    "Host and the target name different hosts";
}

static const char *
check_host(struct head *h, const struct framing *found)
{
	const struct field *host = found->host;
	struct authority named;

	if (host == NULL && h->version == 11)
		return "there is no Host";
	if (found->n_hosts > 1)
		return "Host is there more than once";
	/* RFC 9110 section 7.2: empty where the target has no authority. */
	if (!h->absolute && (host == NULL || host->value.n == 0)) {
		h->authority = TEXT("");
		return NULL;
	}
	if (host != NULL && !authority_parse(host->value, &named))
		return "Host is not a host with or without a port";
	if (h->absolute)
		return check_absolute(h, host != NULL ? &named : NULL);
	h->authority = host->value;
	return NULL;
}

const char *
h1_frame_request(struct head *h)
{
	struct framing found;
	const char *why;

	find_framing(&h->fields, &found);
	why = check_host(h, &found);
	if (why == NULL)
		why = frame_body(h, &found);
	if (why == NULL && found.n_connections != 0)
		why = check_options(h);
	return why;
}

/* Neither 1xx nor 204 may announce a body (RFC 9110 section 8.6). */
static const char *
frame_bodiless(struct head *h, const struct framing *found)
{
	const char *why = frame_body(h, found);

	if (why == NULL && (h->framing == BODY_STREAM || h->length != 0))
		why = "a response that has no body announces one";
	h->framing = BODY_NONE;
	return why;
}

const char *
h1_frame_response(struct head *h, bool to_head)
{
	struct framing found;
	const char *why;

	find_framing(&h->fields, &found);
	if (found.n_connections != 0 && (why = check_options(h)) != NULL)
		return why;
	if (h->status == 101)
		return "101 answers an upgrade that was not asked for";
	if (h->kind == HEAD_INTERIM || h->status == 204)
		return frame_bodiless(h, &found);
	why = frame_body(h, &found);
	if (why == NULL && h->framing == BODY_NONE && h1_has_body(h, to_head))
		h->framing = BODY_UNTIL_CLOSE;
	return why;
}

bool
h1_has_body(const struct head *h, bool to_head)
{
	switch (h->kind) {
	case HEAD_REQUEST:
		return h->framing != BODY_NONE;
	case HEAD_RESPONSE:
		return !to_head && h->status != 204 && h->status != 304;
	case HEAD_INTERIM:
	case HEAD_TRAILERS:
		break;
	}
	return false;
}

bool
h1_is_persistent(const struct head *h)
{
	if (fields_find(&h->fields, FIELD_CONNECTION) == NULL)
		return h->version == 11;
	if (fields_have_token(&h->fields, FIELD_CONNECTION, TEXT("close")))
		return false;
	return h->version == 11 || fields_have_token(&h->fields,
	    FIELD_CONNECTION, TEXT("keep-alive"));
}
