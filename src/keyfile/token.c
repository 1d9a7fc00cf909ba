/*
 * The lexical rules of libconfig; see token.h.
 */
#include "keyfile/token.h"

#include <stdbool.h>
#include <string.h>

#include "conf/scan.h"

static size_t
min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' ||
	    c == '\f' || c == '\v';
}

/* How long the comment at the start is; 0: there is none. */
static size_t
comment_length(struct text t)
{
	const char *end;

	if (text_starts_with(t, TEXT("#")) ||
	    text_starts_with(t, TEXT("//"))) {
		end = memchr(t.p, '\n', t.n);
		return end != NULL ? (size_t)(end - t.p) : t.n;
	}
	if (text_starts_with(t, TEXT("/*"))) {
		end = memmem(t.p + 2, t.n - 2, "*/", 2);
		return end != NULL ? (size_t)(end + 2 - t.p) : t.n;
	}
	return 0;
}

static size_t
string_length(struct text t)
{
	size_t n = 1;

	while (n < t.n && t.p[n] != '"')
		n += t.p[n] == '\\' ? 2 : 1;
	return min_size(n + 1, t.n);
}

static size_t
word_length(struct text t)
{
	size_t n = 0;

	while (n < t.n && scan_is_word(t.p[n]))
		n++;
	return n;
}

static void
skip(struct text *rest, size_t n)
{
	rest->p += n;
	rest->n -= n;
}

static void
skip_blank(struct text *rest)
{
	size_t n;

	for (;;) {
		while (rest->n != 0 && is_space(rest->p[0]))
			skip(rest, 1);
		n = comment_length(*rest);
		if (n == 0)
			return;
		skip(rest, n);
	}
}

struct token
token_next(struct text *rest)
{
	struct token t = { .kind = TOKEN_END };
	size_t n;

	skip_blank(rest);
	t.text = (struct text){ .p = rest->p };
	if (rest->n == 0)
		return t;
	if (rest->p[0] == '"') {
		t.kind = TOKEN_STRING;
		n = string_length(*rest);
	} else if ((n = word_length(*rest)) != 0) {
		t.kind = TOKEN_WORD;
	} else {
		t.kind = TOKEN_SIGN;
		n = 1;
	}
	t.text.n = n;
	skip(rest, n);
	return t;
}

char
token_sign(struct token t)
{
	return t.kind == TOKEN_SIGN ? t.text.p[0] : '\0';
}

int
token_depth(struct token t)
{
	switch (token_sign(t)) {
	case '(':
	case '[':
	case '{':
		return 1;
	case ')':
	case ']':
	case '}':
		return -1;
	default:
		return 0;
	}
}
