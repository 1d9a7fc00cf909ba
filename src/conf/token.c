/*
 * The lexical rules of libconfig; see token.h.
 */
#include "conf/token.h"

#include <string.h>

static bool
is_space(char c)
{
	return ascii_is_one_of(c, " \t\n\r\f");
}

static bool
is_word(char c)
{
	return ascii_is_alnum(c) || ascii_is_one_of(c, "_-*.+");
}

static bool
begins_comment(struct text t)
{
	return text_starts_with(t, TEXT("#")) ||
	    text_starts_with(t, TEXT("//")) ||
	    text_starts_with(t, TEXT("/*"));
}

/*
 * The length up to the newline, or to the end of a comment that may have
 * several lines.
 */
static size_t
comment_length(struct text t, bool *open)
{
	bool lines = text_starts_with(t, TEXT("/*"));
	const char *end = lines ? memmem(t.p + 2, t.n - 2, "*/", 2) :
	    memchr(t.p, '\n', t.n);

	*open = lines && end == NULL;
	if (end == NULL)
		return t.n;
	return (size_t)(end - t.p) + (lines ? 2 : 0);
}

size_t
token_escape(struct text t)
{
	return t.p[0] == '\\' && t.n > 1 ? 2 : 1;
}

/*
 * libconfig lets a string go on in the next line, which no option accepts: such
 * a string lacks a quote.
 */
static size_t
string_length(struct text t, bool *open)
{
	size_t n = 1;

	while (n < t.n && t.p[n] != '"' && t.p[n] != '\n')
		n += token_escape(text_from(t, n));
	*open = n == t.n || t.p[n] == '\n';
	return *open ? n : n + 1;
}

static size_t
word_length(struct text t)
{
	size_t n = 0;

	while (n < t.n && is_word(t.p[n]))
		n++;
	return n;
}

struct token
token_next_or_comment(struct text *rest)
{
	struct token t = { .kind = TOKEN_END };
	size_t n = 0;

	while (rest->n != 0 && is_space(rest->p[0]))
		*rest = text_from(*rest, 1);
	if (begins_comment(*rest)) {
		t.kind = TOKEN_COMMENT;
		n = comment_length(*rest, &t.open);
	} else if (text_starts_with(*rest, TEXT("\""))) {
		t.kind = TOKEN_STRING;
		n = string_length(*rest, &t.open);
	} else if ((n = word_length(*rest)) != 0) {
		t.kind = TOKEN_WORD;
	} else if (rest->n != 0) {
		t.kind = TOKEN_SIGN;
		n = 1;
	}
	t.text = (struct text){ .p = rest->p, .n = n };
	*rest = text_from(*rest, n);
	return t;
}

struct token
token_next(struct text *rest)
{
	struct token t = token_next_or_comment(rest);

	while (t.kind == TOKEN_COMMENT)
		t = token_next_or_comment(rest);
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
