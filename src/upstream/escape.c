/*
 * Quoted characters; see escape.h.  Each reader returns ESCAPE_CUT if the text
 * ends too early to decide.
 */
#include "upstream/escape.h"

#include <stdint.h>
#include <string.h>

#define MAX_LEVELS	2	/* how many "25" may follow "%" */
#define MAX_DIGITS	7

/* Whether the text goes on with what at *at, which then moves behind it. */
static enum escape
skip(struct text t, size_t *at, struct text what)
{
	size_t left = t.n - *at;
	size_t n = left < what.n ? left : what.n;

	if (n != 0 && t.p[*at] != what.p[0])
		return ESCAPE_NONE;
	if (memcmp(t.p + *at, what.p, n) != 0)
		return ESCAPE_NONE;
	if (n < what.n)
		return ESCAPE_CUT;
	*at += n;
	return ESCAPE_READ;
}

/* The value of a hexadecimal digit; 16 for any other character. */
static unsigned
digit(char c)
{
	static const uint8_t values[256] = {
		['0'] = 16, 1, 2, 3, 4, 5, 6, 7, 8, 9,
		['A'] = 10, 11, 12, 13, 14, 15,
		['a'] = 10, 11, 12, 13, 14, 15,
	};
	unsigned v = values[(uint8_t)c];

	/* In the table 16 means 0 and 0 means 16, which keeps it short. */
	return v != 0 ? v & 15 : 16;
}

/* Two hexadecimal digits, which end the escape. */
static enum escape
read_pair(struct text t, size_t at, char *c, size_t *n)
{
	unsigned high, low;

	if (at == t.n)
		return ESCAPE_CUT;
	if ((high = digit(t.p[at])) == 16)
		return ESCAPE_NONE;
	if (at + 1 == t.n)
		return ESCAPE_CUT;
	if ((low = digit(t.p[at + 1])) == 16)
		return ESCAPE_NONE;
	*c = (char)(high << 4 | low);
	*n = at + 2;
	return ESCAPE_READ;
}

static enum escape
read_percent(struct text t, char *c, size_t *n)
{
	size_t at = 1;

	for (int i = 0; i < MAX_LEVELS && t.n - at >= 2 &&
	    t.p[at] == '2' && t.p[at + 1] == '5'; i++)
		at += 2;
	return read_pair(t, at, c, n);
}

static enum escape
read_backslash(struct text t, char *c, size_t *n)
{
	enum escape zeros;
	size_t at = 1;

	while (at < ESCAPE_BACKSLASHES && at < t.n && t.p[at] == '\\')
		at++;
	if (at == t.n)
		return ESCAPE_CUT;
	switch (t.p[at++]) {
	case '/':
		*c = '/';
		*n = at;
		return ESCAPE_READ;
	case 'x':
		return read_pair(t, at, c, n);
	case 'u':
		zeros = skip(t, &at, TEXT("00"));
		return zeros == ESCAPE_READ ? read_pair(t, at, c, n) : zeros;
	}
	return ESCAPE_NONE;
}

/* The rest after "&#". */
static enum escape
read_number(struct text t, size_t at, char *c, size_t *n)
{
	unsigned base = 10, v = 0, d;
	size_t first;

	if (at < t.n && ascii_lower(t.p[at]) == 'x') {
		base = 16;
		at++;
	}
	for (first = at; at < t.n && at - first < MAX_DIGITS; at++) {
		if ((d = digit(t.p[at])) >= base)
			break;
		v = v * base + d;
	}
	if (at == t.n)
		return ESCAPE_CUT;
	if (t.p[at] != ';' || at == first || v > 0x7f)
		return ESCAPE_NONE;
	*c = (char)v;
	*n = at + 1;
	return ESCAPE_READ;
}

