/*
 * JSON, written only; see json.h.
 *
 * A table says which bytes may be written unchanged, and runs of such bytes are
 * copied whole: nearly every text is one run.
 */
#include "base/json.h"

void
json_start(struct json *j, struct buf *out)
{
	*j = (struct json){ .out = out };
}

/* Not 0: the byte needs a look, as a control, quote, backslash or 0x80 on. */
static const uint8_t needs_look[256] = {
	[0x00 ... 0x1f] = 1,
	['"'] = 1,
	['\\'] = 1,
	[0x7f ... 0xff] = 1,
};

size_t
json_utf8_length(const uint8_t *s, size_t n)
{
	uint8_t low = 0x80, high = 0xbf;
	size_t len;

	if (s[0] >= 0xc2 && s[0] <= 0xdf) {
		len = 2;
	} else if (s[0] >= 0xe0 && s[0] <= 0xef) {
		len = 3;
		low = s[0] == 0xe0 ? 0xa0 : 0x80;
		high = s[0] == 0xed ? 0x9f : 0xbf;
	} else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		len = 4;
		low = s[0] == 0xf0 ? 0x90 : 0x80;
		high = s[0] == 0xf4 ? 0x8f : 0xbf;
	} else {
		return 0;
	}
	if (n < len || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	return len;
}

static void
append_code(struct buf *out, uint8_t code)
{
	static const char hex[] = "0123456789abcdef";
	char escape[] = "\\u0000";

	escape[4] = hex[code >> 4];
	escape[5] = hex[code & 0xf];
	buf_append(out, escape, sizeof(escape) - 1);
}

static void
append_ascii(struct buf *out, uint8_t c)
{
	char escape[2] = { '\\', (char)c };

	switch (c) {
	case '"':
	case '\\':
		break;
	case '\b':
		escape[1] = 'b';
		break;
	case '\f':
		escape[1] = 'f';
		break;
	case '\n':
		escape[1] = 'n';
		break;
	case '\r':
		escape[1] = 'r';
		break;
	case '\t':
		escape[1] = 't';
		break;
	default:
		append_code(out, c);
		return;
	}
	buf_append(out, escape, sizeof(escape));
}

/* Writes the character at s, which needs a look; returns the bytes it took. */
static size_t
append_special(struct buf *out, const uint8_t *s, size_t n)
{
	size_t len;

	if (s[0] < 0x80) {
		append_ascii(out, s[0]);
		return 1;
	}
	len = json_utf8_length(s, n);
	if (len == 0) {
		buf_append(out, "\xef\xbf\xbd", 3);
		return 1;
	}
	if (s[0] == 0xc2 && s[1] < 0xa0)
		append_code(out, s[1]);
	else
		buf_append(out, s, len);
	return len;
}

void
json_escape(struct buf *out, struct text t)
{
	const uint8_t *s = (const uint8_t *)t.p;
	size_t at = 0, clean;

	while (at < t.n) {
		clean = at;
		while (clean < t.n && !needs_look[s[clean]])
			clean++;
		buf_append(out, s + at, clean - at);
		at = clean;
		if (at < t.n)
			at += append_special(out, s + at, t.n - at);
	}
}

void
json_put(struct buf *out, struct text before, struct text t)
{
	const size_t room = before.n + t.n + 1;
	size_t n = 0;
	uint8_t *p;

	if (out->cap - out->end < room)
		(void)buf_reserve(out, room);
	p = out->base + out->end;
	memcpy(p, before.p, before.n);
	p += before.n;
	while (n < t.n && !needs_look[(uint8_t)t.p[n]]) {
		p[n] = (uint8_t)t.p[n];
		n++;
	}
	if (n == t.n) {
		p[n] = '"';
		out->end += before.n + n + 1;
		return;
	}
	out->end += before.n + n;
	json_escape(out, text_from(t, n));
	buf_append(out, "\"", 1);
}

/* Writes what comes before a value: a comma where one is due, and its key. */
static void
begin_value(struct json *j, const char *key)
{
	if (j->comma)
		buf_append(j->out, ",", 1);
	j->comma = true;
	if (key == NULL)
		return;
	json_put(j->out, TEXT("\""), text_of(key));
	buf_append(j->out, ":", 1);
}

static void
open_group(struct json *j, const char *key, const char *bracket)
{
	begin_value(j, key);
	buf_append(j->out, bracket, 1);
	j->comma = false;
}

static void
close_group(struct json *j, const char *bracket)
{
	buf_append(j->out, bracket, 1);
	j->comma = true;
}

void
json_object(struct json *j, const char *key)
{
	open_group(j, key, "{");
}

void
json_object_end(struct json *j)
{
	close_group(j, "}");
}

void
json_array(struct json *j, const char *key)
{
	open_group(j, key, "[");
}

void
json_array_end(struct json *j)
{
	close_group(j, "]");
}

void
json_text(struct json *j, const char *key, struct text value)
{
	begin_value(j, key);
	json_put(j->out, TEXT("\""), value);
}

void
json_str(struct json *j, const char *key, const char *value)
{
	json_text(j, key, text_of(value));
}

void
json_str_or_null(struct json *j, const char *key, const char *value)
{
	if (value != NULL)
		json_str(j, key, value);
	else
		json_null(j, key);
}

void
json_u64(struct json *j, const char *key, uint64_t value)
{
	begin_value(j, key);
	buf_append_u64(j->out, value);
}

void
json_i64(struct json *j, const char *key, int64_t value)
{
	begin_value(j, key);
	if (value < 0)
		buf_append(j->out, "-", 1);
	buf_append_u64(j->out, value < 0 ?
	    -(uint64_t)value : (uint64_t)value);
}

void
json_bool(struct json *j, const char *key, bool value)
{
	begin_value(j, key);
	buf_append_text(j->out, value ? TEXT("true") : TEXT("false"));
}

void
json_null(struct json *j, const char *key)
{
	begin_value(j, key);
	buf_append_text(j->out, TEXT("null"));
}
