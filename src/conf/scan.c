/*
 * The lexical look at a configuration; see scan.h.  Knows comments, strings
 * and numbers as libconfig's scanner does, and no option.  Prints nothing of
 * the text, which may be secret.
 */
#include "conf/scan.h"

/* Deeper than any option goes. */
#define DEPTH	32

struct scan {
	char *at, *end;
	unsigned line;
	char last;		/* how the last token began; 0: none */
	char open[DEPTH];	/* the brackets around it */
	size_t depth;
	bool sealed;
	bool readable;
	const char *file;
	struct conf_faults *faults;
};

static bool
starts(const struct scan *s, const char *what)
{
	return text_starts_with(text_range(s->at, s->end), text_of(what));
}

static void
advance(struct scan *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s->at[i] == '\n')
			s->line++;
	}
	s->at += n;
}

static void
refuse(struct scan *s, unsigned line, const char *why)
{
	conf_fault(s->faults, s->file, line, "%s", why);
	s->readable = false;
}

static void
skip_line(struct scan *s)
{
	while (s->at < s->end && *s->at != '\n')
		advance(s, 1);
}

static void
skip_comment(struct scan *s)
{
	unsigned from = s->line;

	advance(s, 2);
	while (s->at < s->end && !starts(s, "*/"))
		advance(s, 1);
	if (s->at == s->end)
		refuse(s, from, "this comment has no end");
	else
		advance(s, 2);
}

/* One character of a string, or one escape. */
static void
skip_character(struct scan *s)
{
	if (starts(s, "\\x00") || starts(s, "\\X00"))
		s->at[3] = '1';
	advance(s, *s->at == '\\' && s->end - s->at > 1 ? 2 : 1);
}

/* A value is expected: behind "=", in a list, or to be continued. */
static bool
takes_string(const struct scan *s)
{
	char open = s->depth > 0 ? s->open[s->depth - 1] : '{';

	switch (s->last) {
	case '=':
	case ':':
	case '"':
	case '@':
		return true;
	case '(':
	case '[':
	case ',':
		return open != '{';
	default:
		return false;
	}
}

static void
skip_string(struct scan *s)
{
	unsigned from = s->line;

	if (!takes_string(s))
		refuse(s, from, "syntax error: no text in quotes can stand "
		    "here; is '=' missing before it?");
	s->last = '"';
	advance(s, 1);
	while (s->at < s->end && *s->at != '"')
		skip_character(s);
	if (s->at == s->end)
		refuse(s, from, "this text in quotes has no end");
	else
		advance(s, 1);
}

static bool
is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || c == '_' || c == '-' || c == '*' ||
	    c == '.' || c == '+';
}

/*
 * libconfig keeps 32 bits of a number without "L" and does not say so.  Nine
 * decimal or seven hexadecimal digits always fit, and no option needs more.
 */
static void
skip_word(struct scan *s)
{
	const char *from = s->at, *at, *end;
	bool hex = starts(s, "0x") || starts(s, "0X");
	bool number = from[0] == '-' || from[0] == '+' ||
	    (from[0] >= '0' && from[0] <= '9');
	size_t n = 0;

	while (from + n < s->end && is_word(from[n]))
		n++;
	at = from + (hex ? 2 : from[0] == '-' || from[0] == '+' ? 1 : 0);
	end = from + n;
	while (end > at && *(end - 1) == 'L')
		end--;
	while (at < end && *at == '0')
		at++;
	if (number && end - at > (hex ? 7 : 9))
		conf_fault(s->faults, s->file, s->line,
		    "this number is too large");
	advance(s, n);
}

static void
skip_bracket(struct scan *s)
{
	char c = *s->at;

	if (c == '(' || c == '[' || c == '{') {
		if (s->depth == DEPTH) {
			refuse(s, s->line, "nested too deeply");
			s->at = s->end;
			return;
		}
		s->open[s->depth++] = c;
	} else if ((c == ')' || c == ']' || c == '}') && s->depth > 0) {
		s->depth--;
	}
	advance(s, 1);
}

/* Punctuation and space. */
static void
skip_other(struct scan *s)
{
	char c = *s->at;

	if (c == '@' && s->sealed)
		refuse(s, s->line, "a sealed file cannot use @include: its "
		    "content must be its own");
	skip_bracket(s);
	if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f')
		s->last = c;
}

static void
scan_next(struct scan *s)
{
	if (starts(s, "#") || starts(s, "//")) {
		skip_line(s);
	} else if (starts(s, "/*")) {
		skip_comment(s);
	} else if (starts(s, "\"")) {
		skip_string(s);
	} else if (is_word(*s->at)) {
		skip_word(s);
		if (s->last != '@')
			s->last = 'a';
	} else {
		skip_other(s);
	}
}

bool
scan_text(char *p, size_t n, bool sealed, const char *file,
    struct conf_faults *faults)
{
	struct scan s = { .at = p, .end = p + n, .line = 1, .sealed = sealed,
		.readable = true, .file = file, .faults = faults };
	const char *nul = memchr(p, '\0', n);

	if (nul != NULL) {
		advance(&s, (size_t)(nul - p));
		refuse(&s, s.line, "holds a NUL byte: not a text");
		return false;
	}
	while (s.at < s.end)
		scan_next(&s);
	return s.readable;
}