static enum escape
read_name(struct text t, size_t at, char *c, size_t *n)
{
	static const struct {
		const char *name;
		char c;
	} names[] = {
		{ "sol;", '/' }, { "plus;", '+' }, { "equals;", '=' },
		{ "lowbar;", '_' }, { "period;", '.' }, { "colon;", ':' },
	};
	enum escape worst = ESCAPE_NONE;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		enum escape e;

		if (at < t.n && t.p[at] != *names[i].name)
			continue;
		e = skip(t, &at, text_of(names[i].name));

		if (e == ESCAPE_READ) {
			*c = names[i].c;
			*n = at;
			return e;
		}
		if (e == ESCAPE_CUT)
			worst = e;
	}
	return worst;
}

/* Whether a name may begin with this letter, "amp" included. */
static bool
begins_name(char c)
{
	return c == 'a' || c == 's' || c == 'p' || c == 'e' || c == 'l' ||
	    c == 'c';
}

static enum escape
read_entity(struct text t, char *c, size_t *n)
{
	enum escape amp;
	size_t at = 1;

	if (t.n == at)
		return ESCAPE_CUT;
	if (t.p[at] == 'a' &&
	    (amp = skip(t, &at, TEXT("amp;"))) != ESCAPE_READ)
		return amp;
	if (t.n == at)
		return ESCAPE_CUT;
	if (t.p[at] == '#')
		return read_number(t, at + 1, c, n);
	return begins_name(t.p[at]) ? read_name(t, at, c, n) : ESCAPE_NONE;
}

enum escape
escape_read(struct text t, char *c, size_t *n)
{
	if (t.n == 0)
		return ESCAPE_NONE;
	switch (t.p[0]) {
	case '%':
		return read_percent(t, c, n);
	case '\\':
		return read_backslash(t, c, n);
	case '&':
		return read_entity(t, c, n);
	}
	return ESCAPE_NONE;
}

bool
escape_may_begin(struct text t)
{
	return t.n != 0 && (memchr(t.p, '%', t.n) != NULL ||
	    memchr(t.p, '\\', t.n) != NULL || memchr(t.p, '&', t.n) != NULL);
}

const uint8_t escape_bounds[4][256] = {
	[1] = {
		['0'] = 3, 3, 3 + 2 * MAX_LEVELS, 3, 3, 3, 3, 3, 3, 3,
		['A'] = 3, 3, 3, 3, 3, 3,
		['a'] = 3, 3, 3, 3, 3, 3,
	},
	[2] = {
		['/'] = 2, ['x'] = 4, ['u'] = 6,
		['\\'] = ESCAPE_BACKSLASHES + 5,
	},
	[3] = {
		['#'] = ESCAPE_MAX - 4,
		['a'] = ESCAPE_MAX, ['s'] = 8, ['p'] = 8, ['e'] = 8,
		['l'] = 8, ['c'] = 8,
	},
};

/* Escapes end with these only; the text after them can be anything. */
static bool
may_end_with(char c)
{
	return digit(c) < 16 || c == ';' || c == '/';
}

size_t
escape_ending(struct text t, char *c)
{
	size_t longest = 0;

	if (t.n < 2 || !may_end_with(t.p[t.n - 1]))
		return 0;
	for (size_t n = 2; n <= t.n && n <= ESCAPE_MAX; n++) {
		struct text last = { .p = t.p + t.n - n, .n = n };
		size_t length;

		if (!escape_begins_with(last.p[0])) {
			if (longest != 0)
				break;
			continue;
		}
		if (escape_read(last, c, &length) == ESCAPE_READ &&
		    length == n)
			longest = n;
		if (last.p[0] != '\\')
			break;
	}
	return longest;
}

size_t
escape_cut(struct text t)
{
	size_t n = t.n < ESCAPE_MAX - 1 ? t.n : ESCAPE_MAX - 1, length;
	char c;

	if (!escape_may_begin(text_from(t, t.n - n)))
		return t.n;
	for (; n > 0; n--) {
		struct text last = { .p = t.p + t.n - n, .n = n };

		if (escape_read(last, &c, &length) == ESCAPE_CUT)
			break;
	}
	return t.n - n;
}
