/*
 * What a parsed HTTP/1.1 head means; see h1_frame.h.
 */
#include "http/h1_frame.h"

#include "http/rules.h"

/* Each is compared with each field's name, and nobody names so many. */
#define MAX_OPTIONS	100

/* Those of Connection, each for itself and together. */
static bool
options_are_fine(const struct head *h)
{
	struct field_cursor at = { .next = 0 };
	struct text option;
	unsigned n = 0;

	while (fields_next_member(&h->fields, FIELD_CONNECTION, &at, &option)) {
		if (connection_option_is_refused(option) ||
		    n++ == MAX_OPTIONS)
			return false;
	}
	return true;
}

/* RFC 9112 section 6.3, rules 3 to 5, without their leniency. */
static bool
frame_body(struct head *h)
{
	const struct field *coding, *length;

	coding = fields_find(&h->fields, FIELD_TRANSFER_ENCODING);
	length = fields_find(&h->fields, FIELD_CONTENT_LENGTH);
	h->framing = BODY_NONE;
	if (coding != NULL) {
		h->framing = BODY_STREAM;
		return length == NULL && h->version == 11 &&
		    fields_count(&h->fields, FIELD_TRANSFER_ENCODING) == 1 &&
		    transfer_encoding_is_chunked(coding->value);
	}
	if (length != NULL) {
		h->framing = BODY_LENGTH;
		return fields_count(&h->fields, FIELD_CONTENT_LENGTH) == 1 &&
		    content_length_parse(length->value, &h->length);
	}
	return true;
}

static bool
check_host(struct head *h)
{
	const struct field *host = fields_find(&h->fields, FIELD_HOST);
	struct authority named, target;
	bool https;

	if (host == NULL && h->version == 11)
		return false;
	if (host != NULL && fields_count(&h->fields, FIELD_HOST) != 1)
		return false;
	/* RFC 9110 section 7.2: empty where the target has no authority. */
	if (!h->absolute && (host == NULL || host->value.n == 0)) {
		h->authority = TEXT("");
		return true;
	}
	if (host != NULL && !authority_parse(host->value, &named))
		return false;
	if (!h->absolute) {
		h->authority = host->value;
		return true;
	}
	if (!authority_parse(h->authority, &target))
		return false;
	/* "https://" ends where the authority starts. */
	https = ascii_lower(h->authority.p[-4]) == 's';
	return host == NULL ||
	    authority_agrees(&named, &target, https ? 443 : 80);
}

bool
h1_frame_request(struct head *h)
{
	return check_host(h) && frame_body(h) && options_are_fine(h);
}

/* Neither 1xx nor 204 may announce a body (RFC 9110 section 8.6). */
static bool
frame_bodiless(struct head *h)
{
	bool fine = frame_body(h) && h->framing != BODY_STREAM &&
	    h->length == 0;

	h->framing = BODY_NONE;
	return fine;
}

bool
h1_frame_response(struct head *h, bool to_head)
{
	if (!options_are_fine(h) || h->status == 101)
		return false;
	if (h->kind == HEAD_INTERIM || h->status == 204)
		return frame_bodiless(h);
	if (!frame_body(h))
		return false;
	if (h->framing == BODY_NONE && h1_has_body(h, to_head))
		h->framing = BODY_UNTIL_CLOSE;
	return true;
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
