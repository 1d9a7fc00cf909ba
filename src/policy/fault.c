/*
 * Faults and the answers made of them; see fault.h.
 */
#include "policy/fault.h"

#include <stddef.h>
#include <string.h>

#include "base/json.h"

static const struct {
	const char *code, *full_code;
	unsigned status;
	const char *text;
} faults[FAULT_COUNT] = {
#define FAULT(name, c, s, t) \
	[FAULT_##name] = { .code = c, .full_code = "sallyport." c, \
	    .status = s, .text = t },
#include "policy/fault.tbl"
#undef FAULT
};

const char *
fault_code(enum fault f)
{
	return faults[f].code;
}

const char *
fault_full_code(enum fault f)
{
	return faults[f].full_code;
}

unsigned
fault_status(enum fault f)
{
	return faults[f].status;
}

/* The fault's text with the subject in the place of its "%s". */
static void
append_text(const char *text, const char *subject, struct buf *out)
{
	const char *place = strstr(text, "%s");

	if (place == NULL) {
		buf_append_text(out, text_of(text));
		return;
	}
	buf_append_text(out, text_range(text, place));
	buf_append_text(out, text_of(subject != NULL ? subject : "?"));
	buf_append_text(out, text_of(place + 2));
}

void
fault_message(enum fault f, const char *subject, const char *detail,
    struct buf *out)
{
	append_text(faults[f].text, subject, out);
	if (detail != NULL) {
		buf_append_text(out, TEXT(": "));
		buf_append_text(out, text_of(detail));
	}
}

void
fault_body(enum fault f, const char *subject, const char *detail,
    struct buf *out)
{
	struct buf message;
	struct json j;

	buf_init(&message, out->blocks);
	fault_message(f, subject, detail, &message);
	buf_append_text(out, TEXT("{\"errors\":[{\"code\":\""));
	buf_append_text(out, text_of(faults[f].full_code));
	buf_append_text(out, TEXT("\","));
	json_start(&j, out);
	json_text(&j, "message", buf_text(&message));
	buf_append_text(out, TEXT("}]}"));
	buf_release(&message);
}

enum fault
fault_of_codec(enum codec_error why)
{
	switch (why) {
	case CODEC_HEAD_TOO_LARGE:
		return FAULT_HEAD_TOO_LARGE;
	case CODEC_TARGET_TOO_LONG:
		return FAULT_TARGET_TOO_LONG;
	case CODEC_TRUNCATED:
	case CODEC_CANCELLED:
		return FAULT_CLIENT_GONE;
	case CODEC_OK:
	case CODEC_BAD_MESSAGE:
	case CODEC_TOO_MANY_INTERIM:
	case CODEC_UNEXPECTED:
	case CODEC_REFUSED:
		break;
	}
	return FAULT_BAD_REQUEST;
}
