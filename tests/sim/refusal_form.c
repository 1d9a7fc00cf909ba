/*
 * Refusals of keys; see refusal_form.h.
 */
#include "refusal_form.h"

#include <string.h>
#include <zlib.h>

#include "dice.h"
#include "history.h"
#include "request.h"

/* More than is looked at of a body. */
#define TOO_FAR	9000

#define CODE	"{\"errors\":[{\"code\":\"root.unauthenticated\"," \
		"\"message\":\"no\"}]}"
#define REASON	"{\"error\":{\"type\":\"security_exception\",\"reason\":" \
		"\"unable to authenticate\"},\"status\":401}"
#define OTHER	"{\"errors\":[{\"code\":\"user.not_found\"}]}"

enum refusal_form
some_refusal(bool has_body)
{
	static const unsigned weights[REFUSAL_FORMS] = {
		[REFUSES_NOT] = 1, [REFUSES_BY_FIELD] = 6,
		[REFUSES_BY_CODE] = 3, [REFUSES_BY_REASON] = 2,
		[REFUSES_PACKED] = 2, [REFUSES_OTHER_USER] = 1,
		[REFUSES_TOO_LATE] = 1,
	};

	if (!has_body)
		return dice_one_in(6) ? REFUSES_NOT : REFUSES_BY_FIELD;
	return (enum refusal_form)dice_weighed(weights, REFUSAL_FORMS);
}

bool
refusal_is_one(enum refusal_form f)
{
	return f == REFUSES_BY_FIELD || f == REFUSES_BY_CODE ||
	    f == REFUSES_BY_REASON || f == REFUSES_PACKED;
}

const char *
refusal_fields(enum refusal_form f)
{
	if (f == REFUSES_BY_FIELD)
		return "X-Cloud-Error-Codes: root.unauthenticated\r\n";
	return f == REFUSES_PACKED ? "Content-Encoding: gzip\r\n" : "";
}

static void
pack(const char *text, struct buf *out)
{
	uint8_t packed[256];
	z_stream z;

	memset(&z, 0, sizeof(z));
	must(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8,
	    Z_DEFAULT_STRATEGY) == Z_OK, "nothing can be packed");
	z.next_in = (Bytef *)(uintptr_t)text;
	z.avail_in = (uInt)strlen(text);
	z.next_out = packed;
	z.avail_out = sizeof(packed);
	must(deflate(&z, Z_FINISH) == Z_STREAM_END, "it does not fit");
	buf_append(out, packed, sizeof(packed) - z.avail_out);
	(void)deflateEnd(&z);
}

void
refusal_say(enum refusal_form f, struct buf *out)
{
	switch (f) {
	case REFUSES_BY_CODE:
		buf_append_text(out, TEXT(CODE));
		break;
	case REFUSES_BY_REASON:
		buf_append_text(out, TEXT(REASON));
		break;
	case REFUSES_PACKED:
		pack(CODE, out);
		break;
	case REFUSES_OTHER_USER:
		buf_append_text(out, TEXT(OTHER));
		break;
	case REFUSES_TOO_LATE:
		buf_append_text(out, TEXT("{\"pad\":\""));
		body_append(out, 1, 0, TOO_FAR);
		buf_append_text(out, TEXT("\",\"errors\":[{\"code\":"
		    "\"root.unauthenticated\"}]}"));
		break;
	case REFUSES_NOT:
	case REFUSES_BY_FIELD:
	case REFUSAL_FORMS:
		break;
	}
}
