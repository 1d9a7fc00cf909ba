/*
 * The lexical look at a configuration; see scan.h.  Knows comments, strings
 * and numbers as libconfig's scanner does, and no option.  Prints nothing of
 * the text, which may be secret.
 */
#include "conf/scan.h"

struct scan {
	struct text rest;
	unsigned line;
	bool sealed;
	bool readable;
	const char *file;
	struct conf_faults *faults;
};

static bool
starts(const struct scan *s, const char *what)
{
	return text_starts_with(s->rest, text_of(what));
}

static void
advance(struct scan *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s->rest.p[i] == '\n')
			s->line++;
	}
	s->rest.p += n;
	s->rest.n -= n;
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
	while (s->rest.n > 0 && s->rest.p[0] != '\n')
		advance(s, 1);
}

static void
skip_comment(struct scan *s)
{
	unsigned from = s->line;

	advance(s, 2);
	while (s->rest.n > 0 && !starts(s, "*/"))
		advance(s, 1);
	if (s->rest.n == 0)
		refuse(s, from, "this comment has no end");
	else
		advance(s, 2);
}

/* One character of a string, or one escape. */
static void
skip_character(struct scan *s)
{
	if (starts(s, "\\x00") || starts(s, "\\X00"))
		conf_fault(s->faults, s->file, s->line,
		    "a text cannot hold a NUL (\\x00)");
	advance(s, s->rest.p[0] == '\\' && s->rest.n > 1 ? 2 : 1);
}

static void
skip_string(struct scan *s)
{
	unsigned from = s->line;

	advance(s, 1);
	while (s->rest.n > 0 && s->rest.p[0] != '"')
		skip_character(s);
	if (s->rest.n == 0)
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
	const char *from = s->rest.p, *at;
	bool hex = starts(s, "0x") || starts(s, "0X");
	bool number = from[0] == '-' || from[0] == '+' ||
	    (from[0] >= '0' && from[0] <= '9');
	size_t n = 0;

	while (n < s->rest.n && is_word(from[n]))
		n++;
	at = from + (hex ? 2 : from[0] == '-' || from[0] == '+' ? 1 : 0);
	while (at < from + n && *at == '0')
		at++;
	if (number && from + n - at > (hex ? 7 : 9))
		conf_fault(s->faults, s->file, s->line,
		    "this number is too large");
	advance(s, n);
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
	} else if (is_word(s->rest.p[0])) {
		skip_word(s);
	} else {
		if (s->rest.p[0] == '@' && s->sealed)
			refuse(s, s->line, "a sealed file cannot use "
			    "@include: its content must be its own");
		advance(s, 1);
	}
}

bool
scan_text(struct text t, bool sealed, const char *file,
    struct conf_faults *faults)
{
	struct scan s = { .rest = t, .line = 1, .sealed = sealed,
		.readable = true, .file = file, .faults = faults };
	const char *nul = t.n != 0 ? memchr(t.p, '\0', t.n) : NULL;

	if (nul != NULL) {
		s.rest = t;
		while (s.rest.p < nul)
			advance(&s, 1);
		refuse(&s, s.line, "holds a NUL byte: not a text");
		return false;
	}
	while (s.rest.n > 0)
		scan_next(&s);
	return s.readable;
}
