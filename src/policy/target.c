/*
 * Request targets as bytes; see target.h.  Knows no routes.  Called where an
 * exchange begins, by the judge and by `explain`.
 */
#include "policy/target.h"

#include <stdbool.h>

#include "base/buf.h"
#include "http/rules.h"

static size_t
count_raw(struct text t)
{
	bool in_query = false;
	size_t n = 0;

	for (size_t i = 0;; i++) {
		i += rules_span(text_from(t, i), CHAR_TARGET);
		if (i == t.n)
			return n;
		in_query |= t.p[i] == '?';
		n += target_takes_raw(t.p[i], in_query);
	}
}

struct text
target_encode(struct text t, struct arena *arena)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t raw = count_raw(t), n = 0;
	bool in_query = false;
	char *out;

	if (raw == 0)
		return t;
	out = arena_alloc(arena, t.n + 2 * raw);
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];

		in_query |= c == '?';
		if (!target_takes_raw((char)c, in_query)) {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '%';
		out[n++] = digits[c >> 4];
		out[n++] = digits[c & 15];
	}
	return (struct text){ .p = out, .n = n };
}

/* -- what is refused -- */

static const char *
say_where(struct text target, size_t at, size_t n, const char *what,
    struct arena *arena)
{
	const char *mark = memchr(target.p, '?', at), *said;
	size_t begin = mark != NULL ? (size_t)(mark + 1 - target.p) : 0;
	struct buf out;

	buf_init(&out, NULL);
	buf_printf(&out, "\"%.*s\" at byte %zu of the %s is %s", (int)n,
	    target.p + at, at - begin + 1, mark != NULL ? "query" : "path",
	    what);
	said = arena_cstr(arena, buf_text(&out));
	buf_release(&out);
	return said;
}

static bool
is_digits(struct text t)
{
	return t.n == 2 && char_is(t.p[0], CHAR_HEX) &&
	    char_is(t.p[1], CHAR_HEX);
}

/* "%00" to "%1F", and "%7F". */
static bool
is_control(struct text digits)
{
	return digits.p[0] == '0' || digits.p[0] == '1' ||
	    (digits.p[0] == '7' && ascii_lower(digits.p[1]) == 'f');
}

const char *
target_refusal(struct text t, struct arena *arena)
{
	struct text digits;

	if (text_eq(t, TEXT("*")))
		return NULL;
	if (t.n == 0 || t.p[0] != '/')
		return "the target is no path";
	if (t.n > 1 && t.p[1] == '/')
		return "the path begins with \"//\"; does the client's base "
		       "URL end in a slash?";
	for (size_t i = 0;; i++) {
		i += rules_span(text_from(t, i), CHAR_TARGET);
		if (i == t.n)
			return NULL;
		if (t.p[i] == '?')
			continue;
		if (t.p[i] != '%')
			return "the target holds a byte that must be encoded";
		digits = text_range(t.p + i + 1, t.p + (t.n - i < 3 ? t.n :
		    i + 3));
		if (!is_digits(digits))
			return "a \"%\" stands without two hexadecimal digits";
		if (is_control(digits))
			return say_where(t, i, 3, "a control character",
			    arena);
		i += 2;
	}
}

const char *
target_stripped_refusal(struct text t)
{
	return t.n > 1 && t.p[0] == '/' && t.p[1] == '/' ?
	    "without the route's path it begins with \"//\"" : NULL;
}
