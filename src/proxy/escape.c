/*
 * Quoted characters; see escape.h.  Each reader stops with ESCAPE_CUT where
 * the text ends before it is decided.
 */
#include "proxy/escape.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define MAX_LEVELS	2	/* of "25" behind "%" */
#define MAX_BACKSLASHES	7
#define MAX_DIGITS	7
#define BLOCK		64	/* bytes looked at together */

/* The text goes on with what at *at, which moves behind it. */
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

static unsigned
digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}

/* Two hexadecimal digits, which end it. */
static enum escape
read_pair(struct text t, size_t at, char *c, size_t *n)
{
	unsigned v = 0, d;

	for (size_t i = at; i < at + 2; i++) {
		if (i == t.n)
			return ESCAPE_CUT;
		if ((d = digit(t.p[i])) == 16)
			return ESCAPE_NONE;
		v = v << 4 | d;
	}
	*c = (char)v;
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

	while (at < MAX_BACKSLASHES && at < t.n && t.p[at] == '\\')
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

/* What follows "&#". */
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

static enum escape
read_entity(struct text t, char *c, size_t *n)
{
	size_t at = 1;

	if (skip(t, &at, TEXT("amp;")) == ESCAPE_CUT)
		return ESCAPE_CUT;
	if (skip(t, &at, TEXT("#")) == ESCAPE_READ)
		return read_number(t, at, c, n);
	return read_name(t, at, c, n);
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

/* The first letter of a name, "amp" included. */
static bool
begins_name(char c)
{
	return c == 'a' || c == 's' || c == 'p' || c == 'e' || c == 'l' ||
	    c == 'c';
}

/* What follows lets one begin there; nearly all are sorted out by this. */
static bool
may_begin(const char *p, const char *end)
{
	char c;

	if (p + 1 == end)
		return true;
	c = p[1];
	switch (*p) {
	case '%':
		return digit(c) < 16;
	case '\\':
		return c == '\\' || c == '/' || c == 'u' || c == 'x';
	}
	return c == '#' || begins_name(c);
}

/* A bit for each of at most BLOCK bytes that is a first character. */
static uint64_t
firsts_in(const char *p, size_t n)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < n; i++)
		bits |= (uint64_t)escape_begins_with(p[i]) << i;
	return bits;
}

#ifdef __SSE2__
/* Not 0 in each byte that is one. */
static __m128i
firsts_in_part(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);

	return _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('%')),
	    _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('&')),
	    _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));
}

static uint64_t
bits_of(__m128i v)
{
	return (unsigned)_mm_movemask_epi8(v);
}

static uint64_t
firsts_in_block(const char *p)
{
	__m128i a = firsts_in_part(p), b = firsts_in_part(p + 16),
	    c = firsts_in_part(p + 32), d = firsts_in_part(p + 48);

	if (bits_of(_mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d))) == 0)
		return 0;
	return bits_of(a) | bits_of(b) << 16 | bits_of(c) << 32 |
	    bits_of(d) << 48;
}
#else
static uint64_t
firsts_in_block(const char *p)
{
	return firsts_in(p, BLOCK);
}
#endif

/* The next block that has one; false where there is none. */
static bool
next_block(struct escape_walk *w)
{
	while (w->bits == 0 && w->end - w->next >= BLOCK) {
		w->block = w->next;
		w->next += BLOCK;
		w->bits = firsts_in_block(w->block);
	}
	if (w->bits == 0) {
		w->block = w->next;
		w->next = w->end;
		w->bits = firsts_in(w->block, (size_t)(w->end - w->block));
	}
	return w->bits != 0;
}

void
escape_walk_start(struct escape_walk *w, struct text t)
{
	*w = (struct escape_walk){ .next = t.p, .end = t.p };
	if (t.n != 0)
		w->end += t.n;
}

const char *
escape_walk_next(struct escape_walk *w)
{
	while (w->bits != 0 || next_block(w)) {
		const char *p = w->block + __builtin_ctzll(w->bits);

		w->bits &= w->bits - 1;
		if (may_begin(p, w->end))
			return p;
	}
	return NULL;
}
