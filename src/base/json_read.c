/*
 * JSON as a tree; see json_read.h.  It calls itself once for each array or
 * object within another.
 */
#include "base/json_read.h"

#include "base/json.h"

struct json_reader {
	const char *p, *end;
	struct arena *arena;
	unsigned depth;
};

static bool	read_value(struct json_reader *, struct json_value *);

static char
peek(const struct json_reader *r)
{
	return r->p < r->end ? *r->p : '\0';
}

static bool
accept(struct json_reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static bool
accept_word(struct json_reader *r, struct text word)
{
	if (!text_starts_with(text_range(r->p, r->end), word))
		return false;
	r->p += word.n;
	return true;
}

static void
skip_space(struct json_reader *r)
{
	while (ascii_is_one_of(peek(r), " \t\r\n"))
		r->p++;
}

/* -- strings -- */

/* Four hexadecimal digits. */
static bool
read_unit(struct json_reader *r, uint64_t *unit)
{
	if (r->end - r->p < 4 ||
	    !text_parse_hex(text_range(r->p, r->p + 4), 0xffff, unit))
		return false;
	r->p += 4;
	return true;
}

/* What follows "\u": one unit, or two that are a pair of surrogates. */
static bool
read_code(struct json_reader *r, uint64_t *code)
{
	uint64_t low;

	if (!read_unit(r, code) || (*code >= 0xdc00 && *code <= 0xdfff))
		return false;
	if (*code < 0xd800 || *code > 0xdbff)
		return true;
	if (!accept_word(r, TEXT("\\u")) || !read_unit(r, &low) ||
	    low < 0xdc00 || low > 0xdfff)
		return false;
	*code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

static char *
put_utf8(char *to, uint64_t code)
{
	if (code < 0x80) {
		*to++ = (char)code;
		return to;
	}
	if (code < 0x800) {
		*to++ = (char)(0xc0 | code >> 6);
	} else if (code < 0x10000) {
		*to++ = (char)(0xe0 | code >> 12);
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
	} else {
		*to++ = (char)(0xf0 | code >> 18);
		*to++ = (char)(0x80 | (code >> 12 & 0x3f));
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (code & 0x3f));
	return to;
}

/* Writes the character of an escape, whose backslash was read; or NULL. */
static char *
read_escape(struct json_reader *r, char *to)
{
	static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *at;
	uint64_t code;

	if (accept(r, 'u'))
		return read_code(r, &code) ? put_utf8(to, code) : NULL;
	at = peek(r) != '\0' ? strchr(names, peek(r)) : NULL;
	if (at == NULL)
		return NULL;
	r->p++;
	*to++ = meant[at - names];
	return to;
}

/*
 * The length of the character at p that a string may hold as it is; 0: a
 * control, a quote, a backslash, or no UTF-8.
 */
static size_t
plain_length(const struct json_reader *r)
{
	uint8_t c = (uint8_t)*r->p;

	if (c < 0x20 || c == '"' || c == '\\')
		return 0;
	return c < 0x80 ? 1 : json_utf8_length((const uint8_t *)r->p,
	    (size_t)(r->end - r->p));
}

/* Takes characters without escapes. */
static struct text
read_plain(struct json_reader *r)
{
	const char *from = r->p;
	size_t n;

	while (r->p < r->end && (n = plain_length(r)) != 0)
		r->p += n;
	return text_range(from, r->p);
}

/*
 * The rest of a string, of which the beginning was read.  An escape is never
 * shorter than what it stands for.
 */
static bool
read_escaped(struct json_reader *r, struct text begin, struct text *out)
{
	char *to, *at;
	struct text part = begin;
	const char *quote = r->p;

	while (quote < r->end && *quote != '"')
		quote += *quote == '\\' && quote + 1 < r->end ? 2 : 1;
	at = to = arena_alloc(r->arena, (size_t)(quote - begin.p) + 1);
	for (;;) {
		if (part.n != 0)
			memcpy(at, part.p, part.n);
		at += part.n;
		if (accept(r, '"'))
			break;
		if (!accept(r, '\\') || (at = read_escape(r, at)) == NULL)
			return false;
		part = read_plain(r);
	}
	*out = text_range(to, at);
	return true;
}

static bool
read_string(struct json_reader *r, struct text *out)
{
	if (!accept(r, '"'))
		return false;
	*out = read_plain(r);
	return accept(r, '"') || read_escaped(r, *out, out);
}

/* -- other values -- */

static bool
skip_digits(struct json_reader *r)
{
	const char *from = r->p;

	while (ascii_is_digit(peek(r)))
		r->p++;
	return r->p != from;
}

static bool
read_number(struct json_reader *r, struct json_value *v)
{
	const char *from = r->p;

	(void)accept(r, '-');
	if (!accept(r, '0') && !skip_digits(r))
		return false;
	if (accept(r, '.') && !skip_digits(r))
		return false;
	if (accept(r, 'e') || accept(r, 'E')) {
		if (!accept(r, '+'))
			(void)accept(r, '-');
		if (!skip_digits(r))
			return false;
	}
	v->kind = JSON_NUMBER;
	v->text = text_range(from, r->p);
	return true;
}

static bool
read_member(struct json_reader *r, struct json_value *v)
{
	if (!read_string(r, &v->name))
		return false;
	skip_space(r);
	return accept(r, ':') && read_value(r, v);
}

/* What is between the brackets, and the second of them. */
static bool
read_group(struct json_reader *r, struct json_value *group)
{
	const char end = group->kind == JSON_OBJECT ? '}' : ']';
	const struct json_value **tail = &group->first;
	struct json_value *v;

	skip_space(r);
	if (accept(r, end))
		return true;
	do {
		v = arena_zalloc(r->arena, sizeof(*v));
		skip_space(r);
		if (!(group->kind == JSON_OBJECT ? read_member(r, v) :
		    read_value(r, v)))
			return false;
		*tail = v;
		tail = &v->next;
		group->count++;
	} while (accept(r, ','));
	return accept(r, end);
}

static bool
read_nested(struct json_reader *r, struct json_value *v)
{
	bool good;

	v->kind = *r->p++ == '{' ? JSON_OBJECT : JSON_ARRAY;
	if (r->depth == JSON_DEPTH)
		return false;
	r->depth++;
	good = read_group(r, v);
	r->depth--;
	return good;
}

static bool
read_word(struct json_reader *r, struct json_value *v)
{
	v->truth = accept_word(r, TEXT("true"));
	v->kind = JSON_BOOL;
	if (v->truth || accept_word(r, TEXT("false")))
		return true;
	v->kind = JSON_NULL;
	return accept_word(r, TEXT("null"));
}

static bool
read_some(struct json_reader *r, struct json_value *v)
{
	switch (peek(r)) {
	case '{':
	case '[':
		return read_nested(r, v);
	case '"':
		v->kind = JSON_STRING;
		return read_string(r, &v->text);
	case 't':
	case 'f':
	case 'n':
		return read_word(r, v);
	default:
		return read_number(r, v);
	}
}

/* A value with the blanks around it. */
static bool
read_value(struct json_reader *r, struct json_value *v)
{
	skip_space(r);
	if (!read_some(r, v))
		return false;
	skip_space(r);
	return true;
}

const struct json_value *
json_read(struct arena *arena, struct text t)
{
	struct json_reader r = { .p = t.p, .end = t.p + t.n, .arena = arena };
	struct json_value *v = arena_zalloc(arena, sizeof(*v));

	return read_value(&r, v) && r.p == r.end ? v : NULL;
}

const struct json_value *
json_member(const struct json_value *object, const char *name)
{
	const struct text wanted = text_of(name);

	if (object == NULL || object->kind != JSON_OBJECT)
		return NULL;
	for (const struct json_value *v = object->first; v != NULL;
	    v = v->next) {
		if (text_eq(v->name, wanted))
			return v;
	}
	return NULL;
}

struct text
json_string(const struct json_value *v)
{
	return v != NULL && v->kind == JSON_STRING ? v->text : TEXT("");
}

bool
json_whole(const struct json_value *v, int64_t *value)
{
	struct text digits;
	uint64_t magnitude;
	bool minus;

	if (v == NULL || v->kind != JSON_NUMBER)
		return false;
	minus = v->text.p[0] == '-';
	digits = text_from(v->text, minus ? 1 : 0);
	if (!text_parse_u64(digits, INT64_MAX, &magnitude))
		return false;
	*value = minus ? -(int64_t)magnitude : (int64_t)magnitude;
	return true;
}
