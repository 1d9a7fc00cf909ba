/*
 * Texts; see text.h.
 */
#include "base/text.h"

#define CASE	0x20

bool
text_eq(struct text a, struct text b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
text_eq_nocase(struct text a, struct text b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		unsigned char c = (unsigned char)a.p[i];

		/* The cases of a letter differ in one bit. */
		if (a.p[i] != b.p[i] && ((c ^ b.p[i]) != CASE ||
		    (c | CASE) < 'a' || (c | CASE) > 'z'))
			return false;
	}
	return true;
}

int
text_compare(struct text a, struct text b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n != 0 ? memcmp(a.p, b.p, n) : 0;

	return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

bool
text_starts_with(struct text t, struct text prefix)
{
	return t.n >= prefix.n &&
	    text_eq((struct text){ .p = t.p, .n = prefix.n }, prefix);
}

bool
text_starts_with_nocase(struct text t, struct text prefix)
{
	return t.n >= prefix.n &&
	    text_eq_nocase((struct text){ .p = t.p, .n = prefix.n }, prefix);
}

bool
text_ends_with(struct text t, struct text suffix)
{
	return t.n >= suffix.n && text_eq(
	    (struct text){ .p = t.p + (t.n - suffix.n), .n = suffix.n },
	    suffix);
}

bool
text_contains(struct text t, struct text what)
{
	return what.n == 0 ||
	    (t.n != 0 && memmem(t.p, t.n, what.p, what.n) != NULL);
}

static bool
is_ows(char c)
{
	return c == ' ' || c == '\t';
}

bool
text_is_made_of(struct text t, const char *others)
{
	for (size_t i = 0; i < t.n; i++) {
		if (!ascii_is_alnum(t.p[i]) &&
		    !ascii_is_one_of(t.p[i], others))
			return false;
	}
	return true;
}

/* In UTF-8, which terminals read, C1 is 0xc2 and 0x80 to 0x9f. */
bool
text_has_control(struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		uint8_t c = (uint8_t)t.p[i];

		if (c < ' ' || c == 0x7f)
			return true;
		if (c == 0xc2 && t.n - i > 1 && (uint8_t)t.p[i + 1] >= 0x80 &&
		    (uint8_t)t.p[i + 1] < 0xa0)
			return true;
	}
	return false;
}

void
text_defuse(char *s, const char *keep)
{
	for (; *s != '\0'; s++) {
		uint8_t next = (uint8_t)s[1];

		if ((uint8_t)*s == 0xc2 && next >= 0x80 && next < 0xa0)
			s[0] = s[1] = '?';
		else if (((uint8_t)*s < ' ' || *s == 0x7f) &&
		    !ascii_is_one_of(*s, keep))
			*s = '?';
	}
}

bool
text_is_blank(struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		if (!ascii_is_blank(t.p[i]))
			return false;
	}
	return true;
}

struct text
text_line_end(struct text t)
{
	return t.n == 0 || t.p[t.n - 1] == '\n' ? TEXT("") : TEXT("\n");
}

struct text
text_trim(struct text t)
{
	while (t.n > 0 && is_ows(t.p[0])) {
		t.p++;
		t.n--;
	}
	while (t.n > 0 && is_ows(t.p[t.n - 1]))
		t.n--;
	return t;
}

bool
text_split(struct text *rest, char separator, struct text *part)
{
	const char *at;

	if (rest->p == NULL)
		return false;
	at = rest->n != 0 ? memchr(rest->p, separator, rest->n) : NULL;
	if (at == NULL) {
		*part = *rest;
		*rest = (struct text){ .p = NULL, .n = 0 };
		return true;
	}
	*part = (struct text){ .p = rest->p, .n = (size_t)(at - rest->p) };
	rest->p = at + 1;
	rest->n -= part->n + 1;
	return true;
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return 16;
}

static bool
parse_digits(struct text t, unsigned base, uint64_t max, uint64_t *value)
{
	uint64_t v = 0;

	if (t.n == 0)
		return false;
	for (size_t i = 0; i < t.n; i++) {
		unsigned d = (unsigned)digit_value(t.p[i]);

		if (d >= base || d > max || v > (max - d) / base)
			return false;
		v = v * base + d;
	}
	*value = v;
	return true;
}

struct text
text_of_u64(uint64_t v, char digits[TEXT_DIGITS])
{
	size_t i = TEXT_DIGITS;

	do {
		digits[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	return (struct text){ .p = digits + i, .n = TEXT_DIGITS - i };
}

bool
text_parse_u64(struct text t, uint64_t max, uint64_t *value)
{
	return parse_digits(t, 10, max, value);
}

bool
text_parse_hex(struct text t, uint64_t max, uint64_t *value)
{
	return parse_digits(t, 16, max, value);
}
